"""A trained project and a server of it, shared by the tests that leave it running."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.shell import done, write_project
from tests.e2e.process import Server, serve
from tests.variables import VARIABLES


@pytest.fixture(autouse=True)
def without_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None of the machine's variables, and no project around."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def risk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a version in production: age, sex and smoker tell the risk."""
    folder = write_project(tmp_path_factory.mktemp("client") / "risk")
    done("train", folder)
    return folder


@pytest.fixture(scope="session")
def served(risk: Path) -> Iterator[Server]:
    """The project's server, which nobody stops."""
    with serve(risk) as server:
        yield server


@pytest.fixture(scope="session")
def parquet(risk: Path) -> Path:
    """Test data as the documented client finds them: the label first, optional values missing here and there."""
    path = risk / "test_data.parquet"
    ages = list(range(20, 80))
    columns = {
        "risk": ["high" if age > 50 else "low" for age in ages],
        "age": pa.array([float(age) for age in ages]),  # as pandas leaves whole numbers beside a gap
        "sex": ["fm"[age % 2] for age in ages],
        "smoker": pa.array([None if age % 3 == 0 else age % 3 == 1 for age in ages]),
    }
    pq.write_table(pa.table(columns), path)  # type: ignore[no-untyped-call]
    return path
