"""Tables as people have them are read as a person would read them, or it is said why not.

The truth is that of the generator, or written by hand (``tests/tables/people``); every misread column is printed by
``python -m tests.tables.people``.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.tables.people.exports import EXPORTS
from tests.tables.people.generator import generate
from tests.tables.people.reading import Reading
from tests.tables.people.real_samples import real_tables
from tests.tables.people.run import score_tables
from tests.tables.people.score import Score, Verdict, judge
from tests.tables.people.truth import ColumnTruth, TableTruth

GENERATED_BAR = 0.98
REAL_BAR = 0.92
"""Shares of columns that are read as a person would."""

REAL_FILES_BAR = 0.95
"""Share of the real files that are accepted."""


@pytest.fixture(scope="module")
def generated() -> Score:
    return score_tables(generate())


@pytest.fixture(scope="module")
def real() -> Score:
    return score_tables(real_tables())


def test_generated_tables_are_accepted(generated: Score) -> None:
    assert [
        f"{table.table}: {table.refusal}" for table in generated.refused if not is_rightly_refused(table.verdicts)
    ] == []


def test_columns_of_generated_tables_are_read_as_a_person_would(generated: Score) -> None:
    assert generated.share_right >= GENERATED_BAR, "\n".join(map(str, generated.wrong))


def test_no_number_or_date_of_a_generated_table_is_lost_in_silence(generated: Score) -> None:
    assert list(map(str, generated.silent_losses)) == []


def test_real_tables_are_accepted(real: Score) -> None:
    assert 1 - len(real.refused) / len(real.tables) >= REAL_FILES_BAR, real.refused


def test_columns_of_real_tables_are_read_as_a_person_would(real: Score) -> None:
    assert real.share_right >= REAL_BAR, "\n".join(map(str, real.wrong))


def test_no_number_or_date_of_a_real_table_is_lost_in_silence(real: Score) -> None:
    assert list(map(str, real.silent_losses)) == []


def is_rightly_refused(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether a refusal named a column that nobody can read for certain."""
    return any(verdict.right for verdict in verdicts)


def test_a_seed_always_gives_the_same_tables() -> None:
    first = list(generate(40))
    assert first == list(generate(40))
    assert first != list(generate(40, seed=1))


def test_every_export_is_there() -> None:
    names = {table.name.partition("_")[2] for table in generate()}
    assert names == {export.name for export in EXPORTS}


DAY = datetime(2023, 5, 1, tzinfo=UTC)
TABLE = TableTruth(
    name="shop",
    content=b"",
    rows=3,
    target="bought",
    columns=(
        ColumnTruth("price", "number", readings=((12.5, None, 3.0),)),
        ColumnTruth("day", "instant", readings=((DAY, DAY, None),)),
        ColumnTruth("age", "integer", "must", readings=((31, None, 45),), spoilt=frozenset({1})),
        ColumnTruth("bought", "yes or no"),
    ),
)
RIGHT = Reading(
    types={"price": "number", "day": "instant", "age": "integer"},
    left_out={},
    messages=("age: 1 of 3 cells is no number: 'x' in line 3",),
    target="classes",
    rows=(
        {"price": 12.5, "day": DAY, "age": 31},
        {"price": None, "day": DAY, "age": None},
        {"price": 3.0, "day": None, "age": 45},
    ),
    labels=("yes", "no", "no"),
)


def verdict(reading: Reading, column: str) -> Verdict:
    return next(verdict for verdict in judge(TABLE, reading).verdicts if verdict.column == column)


def test_what_is_right_is_right() -> None:
    score = Score((judge(TABLE, RIGHT),))
    assert (score.share_right, score.silent_losses, score.refused) == (1, [], [])


def test_the_row_of_a_typing_error_may_be_left_out() -> None:
    without = replace(RIGHT, rows=(RIGHT.rows[0], RIGHT.rows[2]), labels=("yes", "no"))
    assert Score((judge(TABLE, without),)).share_right == 1


def test_other_values_are_a_silent_loss() -> None:
    rows = ({**RIGHT.rows[0], "price": 125.0}, *RIGHT.rows[1:])
    judged = verdict(replace(RIGHT, rows=rows), "price")
    assert (judged.right, judged.silent) == (False, True)


def test_a_number_that_became_a_category_is_a_silent_loss_until_it_is_said() -> None:
    lost = replace(RIGHT, types={**RIGHT.types, "price": "category"})
    assert verdict(lost, "price").silent
    said = replace(lost, messages=(*lost.messages, "price looks like numbers with a decimal comma"))
    assert not verdict(said, "price").silent
    assert not verdict(said, "price").right


def test_a_reason_that_is_no_reason_does_not_excuse_a_lost_date() -> None:
    types = {"price": "number", "age": "integer"}
    lost = replace(RIGHT, types=types, left_out={"day": "free text or too many categories: 3 different texts"})
    assert verdict(lost, "day").silent
    assert not verdict(replace(lost, left_out={"day": "dates that are written in two ways"}), "day").silent


def test_a_typing_error_has_to_be_said() -> None:
    judged = verdict(replace(RIGHT, messages=()), "age")
    assert (judged.right, judged.silent) == (False, False)


def test_a_refused_file_is_wrong_in_every_column_and_loses_none_in_silence() -> None:
    refused = Reading({}, {}, (), "", (), (), refusal="this is not UTF-8 text")
    score = Score((judge(TABLE, refused),))
    assert (score.share_right, score.silent_losses, len(score.refused)) == (0, [], 1)
    assert Score((judge(replace(TABLE, may_be_refused=True), refused),)).share_right == 1
