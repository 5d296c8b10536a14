"""A process that promotes as fast as it can, in step with others."""

from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.registry.samples import registry_in
from vaticina.errors import AliasConflict

start: Barrier


def ready(barrier: Barrier) -> None:
    global start
    start = barrier


def promote(job: tuple[Path, str, str, int]) -> tuple[list[int], list[str]]:
    """(numbers won, messages of the conflicts)."""
    folder, name, version, rounds = job
    registry = registry_in(folder, name)
    won: list[int] = []
    lost: list[str] = []
    for _ in range(rounds):
        start.wait(30)
        try:
            won.append(registry.promote("medico", version, by=name).number)
        except AliasConflict as conflict:
            lost.append(conflict.message)
    return won, lost
