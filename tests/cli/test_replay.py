"""``vaticina replay`` from the command line."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.clinic import wait_until
from tests.cli.shell import done, vaticina, write_project, write_rows
from tests.e2e.process import Server, environment, free_port, serve
from vaticina.cli.replay import read_delay
from vaticina.extras import how_to_install


@pytest.fixture(scope="module")
def served(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = shutil.copytree(trained_once, tmp_path_factory.mktemp("served") / "risk")
    with serve(Path(folder)) as server:
        yield server


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.csv")


@pytest.fixture
def url(served: Server) -> str:
    return f"http://127.0.0.1:{served.port}"


def total(url: str) -> int:
    """How many predictions the server has recorded."""
    found: int = httpx.get(f"{url}/predictions/stats", timeout=60).json()["total"]
    return found


def test_a_summary_is_printed(rows: Path, url: str) -> None:
    ran = done("replay", rows, "--url", url, "--delay", "0-0.01")
    lines = ran.out.splitlines()
    assert lines[0].startswith("100 of 100 answered in ")
    assert lines[1].startswith("agreement with risk: ")
    assert [line.split()[0] for line in lines[2:]] == ["latency", "p50", "p90", "p95", "p99", "max"]


def test_a_script_gets_json(rows: Path, url: str) -> None:
    facts = done("replay", rows, "--url", url, "--delay", "0", "--count", "20", "--json").json
    assert (facts["count"], facts["answered"], facts["failed"], facts["interrupted"]) == (20, 20, 0, False)
    assert facts["agreement"]["compared"] == 20
    assert facts["latency_ms"].keys() == {"p50", "p90", "p95", "p99", "max"}


def test_server_host_names_the_server(
    rows: Path, served: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("replay", rows, "--delay", "0", "--count", "5", "--wait", "0")
    monkeypatch.setenv("SERVER_HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(served.port))
    assert done(*words, "--json").json["answered"] == 5
    monkeypatch.delenv("PORT")
    (write_project(tmp_path / "here") / ".env").write_text(f"SERVER_HOST=127.0.0.1:{served.port}\n")
    monkeypatch.delenv("SERVER_HOST")
    monkeypatch.chdir(tmp_path / "here")
    assert done(*words, "--json").json["answered"] == 5
    (tmp_path / "here" / ".env").write_text(f"SERVER_HOST=127.0.0.1\nPORT={free_port()}\n")
    assert "was not ready within 0 seconds" in vaticina(*words).err


def test_without_any_name_the_server_is_here(rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project(tmp_path / "here")
    port = free_port()
    (project / "project.toml").write_text((project / "project.toml").read_text().replace("8000", str(port)))
    monkeypatch.chdir(project)
    assert f"error: http://localhost:{port} was not ready" in vaticina("replay", rows, "--wait", "0").err


def test_nothing_answered_is_a_failure(tmp_path: Path, url: str) -> None:
    (tmp_path / "rows.csv").write_text("age,sex\n300,f\n")
    ran = vaticina("replay", "rows.csv", "--url", url, "--delay", "0", "--count", "3")
    assert (ran.code, ran.err) == (1, "Nothing was answered.\n")
    assert "422 contract_violation  3      age must be between 0 and 120 years, got 300" in ran.out


def test_ctrl_c_ends_with_the_summary_so_far(rows: Path, url: str) -> None:
    command = [sys.executable, "-m", "vaticina", "replay", str(rows), "--url", url, "--concurrency", "1"]
    command += ["--delay", "0.05", "--count", "1000", "--json"]
    before = total(url)
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    wait_until(lambda: total(url) > before + 1, seconds=60)  # so that one answer at least has come back
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert '"interrupted": true' in out
    assert '"failed": 0' in out
    assert '"answered": 0' not in out


def test_a_library_that_is_missing_is_named(rows: Path) -> None:
    words = ["vaticina", "replay", str(rows)]
    program = f"import sys; sys.modules['aiohttp'] = None; sys.argv = {words!r}; from vaticina.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    expected = f"error: This needs aiohttp, which is not installed; {how_to_install('aiohttp')}\n"
    assert ran.stderr == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("0", (0, 0)), ("0.5-3", (0.5, 3)), ("2-2", (2, 2)), ("1.5", (1.5, 1.5))]
)
def test_a_pause_is_a_number_or_a_range(text: str, expected: tuple[float, float]) -> None:
    assert read_delay(text) == expected


@pytest.mark.parametrize("text", ["", "x", "3-1", "-1", "1-x", "nan", "1-inf"])
def test_any_other_pause_is_refused(text: str, rows: Path) -> None:
    assert vaticina("replay", rows, f"--delay={text}").code == 2


def test_cells_are_read_as_project_toml_says(served: Server, url: str, tmp_path: Path) -> None:
    lines = [f"{20 + at};{'fm'[at % 2]};{('Sí', 'No')[at % 2]};low" for at in range(40)]
    rows = tmp_path / "rows.csv"
    rows.write_text("\n".join(["age;sex;smoker;risk", *lines, ""]), encoding="cp1252")
    sent = ("replay", rows, "--url", url, "--delay", "0", "--count", "20", "--json")
    assert vaticina(*sent).json["answered"] == 0, "without words, Sí is no flag"
    project = write_project(tmp_path / "people")
    text = (project / "project.toml").read_text(encoding="utf-8")
    (project / "project.toml").write_text(text.replace("[data]", '[data]\nyes = ["sí"]\nno = ["no"]'), encoding="utf-8")
    assert done(*sent, "--project", project).json["answered"] == 20
