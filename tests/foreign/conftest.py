"""Environments of other versions, two in all, made once a session and shared by the processes that test."""

import subprocess
from pathlib import Path

import pytest

from vaticina.foreign.environment import Environment, environment
from vaticina.foreign.pins import Wanted, wanted

PYENV = (Path.home() / ".pyenv",)
OLD = wanted("1.0.2", (), python="3.10")
PAIR = wanted("1.1.3", ("sklearn.compose._column_transformer.ColumnTransformer", "lightgbm.basic.Booster"), "3.9")


@pytest.fixture(scope="session")
def old(environments: Path) -> Environment:
    """scikit-learn 1.0.2 on Python 3.10: the documented versions."""
    return _made(OLD, environments)


@pytest.fixture(scope="session")
def pair(environments: Path) -> Environment:
    """scikit-learn 1.1.3 and LightGBM 3.3.5 on Python 3.9."""
    return _made(PAIR, environments)


def _made(one: Wanted, environments: Path) -> Environment:
    return environment(one, environments, PYENV)


def dumped(environment: Environment, folder: Path, lines: str) -> bytes:
    """The pickle of ``made`` once ``lines`` ran in that environment."""
    file = folder / "dumped.pkl"
    program = f"{lines}\nimport pickle\npickle.dump(made, open({str(file)!r}, 'wb'), protocol=4)"
    subprocess.run([environment.python, "-I", "-W", "ignore", "-c", program], check=True)
    return file.read_bytes()
