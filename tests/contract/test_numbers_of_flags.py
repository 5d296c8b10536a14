"""An input of numbers that takes flags: true is 1 and false is 0, in JSON and in the cells of a table."""

from typing import Any

import pytest

from vaticina.api.contract_schemas import _input_schema
from vaticina.contract import Contract
from vaticina.contract.envelope import make_validator
from vaticina.contract.fields import Number
from vaticina.contract.text_values import text_reader
from vaticina.errors import ContractViolation


def contract(**number: Any) -> Contract:
    return Contract.model_validate(
        {
            "name": "tienda",
            "model": {"kind": "imported"},
            "inputs": {"activo": {"type": "number", **number}},
            "outputs": {"prediction": "value"},
        }
    )


@pytest.mark.parametrize(("value", "number"), [(True, 1.0), (False, 0.0), (0.5, 0.5), (1, 1.0)])
def test_flags_are_numbers_where_the_input_says_so(value: object, number: float) -> None:
    (row,) = make_validator(contract(flags=True)).check_all([{"activo": value}])
    assert row == {"activo": number}
    assert type(row["activo"]) is float


def test_other_types_are_refused_as_ever() -> None:
    for flags, value in ((False, True), (True, "true"), (True, "1"), (True, None)):
        with pytest.raises(ContractViolation):
            make_validator(contract(flags=flags)).check_all([{"activo": value}])


def test_the_range_holds_for_flags_too() -> None:
    with pytest.raises(ContractViolation):
        make_validator(contract(flags=True, max=0.5)).check_all([{"activo": True}])


def test_cells_are_read_by_the_same_words() -> None:
    read = text_reader(Number(flags=True))
    assert [read(text) for text in ("True", " false ", "0.25", "NA", "yes")] == ["1", "0", "0.25", None, "yes"]


def test_the_schema_names_both_types() -> None:
    assert _input_schema(Number(flags=True))["type"] == ["number", "boolean"]
    assert _input_schema(Number(flags=True, optional=True))["type"] == ["number", "boolean", "null"]
    assert _input_schema(Number(optional=True))["type"] == ["number", "null"]
