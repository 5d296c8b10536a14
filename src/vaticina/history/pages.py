"""Pages of the history: newest first, by key, reading only the blocks that can hold the rows asked for."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select

from vaticina.contract.record import Record
from vaticina.history.schema import BLOCK, NEWEST
from vaticina.history.stored_prediction import StoredPrediction, instant
from vaticina.history.tables import BlockRow, PredictionRow

COLUMNS = [PredictionRow.__table__.c[name] for name in ("seq", *Record._fields)]
TIME = 1 + Record._fields.index("time")

FEW, MANY = 8, 512
"""Blocks looked up at a time: the newest few hold most pages, a rare label's page needs many."""


class PageFilter(NamedTuple):
    """Which predictions: below ``before``, ``since <= time < until`` in microseconds, with ``label``; None: any."""

    project: str
    before: int
    since: int | None
    until: int | None
    label: str | None


def read_page(
    connection: Connection, wanted: PageFilter, limit: int, first_uncounted: ColumnElement[int]
) -> list[StoredPrediction]:
    """The newest ``limit`` predictions that are ``wanted``, newest first; blocks end before ``first_uncounted``."""
    query = _within(wanted)
    found: list[StoredPrediction] = []
    for low, high in _ranges(connection, wanted, connection.execute(select(first_uncounted)).scalar_one()):
        bounds = {"low": low, "high": min(high, wanted.before), "missing": limit - len(found)}
        found += [stored(row) for row in connection.execute(query, bounds)]
        if len(found) >= limit:
            break
    return found


def stored(row: Row[Any]) -> StoredPrediction:
    """A row of ``COLUMNS``."""
    return StoredPrediction(row[0], Record._make((*row[1:TIME], instant(row[TIME]), *row[TIME + 1 :])))


def _within(wanted: PageFilter) -> Select[Any]:
    """The wanted rows from ``low`` to below ``high``, the newest ``missing`` of them."""
    number = PredictionRow.seq
    query = select(*COLUMNS).where(number >= bindparam("low"), number < bindparam("high"))
    query = query.where(PredictionRow.project == wanted.project).order_by(number.desc()).limit(bindparam("missing"))
    if wanted.label is not None:
        query = query.where(PredictionRow.label == wanted.label)
    if wanted.since is not None:
        query = query.where(PredictionRow.time >= wanted.since)
    if wanted.until is not None:
        query = query.where(PredictionRow.time < wanted.until)
    return query


def _ranges(connection: Connection, wanted: PageFilter, first_uncounted: int) -> Iterator[tuple[int, int]]:
    """Ranges of sequence numbers, from and below, that hold every wanted row, newest first."""
    if first_uncounted < wanted.before:
        yield first_uncounted, NEWEST
    query = _promising(wanted)
    newest = (min(first_uncounted, wanted.before) - 1) // BLOCK
    count = FEW
    while blocks := connection.scalars(query, {"newest": newest, "count": count}).all():
        yield from _runs(blocks)
        newest = blocks[-1] - 1
        count = min(4 * count, MANY)


def _promising(wanted: PageFilter) -> Select[int]:
    """The blocks that may hold wanted rows, from ``newest`` down, at most ``count``."""
    query = (
        select(BlockRow.block)
        .distinct()
        .where(BlockRow.block <= bindparam("newest"), BlockRow.project == wanted.project)
    )
    if wanted.label is not None:
        query = query.where(BlockRow.label == wanted.label)
    if wanted.since is not None:
        query = query.where(BlockRow.last_time >= wanted.since)
    if wanted.until is not None:
        query = query.where(BlockRow.first_time < wanted.until)
    return query.order_by(BlockRow.block.desc()).limit(bindparam("count"))


def _runs(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges that falling ``blocks`` span; neighbours become one."""
    high = blocks[0]
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if following != block - 1:
            yield block * BLOCK, (high + 1) * BLOCK
            high = following if following is not None else high
