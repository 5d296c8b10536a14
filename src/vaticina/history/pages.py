"""Pages of the history, newest first. Only the blocks that may hold matching rows are read."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select

from vaticina.contract.record import Record
from vaticina.history.schema import BLOCK, NEWEST
from vaticina.history.stored_prediction import StoredPrediction, instant
from vaticina.history.tables import BlockRow, PredictionRow

COLUMNS = [PredictionRow.__table__.c[name] for name in ("seq", *Record._fields)]
TIME = 1 + Record._fields.index("time")

MIN_BLOCKS, MAX_BLOCKS = 8, 512
"""How many blocks are looked up at a time: most pages are in the newest few, one of a rare label needs many."""


class PageFilter(NamedTuple):
    """The predictions of a page: numbered below ``before``, ``since <= time < until`` (microseconds), with ``label``.

    None stands for any.
    """

    project: str
    before: int
    since: int | None
    until: int | None
    label: str | None


def read_page(
    connection: Connection, page_filter: PageFilter, limit: int, first_uncounted: ColumnElement[int]
) -> list[StoredPrediction]:
    """The newest ``limit`` predictions of the page, newest first; rows from ``first_uncounted`` are in no block yet."""
    query = _rows_between(page_filter)
    page: list[StoredPrediction] = []
    for low, high in _ranges(connection, page_filter, connection.execute(select(first_uncounted)).scalar_one()):
        bounds = {"low": low, "high": min(high, page_filter.before), "missing": limit - len(page)}
        page += map(stored, connection.execute(query, bounds))
        if len(page) >= limit:
            break
    return page


def stored(row: Row[Any]) -> StoredPrediction:
    """The prediction in a row of ``COLUMNS``."""
    return StoredPrediction(row[0], Record._make((*row[1:TIME], instant(row[TIME]), *row[TIME + 1 :])))


def _rows_between(page_filter: PageFilter) -> Select[Any]:
    """The newest ``missing`` rows of the page with numbers from ``low`` to below ``high``."""
    number = PredictionRow.seq
    query = select(*COLUMNS).where(number >= bindparam("low"), number < bindparam("high"))
    query = (
        query.where(PredictionRow.project == page_filter.project).order_by(number.desc()).limit(bindparam("missing"))
    )
    if page_filter.label is not None:
        query = query.where(PredictionRow.label == page_filter.label)
    if page_filter.since is not None:
        query = query.where(PredictionRow.time >= page_filter.since)
    if page_filter.until is not None:
        query = query.where(PredictionRow.time < page_filter.until)
    return query


def _ranges(connection: Connection, page_filter: PageFilter, first_uncounted: int) -> Iterator[tuple[int, int]]:
    """Ranges of sequence numbers (first, last + 1) that together hold every row of the page, newest first."""
    if first_uncounted < page_filter.before:
        yield first_uncounted, NEWEST
    query = _matching_blocks(page_filter)
    newest = (min(first_uncounted, page_filter.before) - 1) // BLOCK
    count = MIN_BLOCKS
    while blocks := connection.scalars(query, {"newest": newest, "count": count}).all():
        yield from _runs(blocks)
        newest = blocks[-1] - 1
        count = min(4 * count, MAX_BLOCKS)


def _matching_blocks(page_filter: PageFilter) -> Select[int]:
    """The blocks that may hold rows of the page, from ``newest`` down, at most ``count``."""
    query = (
        select(BlockRow.block)
        .distinct()
        .where(BlockRow.block <= bindparam("newest"), BlockRow.project == page_filter.project)
    )
    if page_filter.label is not None:
        query = query.where(BlockRow.label == page_filter.label)
    if page_filter.since is not None:
        query = query.where(BlockRow.last_time >= page_filter.since)
    if page_filter.until is not None:
        query = query.where(BlockRow.first_time < page_filter.until)
    return query.order_by(BlockRow.block.desc()).limit(bindparam("count"))


def _runs(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges of sequence numbers of ``blocks``, which fall; those of neighbouring blocks are joined."""
    high = blocks[0]
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if following != block - 1:
            yield block * BLOCK, (high + 1) * BLOCK
            high = following if following is not None else high
