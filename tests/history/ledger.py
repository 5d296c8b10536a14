"""What a database really holds, beside what its counters and blocks say."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, func, literal_column, select

from vaticina.history.journal import FIRST_UNCOUNTED
from vaticina.history.schema import BLOCK, NEWEST
from vaticina.history.tables import BlockRow, CounterRow, PredictionRow
from vaticina.history.urls import parse


def uids(url: str) -> list[str]:
    """Every uid, in the order of the numbers."""
    with _connect(url) as connection:
        return list(connection.scalars(select(PredictionRow.uid).order_by(PredictionRow.seq)))


def check_counts(url: str) -> None:
    """Counters and blocks say what the rows say, up to those that are not summed up yet."""
    label = func.coalesce(PredictionRow.label, "")
    with _connect(url) as connection:
        summed = PredictionRow.seq < literal_column(
            FIRST_UNCOUNTED if connection.dialect.name == "sqlite" else str(NEWEST)
        )
        rows = connection.execute(
            select(PredictionRow.project, label, PredictionRow.seq, PredictionRow.time).where(summed)
        ).all()
        counters = connection.execute(
            select(CounterRow.project, CounterRow.label, func.sum(CounterRow.rows)).group_by(
                CounterRow.project, CounterRow.label
            )
        ).all()
        blocks = connection.execute(select(BlockRow)).all()
    assert {(c[0], c[1]): c[2] for c in counters} == Counter((row[0], row[1]) for row in rows)
    assert max((block.block for block in blocks), default=-1) == max((row.seq // BLOCK for row in rows), default=-1)
    for row in rows:
        assert any(
            block.first_time <= row.time <= block.last_time
            for block in blocks
            if (block.block, block.project, block.label) == (row.seq // BLOCK, row[0], row[1])
        )


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    """A connection that sees one moment: a killed client's last batch may be committed while we look."""
    engine = create_engine(parse(url), poolclass=NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.exec_driver_sql("BEGIN")
        yield connection
