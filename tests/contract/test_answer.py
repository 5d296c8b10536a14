from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest

from tests.contract.samples import EVERYTHING, EVERYTHING_ROW, MEDICO, contract
from vaticina.contract import Answered, Answers, Contract, Encoder, Outputs, SeenRange, Validator
from vaticina.contract.answers import written
from vaticina.contract.seen_range import outside_names

TIME = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)
ROW: dict[str, Any] = {"edad": 45.0, "fiebre": 39.5, "dolor": 8.0}


def shape(sample: Contract, columns: dict[str, list[Any]], rows: list[dict[str, Any]] | None = None) -> list[Answered]:
    size = len(next(iter(columns.values())))
    given = rows or [ROW] * size
    outputs = Outputs(size, {name: np.array(values) for name, values in columns.items()})
    return list(Answers(sample, "v1").shape(given, outputs, [f"u{at}" for at in range(size)], TIME).rows())


def small(outputs: dict[str, Any], **more: Any) -> Contract:
    return contract({"x": {"type": "number"}}, outputs=outputs, **more)


def bodies(answered: list[Answered]) -> list[Any]:
    return [orjson.loads(answer.body) for answer in answered]


LABELLED: dict[str, list[Any]] = {"label": [1, 0], "probabilities": [[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]]}


def test_the_documented_answer_has_its_keys_in_their_order() -> None:
    first, second = shape(MEDICO, LABELLED)
    assert first.body == (
        b'{"prediccion":"ENFERMEDAD LEVE","probabilidad":0.7,"timestamp":"2026-01-31T12:00:00.000005",'
        b'"entrada":{"edad":45.0,"fiebre":39.5,"dolor":8.0}}'
    )
    assert orjson.loads(second.body)["prediccion"] == "NO ENFERMO"


def test_what_is_recorded_beside_the_body() -> None:
    first, _ = shape(MEDICO, LABELLED)
    assert first.input == b'{"edad":45.0,"fiebre":39.5,"dolor":8.0}'
    assert first.output == (
        b'{"prediccion":"ENFERMEDAD LEVE","probabilidad":0.7,"timestamp":"2026-01-31T12:00:00.000005"}'
    )
    assert (first.label, first.score) == ("ENFERMEDAD LEVE", 0.7)


def test_the_input_may_stand_first_and_twice() -> None:
    sample = small({"a": "input", "y": "value", "b": "input"})
    (answered,) = shape(sample, {"value": [2.5]}, [{"x": 1.0}])
    assert answered.body == b'{"a":{"x":1.0},"y":2.5,"b":{"x":1.0}}'
    assert answered.output == b'{"y":2.5}'


def test_an_answer_without_the_input_is_its_own_output() -> None:
    (answered,) = shape(small({"y": "value"}), {"value": [2.5]})
    assert answered.body == answered.output == b'{"y":2.5}'
    assert (answered.label, answered.score) == (None, 2.5)


def test_each_row_has_its_own_identity() -> None:
    sample = small({"id": "id", "v": "version", "t": "time"})
    assert bodies(shape(sample, {"value": [1.0, 2.0]})) == [
        {"id": "u0", "v": "v1", "t": "2026-01-31T12:00:00.000005Z"},
        {"id": "u1", "v": "v1", "t": "2026-01-31T12:00:00.000005Z"},
    ]


@pytest.mark.parametrize(
    ("classes", "labels"),
    [(["a", "b", "c"], ["b", "a"]), ([10, 20, 30], [20, 10]), ([0.5, 1.5, 2.5], [1.5, 0.5])],
)
def test_labels_keep_their_type(classes: list[Any], labels: list[Any]) -> None:
    answered = shape(small({"y": "label"}, classes=classes), LABELLED)
    assert [body["y"] for body in bodies(answered)] == labels
    assert [answer.label for answer in answered] == list(map(str, labels))


def test_flags_as_labels() -> None:
    answered = shape(small({"y": "label"}, classes=[False, True]), {"label": [1, 0]})
    assert [answer.body for answer in answered] == [b'{"y":true}', b'{"y":false}']


def test_probabilities_are_named_by_class() -> None:
    answered = shape(small({"p": "probabilities"}, classes=[1, 2, 3]), LABELLED)
    assert bodies(answered)[0] == {"p": {"1": 0.1, "2": 0.7, "3": 0.2}}


def test_a_probability_is_that_of_the_label_answered() -> None:
    columns: dict[str, list[Any]] = {"label": [2], "probabilities": [[0.1, 0.7, 0.2]]}  # a label moved by a threshold
    (answered,) = shape(small({"p": "probability"}, classes=["a", "b", "c"]), columns)
    assert orjson.loads(answered.body) == {"p": 0.2}
    assert answered.score == 0.2


@pytest.mark.parametrize(("positive", "expected"), [(None, [0.8, 0.4]), ("yes", [0.8, 0.4]), ("no", [0.2, 0.6])])
def test_the_positive_probability_is_that_of_the_positive_class(positive: str | None, expected: list[float]) -> None:
    sample = small({"p": "positive_probability"}, classes=["no", "yes"], positive=positive)
    answered = shape(sample, {"label": [1, 0], "probabilities": [[0.2, 0.8], [0.6, 0.4]]})
    assert [body["p"] for body in bodies(answered)] == expected


