"""The input that a column becomes in ``project.toml``, or the reason why it becomes none."""

from itertools import pairwise
from typing import Any

from vaticina.datasets.column_reading import ColumnReading
from vaticina.datasets.column_texts import FEW_TEXTS
from vaticina.datasets.table_conventions import name_words
from vaticina.tables.numbers import NumberNotation, plain_number

NEARLY_ALL = 0.9
"""Share of different texts from which a column names its rows."""

MAX_NAME = 200
"""Letters of the longest text that may name a row."""

MIN_EXPECTED_REPEATS = 20
SURPRISE = 10
"""Numbers are assigned when chance would repeat twenty at least, and ten times as many as do repeat."""

MANY_STEPS = 30
YEARS = frozenset(range(1500, 2200))

ROW_WORDS = frozenset({"id", "ids", "key", "row", "folio", "index", "nr", "nro", "uuid"})
MOSTLY = 0.75
"""Whole numbers of which three in four differ name rows, if the name of their column has such a word."""


class NoInput(Exception):
    """A column cannot be an input; the text is the reason."""


def input_of(reading: ColumnReading) -> dict[str, Any]:
    """The input's table for ``project.toml``. Raises NoInput."""
    texts = reading.texts
    if reading.unreadable:
        raise NoInput(reading.unreadable)
    if not texts.counts:
        raise NoInput("no value")
    if len(texts.counts) == 1:
        raise NoInput(f"always {texts.typical()!r}")
    field: dict[str, Any] = {"type": _type(reading)}
    if field["type"] == "category":
        field["seen"] = sorted(
            texts.counts
        )  # its own texts are values, also where they mean elsewhere that there is none
    if reading.times:
        field["unit"] = "min"
    if field["type"] == "identifier" or texts.has_gaps:
        field["optional"] = True
    return field


def _type(reading: ColumnReading) -> str:
    """The type of the input. Raises NoInput."""
    if reading.read_as == "integer" and reading.numbers is not None:
        _refuse_assigned(reading.texts.name, _numbers(reading, reading.numbers))
    different, filled = len(reading.texts.counts), reading.texts.filled
    if reading.read_as != "text":
        return reading.read_as
    if reading.texts.are_few:
        return "category"
    if _is_name(reading):
        return "identifier"
    what = "free text or too many categories" if reading.how == "texts" else reading.how
    raise NoInput(f"{what}: {different} different texts in {filled} rows")


def _numbers(reading: ColumnReading, notation: NumberNotation) -> list[int]:
    """The whole numbers of the column, each as often as it stands there."""
    numbers: list[int] = []
    for text, count in reading.texts.counts.items():
        plain = plain_number(text, notation)
        if plain is not None:
            numbers += [int(plain)] * count
    return numbers


def _refuse_assigned(name: str, numbers: list[int]) -> None:
    """Raises NoInput when the numbers were assigned rather than measured.

    Assigned numbers repeat far less often than measured ones would, or their column is called so.
    """
    span = max(numbers) - min(numbers) + 1
    different = len(set(numbers))
    expected_repeats = len(numbers) * (len(numbers) - 1) / (2 * span)
    repeats = len(numbers) - different
    is_surprising = expected_repeats >= MIN_EXPECTED_REPEATS and repeats * SURPRISE <= expected_repeats
    if is_surprising and repeats <= (1 - NEARLY_ALL) * len(numbers):
        raise NoInput("a running or assigned number")
    if different == len(numbers) and _has_equal_steps(numbers):
        raise NoInput("a running number: the same step from each row to the next")
    if not ROW_WORDS.isdisjoint(name_words(name)) and different > max(FEW_TEXTS, MOSTLY * len(numbers)):
        raise NoInput("an assigned number, by the name of the column")


def _has_equal_steps(numbers: list[int]) -> bool:
    """Whether many different numbers rise by the same step from row to row; but years do so too."""
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    return len(numbers) >= MANY_STEPS and len(steps) == 1 and not set(numbers) <= YEARS


def _is_name(reading: ColumnReading) -> bool:
    """Whether the texts are single words, nearly all of them different."""
    for text in reading.texts.counts:
        if (" " in text and not reading.how.startswith("codes")) or len(text) > MAX_NAME:
            return False
    return len(reading.texts.counts) >= NEARLY_ALL * reading.texts.filled
