"""Pages of the history: newest first, by key, reading only the blocks that can hold the rows asked for."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from vaticina.contract.record import Record
from vaticina.history.stored import Stored, instant
from vaticina.history.tables import BLOCK, Block, Prediction

COLUMNS = [Prediction.__table__.c[name] for name in ("seq", *Record._fields)]
TIME = 1 + Record._fields.index("time")

BLOCKS_AT_ONCE = 64
NEWEST = 2**63 - 1


class Wanted(NamedTuple):
    """Which predictions: below ``before``, ``since <= time < until`` in microseconds, with ``label``; None: any."""

    project: str
    before: int
    since: int | None
    until: int | None
    label: str | None


def read_page(connection: Connection, wanted: Wanted, limit: int) -> list[Stored]:
    """The newest ``limit`` predictions that are ``wanted``, newest first."""
    found: list[Stored] = []
    aim = limit
    while len(found) < limit:
        blocks = _blocks(connection, wanted, aim)
        if not blocks:
            break
        found += _rows(connection, wanted, blocks, limit - len(found))
        wanted = wanted._replace(before=blocks[-1] * BLOCK)
        aim *= 4  # these blocks held fewer than they promised: look at more of them at a time
    return found


def stored(row: Row[Any]) -> Stored:
    """A row of ``COLUMNS``."""
    return Stored(row[0], Record._make((*row[1:TIME], instant(row[TIME]), *row[TIME + 1 :])))


def _blocks(connection: Connection, wanted: Wanted, aim: int) -> list[int]:
    """The newest blocks that may hold wanted rows, newest first, until they hold ``aim`` of them."""
    chosen: list[int] = []
    held = 0
    for row in connection.execute(_promising(wanted)):
        chosen.append(row[0])
        held += row[1]
        if held >= aim:
            break
    return chosen


def _promising(wanted: Wanted) -> Select[int, int]:
    query = (
        select(Block.block, func.sum(Block.rows))
        .where(Block.block <= (wanted.before - 1) // BLOCK, Block.project == wanted.project)
        .group_by(Block.block)
        .order_by(Block.block.desc())
        .limit(BLOCKS_AT_ONCE)
    )
    if wanted.label is not None:
        query = query.where(Block.label == wanted.label)
    if wanted.since is not None:
        query = query.where(Block.last_time >= wanted.since)
    if wanted.until is not None:
        query = query.where(Block.first_time < wanted.until)
    return query


def _rows(connection: Connection, wanted: Wanted, blocks: Sequence[int], limit: int) -> list[Stored]:
    within = [and_(Prediction.seq >= low, Prediction.seq < min(high, wanted.before)) for low, high in _runs(blocks)]
    query = select(*COLUMNS).where(or_(*within), *_conditions(wanted)).order_by(Prediction.seq.desc()).limit(limit)
    return [stored(row) for row in connection.execute(query)]


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Prediction.project == wanted.project
    if wanted.label is not None:
        yield Prediction.label == wanted.label
    if wanted.since is not None:
        yield Prediction.time >= wanted.since
    if wanted.until is not None:
        yield Prediction.time < wanted.until


def _runs(blocks: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of sequence numbers, from and below, that cover ``blocks``, which are falling; neighbours become one."""
    runs: list[tuple[int, int]] = []
    for block in blocks:
        low, high = block * BLOCK, (block + 1) * BLOCK
        if runs and runs[-1][0] == high:
            runs[-1] = (low, runs[-1][1])
        else:
            runs.append((low, high))
    return runs
