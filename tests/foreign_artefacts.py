"""The models of other versions in ``tests/artefacts/foreign``; its ``SOURCE.md`` says what made them."""

from pathlib import Path

import pytest

FOREIGN = Path(__file__).parent / "artefacts" / "foreign"
CLUSTER_SET = FOREIGN / "sk102"
PAIR = FOREIGN / "pair"

needs_python_3_9 = pytest.mark.system("python3.9")
"""The test reads ``PAIR`` with the versions that made it."""

needs_python_3_10 = pytest.mark.system("python3.10")
"""The test reads ``CLUSTER_SET``, or another file of scikit-learn 1.0.2, with the versions that made it."""
