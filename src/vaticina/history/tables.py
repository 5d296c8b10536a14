"""The tables of the history, as SQLAlchemy maps them; ``migrations`` creates the same ones step by step.

Any engine can read through this mapping, an asynchronous one (``postgresql+psycopg_async``, ``sqlite+aiosqlite``) too::

    async with AsyncSession(create_async_engine(url)) as session:
        newest = await session.scalars(select(Prediction).order_by(Prediction.seq.desc()).limit(5))

Times are microseconds since 1970, UTC; JSON is text, exactly as validated and answered.
"""

from sqlalchemy import BigInteger, Boolean, Double, Identity, Index, Integer, MetaData, Text, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite numbers rows by itself only under the very type INTEGER.
_Seq = BigInteger().with_variant(Integer, "sqlite")
# Names and ids are compared byte by byte, not by the rules of a human language, which cost more.
_Name = Text().with_variant(Text(collation="C"), "postgresql")
# The table is stored in its primary key's index.
_CLUSTERED = {"sqlite_with_rowid": False}


class HistoryTables(DeclarativeBase):
    """The base class of all tables."""

    metadata = MetaData()


class PredictionRow(HistoryTables):
    """One answered row; the columns after ``seq`` are those of ``contract.record.Record``, in its order.

    ``uid`` is 32 hexadecimal characters: as a blob it would take a tenth less of the file and as much time, and nobody
    could type it. Only it and the idempotency key are indexed, since every index costs pages at each commit: ``blocks``
    says in which rows to look for the rest.
    """

    __tablename__ = "predictions"

    seq: Mapped[int] = mapped_column(_Seq, Identity(), primary_key=True)
    uid: Mapped[str] = mapped_column(_Name)
    request_id: Mapped[str] = mapped_column(Text)
    row_index: Mapped[int] = mapped_column(Integer)
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    project: Mapped[str] = mapped_column(_Name)
    version: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    time: Mapped[int] = mapped_column(BigInteger)
    input: Mapped[str] = mapped_column(Text)
    output: Mapped[str] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(_Name)
    score: Mapped[float | None] = mapped_column(Double)
    outside_range: Mapped[bool] = mapped_column(Boolean)
    principal: Mapped[str | None] = mapped_column(Text)
    latency_us: Mapped[int] = mapped_column(BigInteger)


Index("predictions_uid", PredictionRow.uid, unique=True)
# A request with a key may hold several rows; an anonymous caller's key is as unique as a named one's.
Index(
    "predictions_idempotency",
    PredictionRow.project,
    func.coalesce(PredictionRow.principal, text("''")),
    PredictionRow.idempotency_key,
    PredictionRow.row_index,
    unique=True,
    sqlite_where=PredictionRow.idempotency_key.is_not(None),
    postgresql_where=PredictionRow.idempotency_key.is_not(None),
)


class CounterRow(HistoryTables):
    """How many predictions with a label a writer has recorded; the label of those without one is ``''``.

    It is changed in a transaction that records predictions: on PostgreSQL in each, on SQLite in the one that fills a
    block, for the whole block.
    """

    __tablename__ = "counters"
    __table_args__ = _CLUSTERED

    project: Mapped[str] = mapped_column(_Name, primary_key=True)
    label: Mapped[str] = mapped_column(_Name, primary_key=True)
    writer: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[int] = mapped_column(BigInteger)


class OutsideCounterRow(HistoryTables):
    """In how many predictions an input lay outside of what training saw.

    It is changed in the transactions that record such predictions, and in no other.
    """

    __tablename__ = "outside_counters"
    __table_args__ = _CLUSTERED

    project: Mapped[str] = mapped_column(_Name, primary_key=True)
    input: Mapped[str] = mapped_column(_Name, primary_key=True)
    writer: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[int] = mapped_column(BigInteger)


class BlockRow(HistoryTables):
    """The projects and labels in a block of ``BLOCK`` sequence numbers, with the times between which they lie.

    It is changed in the transactions that change ``CounterRow``, and does the work of indexes on project, label and
    time at a tenth of their cost: a page reads only the blocks that can hold its rows, and the last one, not yet full.
    The label of rows without one is ``''``. The times may be wider than those of the rows, never narrower.
    """

    __tablename__ = "blocks"
    __table_args__ = _CLUSTERED

    block: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project: Mapped[str] = mapped_column(_Name, primary_key=True)
    label: Mapped[str] = mapped_column(_Name, primary_key=True)
    writer: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_time: Mapped[int] = mapped_column(BigInteger)
    last_time: Mapped[int] = mapped_column(BigInteger)
