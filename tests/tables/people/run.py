"""The score of the library on many tables."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.tables.people.reading import read_as_everybody
from tests.tables.people.score import Score, judge
from tests.tables.people.truth import TableTruth


def score_tables(tables: Iterable[TableTruth]) -> Score:
    """Writes each table into a folder, lets the library read it, and judges what it understood."""
    scores = []
    with tempfile.TemporaryDirectory(prefix="vaticina-people-") as scratch:
        for truth in tables:
            folder = Path(scratch, truth.name)
            folder.mkdir()
            file = folder / f"{truth.name}.csv"
            file.write_bytes(truth.content)
            scores.append(judge(truth, read_as_everybody(file, truth.target, folder / "project")))
    return Score(tuple(scores))
