"""The stand-ins for tools that a machine may lack do what the documented lines need; a reserved port is one's own."""

import json
import os
import sqlite3
from pathlib import Path

from tests.api.clinic import ROW, open_app, served
from tests.compat.terminal import Terminal, reserved, stand_ins


def bare(folder: Path) -> Terminal:
    """A terminal whose first tools are the stand-ins."""
    found = stand_ins(folder, ["curl", "sqlite3"])
    return Terminal(folder, PATH=os.pathsep.join([str(found), os.defpath]))


def test_curl_asks_and_posts(tmp_path: Path) -> None:
    with served(open_app()) as port:
        url = f"http://127.0.0.1:{port}"
        terminal = bare(tmp_path)
        assert json.loads(terminal.run(f"curl -s {url}/health/live")) == {"status": "live"}
        header = '-H "Content-Type: application/json"'
        answered = json.loads(terminal.run(f"curl -X POST {url}/predict {header} -d '{json.dumps(ROW)}'"))
        listed = json.loads(terminal.run(f"curl {url}/predictions"))
        assert listed["predictions"][0]["risk"] == answered["risk"]
        refused = json.loads(terminal.run(f"curl {url}/predict -H 'Accept-Language: es' -d '{{}}'"))
        assert refused["title"] == "Los datos no cumplen el contrato"


def test_sqlite3_prints_rows(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "some.db") as database:
        database.execute("CREATE TABLE pairs (number INTEGER, word TEXT)")
        database.executemany("INSERT INTO pairs VALUES (?, ?)", [(1, "one"), (2, None)])
    assert bare(tmp_path).run('sqlite3 some.db "SELECT * FROM pairs LIMIT 5;"') == "1|one\n2|\n"


def test_a_port_is_reserved_once() -> None:
    with reserved(47_813) as first, reserved(47_813) as second:
        assert second != first
