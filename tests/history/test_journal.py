"""The journal inserts as SQLAlchemy would, and sums up what is full."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.sql.dml import Insert

from vaticina.contract.record import Record
from vaticina.history import journal
from vaticina.history.tables import PredictionRow


def compiled(statement: Insert, columns: Sequence[str] | None = None) -> str:
    return str(statement.compile(dialect=dialect.dialect(paramstyle="qmark"), column_keys=columns))


def test_a_prediction_is_inserted_by_all_its_columns() -> None:
    assert compiled(insert(PredictionRow), Record._fields) == journal.INSERT
