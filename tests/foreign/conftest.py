"""Two environments of other versions, made once a session and shared by the processes that test."""

import subprocess
from pathlib import Path

import pytest

from vaticina.foreign.environment import Environment, ensure_environment
from vaticina.foreign.pins import environment_spec

PYENV = (Path.home() / ".pyenv",)
OLD = environment_spec("1.0.2", (), python="3.10")
PAIR = environment_spec(
    "1.1.3", ("sklearn.compose._column_transformer.ColumnTransformer", "lightgbm.basic.Booster"), "3.9"
)


@pytest.fixture(scope="session")
def old(environments: Path) -> Environment:
    """scikit-learn 1.0.2 on Python 3.10: the documented versions."""
    return ensure_environment(OLD, environments, PYENV)


@pytest.fixture(scope="session")
def pair(environments: Path) -> Environment:
    """scikit-learn 1.1.3 and LightGBM 3.3.5 on Python 3.9."""
    return ensure_environment(PAIR, environments, PYENV)


def dumped(environment: Environment, folder: Path, lines: str) -> bytes:
    """The pickle of ``value`` once ``lines`` ran in that environment."""
    file = folder / "dumped.pkl"
    program = f"{lines}\nimport pickle\npickle.dump(value, open({str(file)!r}, 'wb'), protocol=4)"
    subprocess.run([environment.python, "-I", "-W", "ignore", "-c", program], check=True)
    return file.read_bytes()
