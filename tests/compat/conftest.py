"""The examples, each made and trained once by the commands of its own guide."""

from pathlib import Path

import pytest

from tests.compat.terminal import Terminal
from tests.compat.walks import steps


@pytest.fixture(scope="session")
def medico(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """medico's folder, trained as its guide says."""
    return _made(tmp_path_factory.mktemp("medico"), "medico")


@pytest.fixture(scope="session")
def contugas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """contugas' folder, trained as its guide says."""
    return _made(tmp_path_factory.mktemp("contugas"), "contugas")


@pytest.fixture(scope="session")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """series' folder with its data, as its guide says."""
    return _made(tmp_path_factory.mktemp("series"), "series")


def _made(place: Path, example: str) -> Path:
    for line in steps(example).prepare:
        Terminal(place / example if (place / example).is_dir() else place).run(line)
    return place / example
