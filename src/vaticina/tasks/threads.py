"""How many threads the numerical libraries may use."""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

SMALL_TABLE = 20_000
"""Rows up to which a second thread gains nothing."""


def limit_threads(rows: int) -> AbstractContextManager[object]:
    """One thread for a small table, else as many as the machine has.

    Threads of OpenMP wait for each other by spinning: where other work has the cores, boosting on 400 rows took 20 s
    with two threads and 0.3 s with one.
    """
    threads = None
    if rows <= SMALL_TABLE:
        threads = 1
    limits: AbstractContextManager[object] = threadpool_limits(threads)
    return limits
