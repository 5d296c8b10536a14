from pathlib import Path

import pytest

from tests.e2e.toy import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """A project with a published version in production, its store beside it."""
    found = Toy(tmp_path)
    found.publish(1.0)
    return found
