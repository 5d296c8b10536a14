"""Serving: what is checked first, and the server that the process becomes."""

import json
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.shell import PROJECT, done, write_project
from vaticina.api.launch import announce, check_address, ready
from vaticina.bootstrap import Workspace
from vaticina.errors import HistoryUnavailable, RegistryError

OPEN = '[security]\nauth = "none"\n'
PUBLIC = "0.0.0.0"


@pytest.fixture
def taken() -> Iterator[list[int]]:
    """Three ports that are listened on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    yield [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()


def refusal(*words: object) -> str:
    """What ``vaticina serve`` says when it refuses, which its successor process does."""
    command = [sys.executable, "-P", "-m", "vaticina", "serve", *map(str, words)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout) == (1, "")
    [line] = ran.stderr.splitlines()
    return line


def test_the_port_comes_from_flag_environment_file(
    trained: Path, taken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    flag, variable, file = taken
    (trained / "project.toml").write_text(PROJECT.replace("8000", str(file)))
    assert f"Port {file} of 127.0.0.1 is taken" in refusal(trained)
    (trained / ".env").write_text(f"PORT={variable}\n")
    assert f"Port {variable} " in refusal(trained)
    (trained / ".env").write_text("PORT=1\n")
    monkeypatch.setenv("APP_PORT", str(variable))
    assert f"Port {variable} " in refusal(trained)
    assert f"Port {flag} " in refusal(trained, "--port", flag)
    assert "choose another with --port " in refusal(trained)


def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path) -> None:
    risk = write_project(tmp_path / "risk")
    assert f"has no version in production yet; run: vaticina train {risk}" in refusal(risk, "--port", free_port())
    assert "Two projects are called risk" in refusal(risk, risk)
    assert "no.such.host.invalid" in refusal(risk, "--host", "no.such.host.invalid")
    assert "does not exist" in refusal(tmp_path / "nowhere")


def test_a_public_address_needs_a_project_that_is_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed, opened = write_project(tmp_path / "a"), write_project(tmp_path / "b", OPEN)
    assert "risk does not declare itself open" in refusal(closed, "--host", PUBLIC)
    check_address([Workspace(opened)], PUBLIC)
    assert capsys.readouterr().err.startswith(f"warning: {PUBLIC} may be reached from other machines")
    check_address([Workspace(closed)], "127.0.0.1")
    assert capsys.readouterr().err == ""


def test_several_projects_each_have_an_address(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_project(trained.parent / "other")
    (other / "project.toml").write_text(PROJECT.replace('"risk"', '"other"', 1))
    workspaces = [Workspace(trained), Workspace(other)]
    contract = ready(workspaces[0])
    announce(workspaces, [contract, contract], "http://127.0.0.1:9")
    out = capsys.readouterr().out
    assert "http://127.0.0.1:9/models/risk/predict" in out
    assert "http://127.0.0.1:9/models/other/predict" in out


def test_what_is_ready_has_its_tables(trained: Path) -> None:
    assert not (trained / ".vaticina" / "history.db").exists()
    assert ready(Workspace(trained)).name == "risk"
    assert (trained / ".vaticina" / "history.db").exists()


def test_without_the_store_the_last_good_version_serves(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = Workspace(trained).registry()
    version = registry.resolve("risk", "production")
    registry.fetch("risk", version)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VATICINA_STORE", str(tmp_path / "file"))
    with pytest.raises(RegistryError):
        ready(Workspace(trained))
    registry.remember("risk", "production", version)
    assert ready(Workspace(trained)).name == "risk"
    assert f"Serving version {version}, the last one that answered here." in capsys.readouterr().err


def test_without_the_history_nothing_serves(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:secret@127.0.0.1:1/risk")
    with pytest.raises(HistoryUnavailable):
        ready(Workspace(trained))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(folder: Path, *words: object) -> Iterator["subprocess.Popen[str]"]:
    """``vaticina serve`` typed in ``folder``."""
    command = [sys.executable, "-P", "-m", "vaticina", "serve", *map(str, words)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=60)


def wait_until_ready(url: str, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the server is not ready, or ended with {process.returncode}")


def test_the_process_becomes_a_server_that_answers_the_line_it_printed(trained: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (trained / "json.py").write_text("raise RuntimeError('a file of the folder took the place of a library')")
    with serving(trained, "--port", port) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        assert [line.split()[1] for line in lines] == [url, f"{url}/docs", "curl"]
        wait_until_ready(url, process)
        _, address, *options = shlex.split(lines[2].removeprefix("Try"))
        name, value = options[1].split(": ")
        answer = httpx.post(address, headers={name: value}, content=options[3])
        assert answer.status_code == 200
        assert answer.json()["prediction"] in ("high", "low")
        assert httpx.get(f"{url}/docs").status_code == 200
        if sys.platform == "linux":
            loaded = Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")
            assert "vaticina.api.launch" in loaded, "the very process serves, not a child of it"
        recorded = done("history", "list", trained, "--json").json
        assert [item["uid"] for item in recorded] == [answer.headers["vaticina-prediction"]]
        assert recorded[0]["input"] == json.loads(options[3])
