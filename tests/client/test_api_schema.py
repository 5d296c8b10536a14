"""What servers say that they want."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.client.foreign import SEEN, foreign
from tests.client.test_replay import at_once
from vaticina.client.api_schema import from_info, from_openapi
from vaticina.client.replay import replay
from vaticina.contract.fields import Category, Flag, Instant, Integer, Number
from vaticina.errors import ServerUnavailable


def test_a_server_of_another_make_is_understood_by_its_openapi(tmp_path: Path) -> None:
    columns = {
        "condition": ["new", "used", "used"],
        "state": ["SP", "RJ", "SP"],
        "free_shipping": [1, 0, 1],
        "attribute_id": ["season", None, None],
        "stock_quantity": [20.0, 5.0, 30.0],
        "total_amount": [100, 200, 300],
    }
    pq.write_table(pa.table(columns), tmp_path / "test.parquet")  # type: ignore[no-untyped-call]
    with foreign() as url:
        summary = replay(tmp_path / "test.parquet", url, at_once(30))
    assert (summary.answered, summary.failed) == (30, 0)
    assert summary.agreement is not None
    agreement = summary.agreement
    assert 0 < agreement.equal < agreement.compared == 30, "the third row's truth is not what it answers"
    assert {row["attribute_id"] for row in SEEN} == {"season", None}
    assert {row["free_shipping"] for row in SEEN} == {True, False}


def test_a_server_that_has_no_such_route_is_told(parquet: Path) -> None:
    with foreign() as url, pytest.raises(ServerUnavailable, match=r"It has /predict: name one in the address"):
        replay(parquet, f"{url}/models/other", at_once(1))


def test_openapi_types_become_inputs() -> None:
    schema = {
        "properties": {
            "a": {"type": "number"},
            "b": {"type": ["integer", "null"]},
            "c": {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
            "d": {"$ref": "#/components/schemas/Colour"},
            "e": {"type": "string", "format": "date-time"},
        },
        "required": ["a"],
    }
    body = {"oneOf": [{"$ref": "#/components/schemas/Row"}, {"type": "array"}]}
    post = {"requestBody": {"content": {"application/json": {"schema": body}}}}
    document = {
        "paths": {"/predict": {"post": post}},
        "components": {"schemas": {"Row": schema, "Colour": {"type": "string", "enum": ["red"]}}},
    }
    wanted = from_openapi(document, "/predict")
    assert wanted is not None
    assert {name: type(field) for name, field in wanted.inputs.items()} == {
        "a": Number,
        "b": Integer,
        "c": Flag,
        "d": Category,
        "e": Instant,
    }
    assert [name for name, field in wanted.inputs.items() if not field.optional] == ["a"]


@pytest.mark.parametrize("told", [None, [], {}, {"contract": None}, {"contract": {"name": "x"}}, "text"])
def test_what_says_nothing_is_none(told: object) -> None:
    assert from_info(told) is None
    assert from_openapi(told, "/predict") is None
