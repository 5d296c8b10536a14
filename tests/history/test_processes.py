"""Several processes write to one database, and some are killed."""

import time
from pathlib import Path

from tests.history.ledger import check_counts, uids
from tests.history.writer import PROCESSES, SIZES, write, written
from vaticina.history.sql import open_history


def test_counts_are_exact_with_several_processes(history_url: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    writers = [PROCESSES.Process(target=write, args=(history_url, f"writer {n}", diary, 60)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert sorted(uids(history_url)) == sorted(written(diary))
    check_counts(history_url)
    history = open_history(history_url)
    assert dict(history.stats("medico").by_label) == {f"writer {n}": 60 // len(SIZES) * sum(SIZES) for n in range(3)}
    history.close()


def test_counts_are_exact_at_every_moment(history_url: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    writer = PROCESSES.Process(target=write, args=(history_url, "writer", diary))
    writer.start()
    for _ in range(5):
        before = len(written(diary))
        while len(written(diary)) == before:
            time.sleep(0.001)
        check_counts(history_url)
    writer.kill()
    writer.join(30)


def test_what_was_appended_survives_a_kill(history_url: str, tmp_path: Path) -> None:
    """Each append that returned is there exactly once; one that did not is there as a whole or not at all."""
    diary = tmp_path / "diary"
    for turn in range(6):
        before = len(written(diary))
        writer = PROCESSES.Process(target=write, args=(history_url, f"turn {turn}", diary))
        writer.start()
        while len(written(diary)) == before:
            time.sleep(0.001)
        time.sleep(0.011 * turn)
        writer.kill()
        writer.join(30)
    held, promised = uids(history_url), written(diary)
    assert len(held) == len(set(held))
    assert set(promised) <= set(held)
    assert len(held) - len(promised) <= 6 * max(SIZES)
    check_counts(history_url)
