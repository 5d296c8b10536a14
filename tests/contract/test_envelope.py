"""Three shapes of one request, and rows that are named by their number."""

import json
from typing import Any

import pytest

from vaticina.contract import Contract, Validator
from vaticina.contract.envelope import EnvelopeValidator, make_validator
from vaticina.errors import ContractViolation, InvalidJSON

INPUTS = {
    "x": {"type": "number"},
    "customerID": {"type": "identifier", "optional": True, "default": "cust_{i}"},
}


def contract(**more: Any) -> Contract:
    envelope = {"request": "features", "answer": "results"}
    return Contract.model_validate({"name": "churn", "inputs": INPUTS, "envelope": envelope, **more})


def parsed(body: Any) -> Any:
    return make_validator(contract()).parse(json.dumps(body).encode())


def test_the_three_shapes_hold_the_same_rows() -> None:
    row = {"x": 1.5, "customerID": "A"}
    flat, rows, envelope = parsed(row), parsed([row]), parsed({"features": [row]})
    assert flat.rows == rows.rows == envelope.rows == [row]
    assert (flat.many, rows.many, envelope.many) == (False, True, True)
    assert rows.frame == (b"[", b"]")
    assert envelope.frame == (b'{"results":[', b"]}")


def test_rows_without_an_identifier_are_numbered() -> None:
    rows = [{"x": 1}, {"x": 2, "customerID": "B"}, {"x": 3, "customerID": None}]
    assert [row["customerID"] for row in parsed({"features": rows}).rows] == ["cust_0", "B", "cust_2"]
    assert [row["customerID"] for row in parsed(rows).rows] == ["cust_0", "B", "cust_2"]
    assert parsed({"x": 1}).rows[0]["customerID"] == "cust_0"


@pytest.mark.parametrize(
    "body", [{"features": []}, {"features": [{"x": "a"}]}, {"features": 3}, {"features": {"x": 1}}]
)
def test_envelopes_that_hold_no_rows_are_refused(body: Any) -> None:
    with pytest.raises(ContractViolation):
        parsed(body)


def test_a_bad_row_is_named_by_its_place() -> None:
    with pytest.raises(ContractViolation) as refused:
        parsed({"features": [{"x": 1}, {"x": None}]})
    assert refused.value.violations[0]["row"] == 1


@pytest.mark.parametrize("body", [b'{"features": [', b'{"features": [], "features": []}', b'{"features": NaN}'])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(InvalidJSON):
        make_validator(contract()).parse(body)


def test_the_key_may_stand_as_a_text_in_a_row() -> None:
    row = {"x": 1.0, "customerID": "features"}
    assert parsed(row).rows == [row]


def test_other_projects_do_not_pay() -> None:
    plain = Contract.model_validate({"name": "plain", "inputs": {"x": {"type": "number"}}})
    assert type(make_validator(plain)) is Validator
    assert type(make_validator(contract())) is EnvelopeValidator


@pytest.mark.parametrize("output", [{"from": "identifier", "input": "x"}, {"from": "identifier", "input": "gone"}])
def test_only_an_identifier_is_given_back(output: Any) -> None:
    with pytest.raises(ValueError, match="gives back an identifier"):
        contract(outputs={"customer_id": output})
