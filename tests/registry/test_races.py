"""Promoters in several processes: each number of the log has exactly one writer."""

import multiprocessing
from pathlib import Path

from tests.registry import racing
from tests.registry.samples import published, registry_in

PROCESSES = 4
ROUNDS = 60


def test_promoters_in_several_processes(tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    jobs: list[tuple[Path, str, str, int]] = []
    for number in range(PROCESSES):
        jobs.append((tmp_path, f"process{number}", published(registry, str(number)).version, ROUNDS))
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES, racing.ready, (context.Barrier(PROCESSES),)) as pool:
        results = pool.map(racing.promote, jobs, chunksize=1)
    winners: dict[int, str] = {}
    conflicts: list[str] = []
    for (numbers, messages), (_, name, _, _) in zip(results, jobs, strict=True):
        assert not winners.keys() & set(numbers), "no number was won twice"
        winners |= dict.fromkeys(numbers, name)
        conflicts += messages
    assert sorted(winners) == list(range(1, len(winners) + 1))
    assert len(winners) + len(conflicts) == PROCESSES * ROUNDS
    assert len(conflicts) > ROUNDS / 4, "they did race"
    assert {entry.number: entry.by for entry in registry.log("medico")} == winners
    for message in conflicts:
        assert "production of medico was moved to 20" in message
        assert " by process" in message
