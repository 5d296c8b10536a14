"""Where a client finds its server when nobody says."""

from pathlib import Path

import pytest

from vaticina.settings import usual_server


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        (None, None, "http://localhost:8000"),
        ("", None, "http://localhost:8000"),
        ("server", None, "http://server:8000"),
        ("server", "5000", "http://server:5000"),
        ("server:81", "5000", "http://server:81"),
        ("::1", None, "http://[::1]:8000"),
        ("[::1]", None, "http://[::1]:8000"),
        ("[::1]:81", None, "http://[::1]:81"),
        ("https://example.org/models/a", None, "https://example.org/models/a"),
    ],
)
def test_the_environment_names_the_server(
    host: str | None, port: str | None, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (("SERVER_HOST", host), ("PORT", port), ("APP_PORT", None)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert usual_server(tmp_path) == url


def test_the_project_around_gives_the_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SERVER_HOST", "PORT", "APP_PORT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "project.toml").write_text('[project]\nname = "a"\nport = 5001\n[inputs.x]\n')
    (tmp_path / "data").mkdir()
    assert usual_server(tmp_path / "data") == "http://localhost:5001"
    (tmp_path / ".env").write_text("SERVER_HOST=server\n")
    assert usual_server(tmp_path) == "http://server:5001"
