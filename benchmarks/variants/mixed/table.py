"""The second model's rows: always the same ones, a tenth of the cells missing."""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

Cell = float | str | None

NUMBERS = {"age": 90.0, "income": 200_000.0, "score": 10.0, "hours": 80.0}
"""Name -> the largest value drawn; the smallest is 0."""

CATEGORIES = {
    "region": ("north", "south", "east", "west", "centre"),
    "work": ("none", "office", "field", "night"),
}
TARGET = "outcome"
_MISSING = 0.1


def rows(count: int, seed: int) -> Iterator[tuple[dict[str, Cell], str]]:
    """Inputs and their outcome; None is missing."""
    source = random.Random(seed)
    for _ in range(count):
        whole: dict[str, Cell] = {name: round(source.uniform(0, top), 1) for name, top in NUMBERS.items()}
        whole |= {name: source.choice(values) for name, values in CATEGORIES.items()}
        outcome = _outcome(whole, source.gauss(0, 0.1))
        yield {name: None if source.random() < _MISSING else cell for name, cell in whole.items()}, outcome


def _outcome(row: dict[str, Cell], doubt: float) -> str:
    parts = [float(row[name] or 0) / top for name, top in NUMBERS.items()]
    level = sum(parts) / len(parts) + 0.2 * (row["region"] == "north") - 0.2 * (row["work"] == "night") + doubt
    return "low" if level < 0.4 else "middle" if level < 0.6 else "high"


def write_csv(file: Path, count: int = 5_000) -> None:
    """The rows to train on."""
    with file.open("w", newline="") as target:
        sheet = csv.writer(target)
        sheet.writerow([*NUMBERS, *CATEGORIES, TARGET])
        sheet.writerows([*row.values(), outcome] for row, outcome in rows(count, seed=7))


def write_bodies(file: Path, count: int = 10_000) -> None:
    """Rows to ask for, one JSON object a line; a missing cell is null."""
    file.write_text("".join(json.dumps(row) + "\n" for row, _ in rows(count, seed=8)))