def test_clusters_and_anomalies_are_integers() -> None:
    sample = small({"cluster": "cluster", "prediccion": "anomaly", "score": "score"})
    (answered,) = shape(sample, {"cluster": [2], "anomaly": [1], "score": [0.25]})
    assert answered.body == b'{"cluster":2,"prediccion":1,"score":0.25}'
    assert (answered.label, answered.score) == ("1", 0.25)


def test_a_flat_body_of_a_contract_without_outputs_is_empty() -> None:
    (answered,) = shape(small({}), {"value": [1.0]})
    assert answered.body == b"{}"


def test_instants_of_the_input_are_written_in_utc() -> None:
    sample = contract({"at": {"type": "instant"}}, outputs={"y": "value"}, timezone="America/Lima")
    row = Validator(sample).check({"at": "2026-01-31T07:00:00"})
    (answered,) = shape(sample, {"value": [1.0]}, [row])
    assert answered.input == b'{"at":"2026-01-31T12:00:00Z"}'
    assert Validator(sample).parse(answered.input).rows == [row]


def test_a_recorded_input_is_a_body_that_gives_the_same_row() -> None:
    row = Validator(EVERYTHING).check(EVERYTHING_ROW)
    (answered,) = shape(EVERYTHING, {"value": [1.0]}, [row])
    assert Validator(EVERYTHING).parse(answered.input).rows == [row]


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_outputs_and_uids_of_different_numbers_are_refused(rows: int) -> None:
    outputs = Outputs(2, {"value": np.zeros(2)})
    with pytest.raises(ValueError, match="do not belong together"):
        Answers(small({"y": "value"}), "v1").shape([ROW] * rows, outputs, ["u", "v"], TIME)


def test_a_time_always_has_microseconds() -> None:
    assert written(datetime(2026, 1, 31, tzinfo=UTC)) == "2026-01-31T00:00:00.000000Z"
    assert written(datetime(2026, 1, 31, tzinfo=UTC), offset=False) == "2026-01-31T00:00:00.000000"


SEEN = contract(
    {
        "x": {"type": "number", "seen": [0, 10], "optional": True},
        "n": {"type": "integer", "seen": [1, 3], "optional": True},
        "c": {"type": "category", "seen": ["a", "b"], "optional": True},
        "free": {"type": "number", "min": 0, "max": 1, "optional": True},
        "any": {"type": "category", "optional": True},
        "f": {"type": "flag", "optional": True},
        "at": {"type": "instant", "seen": ["2025-01-01", "2025-12-31"], "optional": True},
    }
)


@pytest.mark.parametrize(
    ("row", "outside"),
    [
        ({}, ()),
        ({"x": 0.0, "n": 1, "c": "a"}, ()),
        ({"x": 10.0, "n": 3, "c": "b"}, ()),
        ({"x": 10.5}, ("x",)),
        ({"x": -1e-9}, ("x",)),
        ({"n": 4}, ("n",)),
        ({"c": "z"}, ("c",)),
        ({"c": "A"}, ("c",)),
        ({"free": 0.5, "any": "whatever", "f": True}, ()),
        ({"at": "2030-01-01"}, ()),  # time goes on
        ({"x": 5.0, "c": "z"}, ("c",)),
        ({"c": "z", "x": 11.0}, ("x", "c")),
    ],
)
def test_rows_outside_what_training_saw(row: dict[str, Any], outside: tuple[str, ...]) -> None:
    rows = [Validator(SEEN).check(values) for values in (row, {})]
    matrix = Encoder(SEEN).matrix(rows)
    expected = {0: outside} if outside else {}
    assert SeenRange(SEEN).outside(matrix) == expected
    assert SeenRange(SEEN).outside(matrix[:1]) == expected


def test_no_rows_are_not_outside() -> None:
    assert SeenRange(SEEN).outside(Encoder(SEEN).matrix([])) == {}


def test_the_names_of_several_rows_stand_once() -> None:
    outside = {1: ("x", "c"), 2: ("n", "c"), 4: ("f",)}
    assert outside_names(outside, 0, 1) == ()
    assert outside_names(outside, 0, 3) == ("x", "c", "n")


def test_an_answer_names_what_lies_outside_when_the_contract_asks() -> None:
    sample = contract({"x": {"type": "number", "seen": [0, 1]}}, outputs={"y": "value", "unusual": "outside"})
    outputs = Outputs(2, {"value": np.zeros(2)})
    rows = [{"x": 0.5}, {"x": 2.0}]
    outside = SeenRange(sample).outside(Encoder(sample).matrix(rows))
    shaped = Answers(sample, "v1").shape(rows, outputs, ["u", "v"], TIME, outside)
    assert list(map(orjson.loads, shaped.bodies)) == [{"y": 0.0, "unusual": []}, {"y": 0.0, "unusual": ["x"]}]
