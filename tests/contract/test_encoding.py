from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.contract.samples import EVERYTHING, EVERYTHING_ROW, MEDICO, contract
from vaticina.contract import Encoder, Validator

NAN = float("nan")


def encoded(inputs: dict[str, Any], rows: list[dict[str, Any]], **more: Any) -> list[list[float]]:
    found: list[list[float]] = Encoder(contract(inputs, **more)).matrix(rows).tolist()
    return found


def test_every_type_has_its_columns() -> None:
    matrix = Encoder(EVERYTHING).matrix([Validator(EVERYTHING).check(EVERYTHING_ROW)])
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()
    assert matrix.tolist() == [[1.5, 0.5, 3, 0, 1, 0, 0, 1, moment, 7, 5, 1]]
    assert matrix.dtype == np.float64


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize("sample", [MEDICO, EVERYTHING, contract({"x": {"type": "number"}})])
def test_the_shape_is_rows_by_columns(sample: Any, size: int) -> None:
    rows = [Validator(sample).check(sample.example())] * size
    matrix = Encoder(sample).matrix(rows)
    assert matrix.shape == (size, len(sample.columns))
    assert matrix.dtype == np.float64


def test_columns_stand_in_contract_order_whatever_the_row_says() -> None:
    inputs = {"a": {"type": "number"}, "b": {"type": "category", "seen": ["x"]}, "c": {"type": "number"}}
    assert encoded(inputs, [{"c": 3.0, "b": "x", "a": 1.0}]) == [[1.0, 0.0, 3.0]]


def test_identifiers_have_no_column() -> None:
    assert encoded({"id": {"type": "identifier"}, "x": {"type": "number"}}, [{"id": "A", "x": 2.0}]) == [[2.0]]


@pytest.mark.parametrize(
    "field",
    [
        {"type": "number"},
        {"type": "integer"},
        {"type": "flag"},
        {"type": "category", "seen": ["a"]},
        {"type": "category", "categories": [1, 2]},
        {"type": "instant"},
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_what_is_missing_is_nan(field: dict[str, Any], alone: bool) -> None:
    inputs = {"x": {**field, "optional": True}} | ({} if alone else {"y": {"type": "category", "seen": ["b"]}})
    row = {"x": None} if alone else {"x": None, "y": "b"}
    matrix = Encoder(contract(inputs)).matrix([row, row])
    missing = np.isnan(matrix)
    assert missing[:, : matrix.shape[1] - (not alone)].all()
    assert alone or not missing[:, -1].any()


def test_a_category_is_its_index_and_an_unseen_one_the_length_of_the_list() -> None:
    inputs = {"c": {"type": "category", "seen": ["b", "a"]}}
    assert encoded(inputs, [{"c": "b"}, {"c": "a"}, {"c": "A"}, {"c": ""}]) == [[0], [1], [2], [2]]


def test_a_category_of_integers_is_its_index_too() -> None:
    inputs = {"c": {"type": "category", "seen": [30, 10]}}
    assert encoded(inputs, [{"c": 30}, {"c": 10}, {"c": 0}]) == [[0], [1], [2]]


def test_a_category_without_a_list_is_one_value() -> None:
    assert encoded({"c": {"type": "category"}}, [{"c": "a"}, {"c": "b"}]) == [[0], [0]]


def test_flags_are_zero_and_one_beside_numbers_and_beside_categories() -> None:
    assert encoded({"f": {"type": "flag"}}, [{"f": True}, {"f": False}]) == [[1], [0]]
    inputs = {"f": {"type": "flag"}, "c": {"type": "category", "seen": ["a"]}}
    assert encoded(inputs, [{"f": True, "c": "a"}, {"f": False, "c": "a"}]) == [[1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("moment", "parts"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), [13, 5, 1]),  # winter: one hour ahead
        (datetime(2026, 7, 31, 12, tzinfo=UTC), [14, 4, 7]),  # summer: two
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), [1, 6, 3]),  # the minute before the clock jumps
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), [3, 6, 3]),  # and after
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), [2, 6, 10]),  # the hour that comes twice
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), [2, 6, 10]),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), [0, 3, 1]),  # already the next year
        (datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=-5))), [18, 5, 1]),
        (datetime(2026, 1, 31, 12), [12, 5, 1]),  # noqa: DTZ001 -- read in the contract's zone
    ],
)
def test_calendar_parts_are_those_of_the_contract_zone(moment: datetime, parts: list[float]) -> None:
    row = encoded({"at": {"type": "instant"}}, [{"at": moment}], timezone="Europe/Madrid")[0]
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Madrid"))
    assert row == [aware.timestamp(), *parts]


def test_the_same_moment_has_the_same_columns_however_it_was_written() -> None:
    validator = Validator(EVERYTHING)
    ways = ["2026-01-31T12:00:00Z", "2026-01-31T07:00:00", "2026-01-31T14:00:00+02:00"]
    rows = [validator.check({**EVERYTHING_ROW, "at": way}) for way in ways]
    matrix = Encoder(EVERYTHING).matrix(rows)
    assert (matrix == matrix[0]).all()
