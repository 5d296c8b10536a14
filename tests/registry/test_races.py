"""Promoters in several processes: each number of the log has exactly one writer."""

import multiprocessing
from pathlib import Path

from tests.registry import racing
from tests.registry.samples import published, registry_in

PROCESSES = 4
ROUNDS = 60


def test_promoters_in_several_processes(tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    versions = [published(registry, str(at)).version for at in range(PROCESSES)]
    jobs = [(tmp_path, f"process{at}", version, ROUNDS) for at, version in enumerate(versions)]
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES, racing.ready, (context.Barrier(PROCESSES),)) as pool:
        results = pool.map(racing.promote, jobs, chunksize=1)
    won = {number: name for (numbers, _), (_, name, _, _) in zip(results, jobs, strict=True) for number in numbers}
    conflicts = [message for _, messages in results for message in messages]
    assert sorted(won) == list(range(1, len(won) + 1))
    assert len(won) == sum(len(numbers) for numbers, _ in results), "no number was won twice"
    assert len(won) + len(conflicts) == PROCESSES * ROUNDS
    assert len(conflicts) > ROUNDS / 4, "they did race"
    assert {entry.number: entry.by for entry in registry.log("medico")} == won
    assert all(" by process" in message and "production of medico was moved to 20" in message for message in conflicts)
