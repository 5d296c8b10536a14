"""Who is measured: the floors, the hand-written service, and medico as Vaticina ships it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ROOT / "benchmarks" / "floors"
ROW = '{"edad": 45.0, "fiebre": 39.5, "dolor": 8.0}'
_BIN = Path(sys.executable).parent
VATICINA = str(_BIN / "vaticina")
_OURS = ("VATICINA_", "DATABASE_URL", "MONGODB_URL")


@dataclass(frozen=True)
class Contender:
    """A server to be measured.

    `command` starts it in `folder`, with "{port}" in place of the port and `environment` on top of the caller's.
    `body` is sent to `path`; None means a different row in every request: medico's, or the lines of the file `rows`.
    `records` counts its rows at rest. `beside` is what must run while it serves, such as a database. `is_pinned` keeps
    it on the server's core. With `loop` it is no server: the command's output is its figure, in rows a second.
    """

    title: str
    folder: Path
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = "/predict"
    body: str | None = None
    rows: Path | None = None
    records: Callable[[], int] | None = None
    beside: Callable[[], AbstractContextManager[None]] | None = None
    is_pinned: bool = True
    loop: bool = False

    def on(self, port: int) -> list[str]:
        """The command line that serves on `port`."""
        return [word.replace("{port}", str(port)) for word in self.command]

    def first(self) -> str:
        """The body of the first request."""
        if self.rows:
            with self.rows.open() as lines:
                return next(lines)
        return self.body or ROW


Builder = Callable[[Path], Contender]
"""Makes a contender ready in an empty folder of its own."""


def clean_environment() -> dict[str, str]:
    """The caller's environment without anything that would change how Vaticina is shipped."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def prepare(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Runs one step of a contender's preparation.

    Raises:
        SystemExit: the step failed; its output is shown.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean_environment() | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed with {done.returncode}:\n{done.stdout}{done.stderr}")


def bare(folder: Path) -> Contender:
    """The floor of any Python server: an ASGI app that reads the body and answers a constant."""
    return Contender("bare ASGI app (floor)", folder, uvicorn("floor_app:bare"))


def fastapi(folder: Path) -> Contender:
    """The floor of FastAPI: a pydantic body and a constant answer."""
    return Contender("empty FastAPI handler", folder, uvicorn("floor_app:app"))


def handwritten(folder: Path) -> Contender:
    """What people write by hand: FastAPI, joblib, a pandas row, one insert a request."""
    model, database = folder / "model.joblib", folder / "handwritten.db"
    prepare(sys.executable, str(FLOORS / "model.py"), str(model), folder=folder)
    return Contender(
        "hand-written: FastAPI + joblib + frame + insert",
        folder,
        uvicorn("handwritten_app:app"),
        {"MODEL": str(model), "DB": str(database)},
        records=lambda: count(database),
    )


def medico(folder: Path) -> Contender:
    """medico exactly as shipped: copied, trained and served with no option but its port."""
    trained_medico(folder)
    return Contender(
        "Vaticina: medico as shipped",
        folder,
        serve("medico"),
        records=lambda: count(folder / "medico" / "predicciones.db"),
    )


def trained_medico(folder: Path) -> None:
    """The example medico, copied into `folder` and trained."""
    prepare(VATICINA, "init", "medico", "--example", "medico", folder=folder)
    prepare(VATICINA, "train", "medico", folder=folder)


def serve(*words: str) -> tuple[str, ...]:
    """The command that serves projects, given with options if any."""
    return (VATICINA, "serve", *words, "--host", "127.0.0.1", "--port", "{port}")


def uvicorn(app: str, folder: Path = FLOORS) -> tuple[str, ...]:
    """The command that serves the application `app`, a module of `folder`, as fast as uvicorn can."""
    return (
        *(sys.executable, "-m", "uvicorn", app, "--app-dir", str(folder), "--port", "{port}"),
        *("--loop", "uvloop", "--http", "httptools", "--workers", "1", "--no-access-log", "--log-level", "warning"),
    )


def count(database: Path, table: str = "prediccion") -> int:
    """How many rows a table holds."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
