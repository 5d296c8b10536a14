"""What holds for every contract and every row, not only for those we thought of."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.strategies import broken_rows, contracts, rows
from vaticina.contract import Answers, Contract, Encoder, Outputs, SeenRange, Validator
from vaticina.contract.fields import Category, Identifier
from vaticina.contract.messages import LANGUAGES
from vaticina.contract.violations import say
from vaticina.errors import ContractViolation, InvalidJSON

many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

satisfied = contracts().flatmap(
    lambda sample: st.tuples(st.just(sample), st.lists(rows(sample), min_size=1, max_size=4))
)
violated = contracts().flatmap(lambda sample: st.tuples(st.just(sample), broken_rows(sample)))


def refusal(sample: Contract, body: bytes) -> InvalidJSON | ContractViolation | None:
    try:
        Validator(sample).parse(body)
    except (InvalidJSON, ContractViolation) as error:
        return error
    return None


def spoken(error: InvalidJSON | ContractViolation) -> list[bytes]:
    """All that the error says, in every language, as JSON."""
    problems = error.violations if isinstance(error, ContractViolation) else []
    return [orjson.dumps(error.message), *(orjson.dumps(say(item, to)) for item in problems for to in LANGUAGES)]


@many
@given(satisfied)
def test_rows_that_satisfy_a_contract_are_taken_alone_and_in_lists(case: tuple[Contract, list[dict[str, Any]]]) -> None:
    sample, given_rows = case
    validator = Validator(sample)
    alone = [validator.parse(json.dumps(row).encode()).rows[0] for row in given_rows]
    assert validator.parse(json.dumps(given_rows).encode()).rows == alone
    assert all(list(row) == list(sample.inputs) for row in alone)


@many
@given(violated)
def test_a_row_with_one_bad_field_is_refused_for_that_field_alone(case: tuple[Contract, tuple[Any, str]]) -> None:
    sample, (row, name) = case
    with pytest.raises(ContractViolation) as caught:
        Validator(sample).parse(json.dumps(row).encode())
    assert [(item["row"], item["field"]) for item in caught.value.violations] == [(0, name)]
    assert spoken(caught.value)


@many
@given(satisfied)
def test_encoded_rows_are_finite_or_missing(case: tuple[Contract, list[dict[str, Any]]]) -> None:
    sample, given_rows = case
    checked = Validator(sample).check_all(given_rows)
    matrix = Encoder(sample).matrix(checked)
    assert matrix.shape == (len(given_rows), len(sample.columns))
    assert not np.isinf(matrix).any()
    with np.errstate(over="raise"):
        assert not np.isinf(matrix.astype(np.float32)).any()  # most runtimes use 32 bits inside
    for at, column in enumerate(sample.columns):
        missing = [row[column.input] is None for row in checked]
        assert np.isnan(matrix[:, at]).tolist() == missing


@many
@given(satisfied)
def test_a_code_leads_back_to_its_category(case: tuple[Contract, list[dict[str, Any]]]) -> None:
    sample, given_rows = case
    checked = Validator(sample).check_all(given_rows)
    matrix = Encoder(sample).matrix(checked)
    for at, column in enumerate(sample.columns):
        field = sample.inputs[column.input]
        if isinstance(field, Category):
            assert column.size == len(field.known)
            for value, code in zip((row[column.input] for row in checked), matrix[:, at], strict=True):
                assert value is None or code == (field.known.index(value) if value in field.known else column.size)


@many
@given(satisfied)
def test_rows_encode_the_same_alone_and_together(case: tuple[Contract, list[dict[str, Any]]]) -> None:
    sample, given_rows = case
    checked = Validator(sample).check_all(given_rows)
    encoder, seen = Encoder(sample), SeenRange(sample)
    together = encoder.matrix(checked)
    apart = np.vstack([encoder.matrix([row]) for row in checked])
    assert np.array_equal(together, apart, equal_nan=True)
    lone = [seen.outside(row.reshape(1, -1)) for row in apart]
    assert seen.outside(together) == {index: names[0] for index, names in enumerate(lone) if names}


@many
@given(satisfied)
def test_a_recorded_input_gives_the_same_row_again(case: tuple[Contract, list[dict[str, Any]]]) -> None:
    sample, given_rows = case
    checked = Validator(sample).check_all(given_rows)
    outputs = Outputs(len(checked), {"value": np.zeros(len(checked))})
    answered = Answers(sample, "v1").shape(checked, outputs, ["u"] * len(checked), datetime(2026, 1, 1, tzinfo=UTC))
    assert [Validator(sample).parse(entry).rows[0] for entry in answered.inputs] == checked


@many
@given(contracts())
def test_a_contract_survives_json_and_its_example_satisfies_it(sample: Contract) -> None:
    again = Contract.model_validate_json(sample.model_dump_json(by_alias=True))
    assert again == sample
    assert again.hash == sample.hash
    Validator(sample).parse(json.dumps(sample.example()).encode())
    features = {name for name, field in sample.inputs.items() if not isinstance(field, Identifier)}
    assert {column.input for column in sample.columns} == features


@many
@given(contracts(), st.binary(max_size=200))
def test_bytes_are_a_clear_refusal_or_rows(sample: Contract, body: bytes) -> None:
    refused = refusal(sample, body)
    assert refused is None or spoken(refused)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@many
@given(contracts(), json_values)
def test_any_json_is_a_clear_refusal_or_rows(sample: Contract, value: object) -> None:
    refused = refusal(sample, json.dumps(value).encode())
    assert refused is None or spoken(refused)
