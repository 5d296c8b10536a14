"""An import opens files in a child process: within limits, without secrets, and one line tells how it failed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from tests.api.clinic import wait_until
from tests.cli.shell import vaticina
from tests.formats.churn import saved
from tests.usecases.rude_models import (
    Crashing,
    Curious,
    Fruitful,
    Greedy,
    Hungry,
    Idle,
    Killed,
    Leaving,
    Polite,
)
from vaticina.contract import load_project
from vaticina.contract.project import HistorySection
from vaticina.errors import ImportRefused
from vaticina.usecases.import_process import run_import
from vaticina.usecases.import_request import ImportRequest, isolation_of, read_project, written_project

SECRET = "hunter2-is-the-password"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the import has its scratch folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def request(model: Polite, folder: Path) -> ImportRequest:
    """The import of ``model``, whose class is allowed."""
    file = saved(model, folder / "model.pkl")
    name = f"{type(model).__module__}.{type(model).__name__}"
    return ImportRequest(place=file, target=folder / "rude", isolation=isolation_of(None), allow=frozenset({name}))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Killed(), r"model\.pkl was killed, most likely because the machine has no more memory"),
        (Leaving(), r"model\.pkl ended with exit code 7: the licence has expired"),
    ],
)
def test_a_crash_is_one_error_that_names_the_file(model: Polite, reason: str, tmp_path: Path, temporary: Path) -> None:
    with pytest.raises(ImportRefused, match=reason):
        run_import(request(model, tmp_path))
    assert list(temporary.iterdir()) == [], "nothing stays behind"


def test_the_command_line_tells_a_crash_in_one_line(tmp_path: Path) -> None:
    file = saved(Crashing(), tmp_path / "model.pkl")
    allow = ("--allow", f"{Crashing.__module__}.Crashing")
    ran = vaticina("import", file, "--name", "rude", "--folder", tmp_path, *allow, "--json")
    assert ran.code == 1
    assert ran.json["code"] == "import_refused"
    assert "error: The process that opens" in ran.err
    assert "model.pkl crashed (SIGSEGV): the file is damaged or forged" in ran.json["message"]
    assert not (tmp_path / "rude").exists()


def test_more_memory_than_an_import_may_hold_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATICINA_IMPORT_MEMORY", "0.75")
    with pytest.raises(ImportRefused, match=r"needs more than 0\.75 GiB of memory.* set VATICINA_IMPORT_MEMORY higher"):
        run_import(request(Hungry(), tmp_path))


def test_more_addresses_than_there_are_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"Unable to allocate"):
        run_import(request(Greedy(), tmp_path))


def test_more_time_than_an_import_may_take_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATICINA_IMPORT_MINUTES", "0.05")
    with pytest.raises(ImportRefused, match=r"takes more than 0\.05 minutes.* set VATICINA_IMPORT_MINUTES higher"):
        run_import(request(Idle(), tmp_path))


def test_the_child_sees_no_secret_and_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{SECRET}@localhost/history")
    notes = tmp_path / "notes.json"
    run_import(request(Curious(notes), tmp_path))
    seen = json.loads(notes.read_text(encoding="utf-8"))
    assert SECRET not in notes.read_text(encoding="utf-8")
    names = {line.partition("=")[0] for line in seen["environment"].split("\0") if line}
    assert names <= {"HOME", "TMPDIR", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "TZ"}
    assert seen["home"].startswith(str(tmp_path / "temporary"))
    assert (seen["input"], seen["session"]) == ("", True)
    opened = {"vaticina.history", "vaticina.bootstrap", "vaticina.registry.store"}
    assert opened.isdisjoint(seen["modules"]), "neither history nor registry is within its reach"


def test_of_a_project_the_child_gets_nothing_that_only_its_server_needs(tmp_path: Path) -> None:
    file = tmp_path / "project.toml"
    file.write_text(
        f"""
[project]
name = "rude"
[import]
models = "models"
python = "3.9"
[inputs.x0]
type = "number"
max = 3
[inputs.kind]
type = "category"
seen = ["a", "b"]
[model]
kind = "imported"
threshold = 0.3
[history]
url = "postgresql://me:{SECRET}@localhost/history"
""",
        encoding="utf-8",
    )
    project = load_project(tmp_path)
    written = written_project(project)
    assert SECRET not in json.dumps(written)
    plain = project.model_copy(update={"history": HistorySection()})
    assert read_project(written).model_dump() == plain.model_dump()
    assert read_project(written).folder == project.folder


def test_what_a_child_starts_ends_with_the_import(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    run_import(request(Fruitful(notes), tmp_path))
    wait_until(lambda: not is_running(int(notes.read_text(encoding="utf-8"))))


def test_who_imports_never_loads_a_training_library(tmp_path: Path) -> None:
    """As ``vaticina import`` and a server's watcher do."""
    file = saved(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "model.pkl")
    program = """
import sys
from pathlib import Path
from vaticina.usecases.import_process import run_import
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.publish_import import publish_import
request = ImportRequest(place=Path(sys.argv[1]), target=Path(sys.argv[2]), isolation=isolation_of(None))
published = publish_import(request, run_import(request))
heavy = {"sklearn", "onnx", "pandas", "joblib", "lightgbm", "vaticina.usecases.adopt", "vaticina.pickles.audit"}
print(published.manifest.runtime, *sorted(heavy.intersection(sys.modules)))
"""
    command = [sys.executable, "-c", program, str(file), str(tmp_path / "plain")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["onnx"]


def is_running(process: int) -> bool:
    """Whether a process runs; one that has ended may wait for its parent as a zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"
