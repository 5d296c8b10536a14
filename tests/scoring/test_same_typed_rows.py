"""A value that has a type in its file is the same value for ``score`` and for ``replay``."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vaticina.client.json_cell import body_writer
from vaticina.contract import Contract, Validator
from vaticina.errors import ContractViolation
from vaticina.scoring.checked_rows import RowChecker
from vaticina.tables import open_table

NAN = float("nan")

VALUES = [True, False, 7, 7.0, 7.5, 1.0, 0.0, NAN, None, Decimal("7.0"), " 7 ", "NA", date(2026, 1, 31)]
VALUES += [datetime(2026, 1, 31, 10), datetime(2026, 1, 31, 10, tzinfo=UTC)]  # noqa: DTZ001 -- files hold such moments

FIELDS: list[dict[str, Any]] = [
    {"type": "number"},
    {"type": "integer"},
    {"type": "flag"},
    {"type": "category", "seen": ["7", "True", "7.0"]},
    {"type": "category", "seen": [1, 7]},
    {"type": "identifier"},
]


def taken(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ContractViolation:
        return "refused"


@pytest.mark.parametrize("field", FIELDS, ids=str)
@pytest.mark.parametrize("value", VALUES[:-3], ids=repr)
def test_a_typed_value_is_the_same_for_score_and_replay(tmp_path: Path, field: dict[str, Any], value: Any) -> None:
    check_same(tmp_path, field, value)


@pytest.mark.parametrize("value", VALUES[-3:], ids=repr)
def test_a_typed_moment_is_the_same_for_score_and_replay(tmp_path: Path, value: Any) -> None:
    check_same(tmp_path, {"type": "instant"}, value)


def check_same(folder: Path, field: dict[str, Any], value: Any) -> None:
    inputs = {"x": {**field, "optional": True}, "other": {"type": "number"}}
    contract = Contract.model_validate({"name": "typed", "inputs": inputs})
    path = folder / "data.parquet"
    pq.write_table(pa.table({"x": pa.array([value]), "other": [1.0]}), path)  # type: ignore[no-untyped-call]
    table = open_table(path)
    checked, _ = RowChecker(contract, table).check(list(table.rows()))
    [cells] = table.take([0])
    body = body_writer(contract.inputs, table.names)(dict(zip(table.names, cells, strict=True)))
    replayed = taken(lambda: Validator(contract).parse(orjson.dumps(body, default=str)).rows[0]["x"])
    scored = checked[0].values["x"] if checked else "refused"
    assert scored == replayed
    assert type(scored) is type(replayed)
