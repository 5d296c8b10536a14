from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract.samples import EVERYTHING, MEDICO, contract
from vaticina.contract import Column, Contract, Validator


def test_columns_describe_the_matrix() -> None:
    assert EVERYTHING.columns == (
        Column("number", "number", "number"),
        Column("free", "free", "number"),
        Column("integer", "integer", "number"),
        Column("category", "category", "category", 2),
        Column("code", "code", "category", 3),
        Column("city", "city", "category", 2),
        Column("zip", "zip", "category", 2),
        Column("flag", "flag", "number"),
        Column("at.epoch", "at", "number"),
        Column("at.hour", "at", "number"),
        Column("at.weekday", "at", "number"),
        Column("at.month", "at", "number"),
    )


def test_an_output_may_be_spelled_out_or_be_a_name() -> None:
    assert MEDICO.outputs["prediccion"].quantity == "label"
    assert MEDICO.outputs["prediccion"].offset
    assert MEDICO.outputs["timestamp"].quantity == "time"
    assert not MEDICO.outputs["timestamp"].offset


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "Medico"}, "pattern"),
        ({"name": "../medico"}, "pattern"),
        ({"name": "m" * 64}, "pattern"),
        ({"timezone": "Peru/Lima"}, "no time zone is called 'Peru/Lima'"),
        ({"timezone": "../../etc/passwd"}, "no time zone"),
        ({"timezone": ""}, "no time zone"),
        ({"timezone": "America"}, "no time zone"),
        ({"inputs": {}}, "at least 1 item"),
        ({"inputs": {"id": {"type": "identifier"}}}, "every input is an identifier"),
        ({"outputs": {"y": "lable"}}, "Input should be 'label'"),
        ({"outputs": {"y": {"from": "time", "ofset": False}}}, "Extra inputs"),
        ({"classes": ["a", "b"], "positive": "c"}, "positive class 'c' is not among the classes"),
        ({"classes": ["a", "a"]}, "listed twice"),
        ({"unknown": "maybe"}, "'ignore' or 'refuse'"),
        ({"extra": 1}, "Extra inputs"),
    ],
)
def test_contracts_that_are_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Contract.model_validate({"name": "sample", "inputs": {"x": {"type": "number"}}, **more})


@pytest.mark.parametrize(
    ("classes", "positive", "index"),
    [
        (["no", "yes"], None, 1),
        (["no", "yes"], "no", 0),
        ([0, 1], 1, 1),
        ([False, True], False, 0),
        ([1.5, 2.5], 1.5, 0),
    ],
)
def test_the_positive_class_is_the_last_when_not_said(classes: list[Any], positive: Any, index: int) -> None:
    found = contract({"x": {"type": "number"}}, classes=classes, positive=positive)
    assert found.positive_index == index


@pytest.mark.parametrize("classes", [["a"], [1, 2], [1.5], [True, False], ["1", 1]])
def test_classes_keep_their_types_through_json(classes: list[Any]) -> None:
    found = contract({"x": {"type": "number"}}, classes=classes)
    again = Contract.model_validate_json(found.model_dump_json(by_alias=True))
    assert list(again.classes) == classes
    assert list(map(type, again.classes)) == list(map(type, classes))


@pytest.mark.parametrize("sample", [MEDICO, EVERYTHING])
def test_a_contract_survives_json_with_its_hash(sample: Contract) -> None:
    again = Contract.model_validate_json(sample.model_dump_json(by_alias=True))
    assert again == sample
    assert again.hash == sample.hash


def test_the_hash_tells_contracts_apart() -> None:
    x, y = {"x": {"type": "number"}}, {"y": {"type": "number"}}
    variants = [
        contract(x),
        contract({"x": {"type": "integer"}}),
        contract({"x": {"type": "number", "min": 0}}),
        contract({**x, **y}),
        contract({**y, **x}),
        contract(x, classes=["a", "b"]),
        contract(x, classes=["b", "a"]),
    ]
    assert len({variant.hash for variant in variants}) == len(variants)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "number"}, 0.0),
        ({"type": "number", "min": 0, "max": 150}, 75.0),
        ({"type": "number", "min": 5}, 5.0),
        ({"type": "number", "max": -5}, -5.0),
        ({"type": "number", "seen": [2, 4]}, 3.0),
        ({"type": "number", "max": 1, "seen": [2, 4]}, 1.0),
        ({"type": "number", "min": 0, "max": 150, "example": 45}, 45.0),
        ({"type": "number", "default": 2}, 2.0),
        ({"type": "integer", "min": 1, "max": 2}, 1),
        ({"type": "integer", "min": -3, "max": -2}, -2),
        ({"type": "category"}, "text"),
        ({"type": "category", "categories": [7, 8]}, 7),
        ({"type": "category", "seen": ["b", "a"]}, "b"),
        ({"type": "flag"}, False),
        ({"type": "flag", "example": True}, True),
        ({"type": "instant"}, "2026-01-01T00:00:00Z"),
        ({"type": "instant", "example": "2026-01-31"}, "2026-01-31T00:00:00"),
    ],
)
def test_an_example_is_made_of_what_the_field_says(field: dict[str, Any], value: object) -> None:
    sample = contract({"x": field})
    assert sample.example() == {"x": value}
    assert type(sample.example()["x"]) is type(value)
    Validator(sample).check(sample.example())


def test_an_example_leaves_out_what_is_optional_and_has_none() -> None:
    sample = contract(
        {
            "x": {"type": "number"},
            "y": {"type": "number", "optional": True},
            "z": {"type": "number", "optional": True, "example": 1},
            "id": {"type": "identifier", "max_length": 2},
        }
    )
    assert sample.example() == {"x": 0.0, "z": 1.0, "id": "A-"}
    Validator(sample).check(sample.example())
