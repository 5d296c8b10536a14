"""The floor of `durability = "sync"`: batches of 64 rows as wide as medico's in a loop; prints rows a second."""

import sqlite3
import sys
import time

_BATCH = 64
_WIDTH = 324
"""Characters of one of medico's rows, all columns together."""


def rate(database: str, seconds: float) -> float:
    """Rows a second that reach the disk, one commit a batch."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (seq INTEGER PRIMARY KEY, row TEXT NOT NULL)")
    batch = [("x" * _WIDTH,)] * _BATCH
    start, rows = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO rows (row) VALUES (?)", batch)
        connection.execute("COMMIT")
        rows += _BATCH
    return rows / (time.perf_counter() - start)


if __name__ == "__main__":
    print(rate(sys.argv[1], float(sys.argv[2])))
