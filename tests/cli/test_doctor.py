"""The doctor finds what is wrong, and says what to do."""

import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import done, vaticina
from vaticina.bootstrap import Workspace
from vaticina.cli.checks.settings_in_force import masked
from vaticina.cli.checks.stores import check_libraries


def examined(folder: Path | str, code: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """The checks and the settings, by name."""
    ran = vaticina("doctor", folder, "--json")
    assert ran.code == code, ran.out
    assert ran.json["ok"] is (code == 0)
    checks = {check["name"]: (check["status"], check["text"]) for check in ran.json["checks"]}
    return checks, {setting["name"]: (setting["value"], setting["source"]) for setting in ran.json["settings"]}


def test_a_sound_project(trained: Path) -> None:
    (trained / "project.toml").write_text((trained / "project.toml").read_text().replace("8000", "18999"))
    checks, settings = examined(trained)
    assert {name: status for name, (status, _) in checks.items()} == dict.fromkeys(
        ("python", "project", "disk", "port", "history", "store", "production", "libraries"), "ok"
    )
    assert settings["port"] == ("18999", "project.toml")
    assert settings["history"] == (f"sqlite:///{trained}/.vaticina/history.db", "default")
    assert settings["auth"] == ("local", "default")
    assert not (trained / ".vaticina" / "history.db").exists(), "looking creates nothing"
    assert "production" in done("doctor", trained).out


def test_where_each_setting_came_from(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "18998")
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:secret@127.0.0.1:1/risk?password=secret")
    (trained / ".env").write_text("APP_PORT=1\nLOG_LEVEL=debug\nVATICINA_HOME=elsewhere\n")
    checks, settings = examined(trained, code=1)
    assert settings["port"] == ("18998", "environment (APP_PORT or PORT)")
    assert settings["log level"] == ("debug", ".env (LOG_LEVEL)")
    assert settings["cache"][1] == settings["store"][1] == ".env (VATICINA_HOME)"
    assert settings["history"] == ("postgresql://ana:***@127.0.0.1:1/risk?***", "environment (DATABASE_URL)")
    assert checks["history"][0] == "fail"
    assert "secret" not in str(checks)


def test_a_home_moves_the_history_of_the_file(trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (trained / "project.toml").open("a") as file:
        file.write('[history]\nurl = "sqlite:///own.db"\n')
    assert examined(trained)[1]["history"] == (f"sqlite:///{trained}/own.db", "project.toml")
    monkeypatch.setenv("VATICINA_HOME", str(tmp_path / "home"))
    found = examined(trained)[1]["history"]
    assert found == (f"sqlite:///{tmp_path}/home/history.db", "environment (VATICINA_HOME)")


def test_nothing_in_production_is_a_warning(untrained: Path) -> None:
    status, text = examined(untrained)[0]["production"]
    assert (status, text) == ("warn", "no version is in production yet; run: vaticina train risk")


def test_a_taken_port_is_a_warning(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("PORT", str(server.getsockname()[1]))
        status, text = examined(trained)[0]["port"]
    assert status == "warn"
    assert "serve with --port" in text


def test_a_damaged_version_fails(trained: Path) -> None:
    for file in (trained / ".vaticina").rglob("model.*"):
        file.write_bytes(b"damaged")
    status, text = examined(trained, code=1)[0]["production"]
    assert status == "fail"
    assert "was changed" in text


def test_other_libraries_are_a_warning(trained: Path) -> None:
    workspace = Workspace(trained)
    [manifest] = workspace.registry().versions("risk")
    assert check_libraries(manifest).status == "ok"
    status, _, text = check_libraries(manifest.model_copy(update={"libraries": {"numpy": "1.0", "gone": "2"}}))
    assert status == "warn"
    assert "numpy 1.0 (here " in text
    assert "gone 2 (here none)" in text


def test_a_store_that_is_no_folder_fails(trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VATICINA_STORE", str(tmp_path / "file"))
    assert examined(trained, code=1)[0]["store"][0] == "fail"


def test_a_broken_project_fails_with_its_line(untrained: Path) -> None:
    (untrained / "project.toml").write_text("[project]\nname = 7\n")
    checks, settings = examined(untrained, code=1)
    assert checks["project"][0] == "fail"
    assert settings == {}


def test_without_a_project_only_the_machine_is_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = {check["name"]: check["status"] for check in done("doctor", "--json").json["checks"]}
    assert checks == {"python": "ok", "project": "warn"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/a/b c", "/a/b c"),
        ("s3://bucket/path", "s3://bucket/path"),
        ("sqlite:////a/history.db", "sqlite:////a/history.db"),
        ("postgresql://u:p%40:x@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u@h/d?sslmode=require&password=p", "postgresql://u@h/d?***"),
    ],
)
def test_secrets_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown
