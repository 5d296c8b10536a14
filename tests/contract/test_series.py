"""The input type ``series``: what is taken, how it is encoded, and how a refusal names the point."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.samples import contract, violations
from vaticina.api.contract_schemas import answer_schema, row_schema
from vaticina.contract import Answers, Contract, Encoder, Outputs, SeenRange, Validator
from vaticina.contract.messages import LANGUAGES
from vaticina.contract.violations import say
from vaticina.errors import ContractViolation, ProjectError, RequestError, TooFewPoints, WindowNotTrained

INPUTS: dict[str, Any] = {
    "data": {"type": "series", "max_points": 50, "seen": [0, 10]},
    "window_size": {"type": "integer", "min": 1, "default": 3},
}
OUTPUTS = {
    "prediction": "value",
    "interval": "interval",
    "forecast": "forecast",
    "confidence": "confidence",
    "metrics": "metrics",
}


def series(windows: list[dict[str, int]], **more: Any) -> Contract:
    return contract(INPUTS, model={"kind": "window"}, windows=windows, outputs=OUTPUTS, **more)


TRAINED = series([{"size": 5, "horizon": 2}, {"size": 3}])
trained = Validator(TRAINED)


def points(*values: Any, hour: int = 0) -> list[dict[str, Any]]:
    return [{"timestamp": f"2024-01-01T{hour + at:02}:00:00Z", "value": value} for at, value in enumerate(values)]


def body(data: Any, **more: Any) -> bytes:
    return json.dumps({"data": data, **more}).encode()


def test_a_row_holds_points_and_the_window() -> None:
    features = {"sensor_id": "S-1", "location": None, "depth": 2.5, "tags": [1]}
    (row,) = trained.parse(body([*points(1, 2), {**points(3, hour=2)[0], "additional_features": features}])).rows
    assert row["window_size"] == 3
    assert [point["value"] for point in row["data"]] == [1.0, 2.0, 3.0]
    assert row["data"][2] == {
        "timestamp": datetime(2024, 1, 1, 2, tzinfo=UTC),
        "value": 3.0,
        "additional_features": features,
    }


def test_null_features_are_none() -> None:
    data = [{**point, "additional_features": None} for point in points(1, 2, 3)]
    assert trained.parse(body(data)).rows[0]["data"][0]["additional_features"] is None


@pytest.mark.parametrize(
    ("data", "field", "code", "value"),
    [
        ("text", "data", "not_a_series", "text"),
        ({"value": 1}, "data", "not_a_series", '{"value": 1}'),
        (None, "data", "null", None),
        ([], "data", "points_out_of_range", 0),
        (points(*range(24)) * 3, "data", "points_out_of_range", 72),
        ([5], "data[0]", "not_a_point", 5),
        ([*points(1, 2), None], "data[2]", "not_a_point", None),
        (points(1, "2", 3), "data[1].value", "not_a_number", "2"),
        (points(1, True, 3), "data[1].value", "not_a_number", True),
        (points(1, None, 3), "data[1].value", "null", None),
        (points(1, 2, 1e39), "data[2].value", "out_of_range", 1e39),
        ([{"value": 1}], "data[0].timestamp", "missing", None),
        ([{"timestamp": "2024-01-01"}], "data[0].value", "missing", None),
        ([{"timestamp": "yesterday", "value": 1}], "data[0].timestamp", "not_an_instant", "yesterday"),
        ([{"timestamp": 1_700_000_000, "value": 1}], "data[0].timestamp", "not_an_instant", 1_700_000_000),
        ([{**points(1)[0], "additional_features": [1]}], "data[0].additional_features", "not_features", "[1]"),
        ([{**points(1)[0], "additional_features": {"n": 2**70}}], "data[0].additional_features", "not_features", ...),
    ],
    ids=str,
)
def test_a_refusal_names_the_point(data: Any, field: str, code: str, value: Any) -> None:
    (found,) = violations(trained, body(data))
    assert (found["row"], found["field"], found["code"]) == (0, field, code)
    assert value is ... or found.get("value") == value
    for language in LANGUAGES:
        assert field in str(say(found, language)["message"])


def test_every_bad_point_is_named_once() -> None:
    found = violations(trained, body([{"value": "a"}, *points(1), {"timestamp": 5, "value": None}], window_size="b"))
    assert [item["field"] for item in found] == [
        "data[0].timestamp",
        "data[0].value",
        "data[2].timestamp",
        "data[2].value",
        "window_size",
    ]


def test_a_thousand_bad_points_are_a_hundred_violations() -> None:
    long = Validator(contract({"data": {"type": "series"}}, model={"kind": "window"}))
    assert len(violations(long, body([{}] * 1_000))) == 100


def test_a_missing_series_is_required() -> None:
    assert [(item["field"], item["code"]) for item in violations(trained, b"{}")] == [("data", "missing")]


def test_too_few_points_say_how_many_are_needed() -> None:
    with pytest.raises(TooFewPoints, match=r"at least 5 points are needed in data, got 4\.") as refused:
        trained.parse(body(points(1, 2, 3, 4), window_size=5))
    assert refused.value.status == 400


def test_a_window_never_trained_names_those_that_are() -> None:
    with pytest.raises(WindowNotTrained, match=r"window_size = 10; trained: 3, 5\.") as refused:
        trained.parse(body(points(*range(12)), window_size=10))
    assert refused.value.status == 400


@pytest.mark.parametrize("bad", [{"window_size": 10}, {"window_size": 5}])
def test_in_a_list_the_row_is_named(bad: dict[str, int]) -> None:
    rows = [{"data": points(1, 2, 3)}, {"data": points(1, 2, 3), **bad}]
    with pytest.raises(RequestError, match="Row 1: "):
        trained.parse(json.dumps(rows).encode())


def test_without_a_window_asked_for_it_is_the_last_trained() -> None:
    alone = contract({"data": {"type": "series"}}, model={"kind": "window"}, windows=[{"size": 5}, {"size": 2}])
    assert Validator(alone).parse(body(points(1, 2))).rows
    with pytest.raises(TooFewPoints):
        Validator(alone).parse(body(points(1)))


def test_before_training_any_window_is_a_row() -> None:
    assert Validator(series([])).parse(body(points(1), window_size=500)).rows


def test_the_matrix_holds_the_last_values_in_the_order_of_time() -> None:
    shuffled = [points(1, 2, 3, 4)[at] for at in (3, 0, 2, 1)]
    rows = trained.parse(json.dumps([{"data": shuffled}, {"data": points(*range(8)), "window_size": 5}]).encode()).rows
    end = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    nan = float("nan")
    expected = [[end + 3 * 3_600, nan, 1, 2, 3, 4, 3], [end + 7 * 3_600, 3, 4, 5, 6, 7, 5]]
    np.testing.assert_array_equal(Encoder(TRAINED).matrix(rows), expected)
    values = [f"data.-{back}" for back in range(5, 0, -1)]
    assert [column.name for column in TRAINED.columns] == ["data.end", *values, "window_size"]


def test_values_beyond_those_seen_are_marked_and_the_moment_is_not() -> None:
    rows = [{"data": points(1, 2, 3)}, {"data": points(1, 12, 3)}, {"data": points(99, 1, 2, 3, 4, 5)}]
    matrix = Encoder(TRAINED).matrix(trained.parse(json.dumps(rows).encode()).rows)
    assert SeenRange(TRAINED).outside(matrix) == {1: ("data",)}


def test_the_example_satisfies_the_contract() -> None:
    for sample in (series([]), TRAINED, Contract.model_validate_json(TRAINED.model_dump_json(by_alias=True))):
        assert Validator(sample).check(sample.example())
    given = contract({"data": {"type": "series", "example": points(7)}}, model={"kind": "window"})
    assert [point["value"] for point in given.example()["data"]] == [7]


def test_the_document_describes_a_series() -> None:
    described = row_schema(TRAINED)["properties"]["data"]
    assert (described["type"], described["maxItems"]) == ("array", 50)
    assert described["items"]["required"] == ["timestamp", "value"]
    assert answer_schema(TRAINED)["properties"]["interval"]["minItems"] == 2


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        ({"data": {"type": "series"}}, "table"),
        ({"data": {"type": "series"}, "more": {"type": "series"}}, "window"),
        ({"data": {"type": "series"}, "x": {"type": "number"}}, "window"),
        ({"data": {"type": "series"}, "a": {"type": "integer"}, "b": {"type": "integer"}}, "window"),
        ({"window_size": {"type": "integer"}}, "window"),
        ({"data": {"type": "series", "optional": True}}, "window"),
    ],
)
def test_contracts_that_make_no_sense(inputs: dict[str, Any], kind: str) -> None:
    with pytest.raises((ValueError, ProjectError)):
        contract(inputs, model={"kind": kind})


def test_answers_of_a_series() -> None:
    steps = [[[1.5, 1, 2], [2.5, 2, 3]], [[4, 3, 5], [0, 0, 0]]]
    columns = {
        "value": np.array([1.5, 4.0]),
        "interval": np.array([[1.0, 2.0], [3.0, 5.0]]),
        "confidence": np.array([0.5, 0.9]),
        "forecast": np.array(steps, dtype=np.float64),
        "window": np.array([0, 1]),
    }
    asked = [{"data": points(*range(5)), "window_size": 5}, {"data": points(1, 2, 3)}]
    rows = trained.parse(json.dumps(asked).encode())
    metrics = {"windows": {"5": {"mae": 0.1}, "3": {"mae": 0.3}}}
    outputs = Outputs(2, columns)
    answers = list(Answers(TRAINED, "v", metrics).shape(rows.rows, outputs, ["a", "b"], datetime.now(UTC)).rows())
    assert [json.loads(answer.body) for answer in answers] == [
        {
            "prediction": 1.5,
            "interval": [1.0, 2.0],
            "forecast": [{"value": 1.5, "low": 1.0, "high": 2.0}, {"value": 2.5, "low": 2.0, "high": 3.0}],
            "confidence": 0.5,
            "metrics": {"mae": 0.1},
        },
        {
            "prediction": 4.0,
            "interval": [3.0, 5.0],
            "forecast": [{"value": 4.0, "low": 3.0, "high": 5.0}],
            "confidence": 0.9,
            "metrics": {"mae": 0.3},
        },
    ]
    assert [answer.score for answer in answers] == [1.5, 4.0]


def test_a_violation_beats_a_short_series() -> None:
    with pytest.raises(ContractViolation):
        trained.parse(body(points(1, "x")))


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
)
keys = st.sampled_from(["timestamp", "value", "additional_features", "other"])
values = leaves | st.sampled_from(["2024-01-01", "2024-01-01T00:00:00+05:00", "0001-01-01"])
anything = st.recursive(values, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


@given(st.lists(st.dictionaries(keys, anything, max_size=4), max_size=8) | anything, anything)
def test_whatever_is_sent_is_taken_or_refused_by_name(data: Any, window: Any) -> None:
    """What is taken can be recorded and encoded; what is refused is told in words, whatever it was."""
    found = violations(trained, body(data, window_size=window)) if _is_contracts(data, window) else []
    for violation in found:
        assert all(say(violation, language)["message"] for language in LANGUAGES)
        orjson.dumps(violation)


def _is_contracts(data: Any, window: Any) -> bool:
    """Whether the contract has something to say; what it takes is recorded and encoded."""
    try:
        (row,) = trained.parse(body(data, window_size=window)).rows
    except RequestError as error:
        return isinstance(error, ContractViolation)
    orjson.dumps(row, option=orjson.OPT_UTC_Z)
    assert np.isfinite(Encoder(TRAINED).matrix([row])[:, [0, -1]]).all()
    return False
