"""The journal's statements are what SQLAlchemy compiles for the mapped tables."""

from collections.abc import Sequence

from sqlalchemy import func, insert
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.dml import Insert

from vaticina.contract.record import Record
from vaticina.history import journal
from vaticina.history.tables import Block, Counter, Prediction


def compiled(statement: Insert, columns: Sequence[str] | None = None) -> str:
    return str(statement.compile(dialect=dialect.dialect(paramstyle="qmark"), column_keys=columns))


def test_a_prediction_is_inserted_by_all_its_columns() -> None:
    assert compiled(insert(Prediction), Record._fields) == journal.INSERT


def test_counters_count_up() -> None:
    statement = upsert(Counter)
    keys = [Counter.project, Counter.label, Counter.writer]
    raised = statement.on_conflict_do_update(keys, set_={"rows": Counter.rows + statement.excluded.rows})
    assert compiled(raised) == journal.COUNT_UP


def test_blocks_only_widen() -> None:
    statement = upsert(Block)
    fresh = statement.excluded
    wider = {
        "first_time": func.min(Block.first_time, fresh.first_time),
        "last_time": func.max(Block.last_time, fresh.last_time),
    }
    keys = [Block.block, Block.project, Block.label, Block.writer]
    assert compiled(statement.on_conflict_do_update(keys, set_=wider)) == journal.WIDEN_BLOCK
