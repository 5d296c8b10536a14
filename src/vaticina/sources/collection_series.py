"""A collection as a series to train on, or a clear word why it is none."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from vaticina.contract import Readings
from vaticina.errors import NoData, UnknownParameter
from vaticina.sources.collections import Collections
from vaticina.sources.document_points import Points, numeric_columns, read_points

LOOKED_AT = 100
"""Documents in which numeric fields are looked for."""


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Which series: the field ``parameter`` of ``collection``, of its newest ``limit`` documents or of all.

    ``time`` is the field that holds a document's moment; one without an offset is read in ``zone``.
    """

    collection: str
    parameter: str
    limit: int | None = None
    time: str = "timestamp"
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class CollectionSeries:
    """The readings, how many documents were read for them, and how many of those are no points, by reason."""

    readings: Readings
    documents: int
    skipped: dict[str, int]


async def read_series(collections: Collections, wanted: SeriesQuery) -> CollectionSeries:
    """The series that is ``wanted``.

    Raises:
        NoData: the collection does not exist, is empty, or none of its documents has a moment.
        UnknownParameter: no document has a number there; those fields that have are named.
        CollectionsUnavailable: the database does not answer.
    """
    points = await read_points(
        collections, wanted.collection, wanted.parameter, time=wanted.time, zone=wanted.zone, limit=wanted.limit
    )
    if not points.size:
        await _refuse(collections, wanted, points)
    readings = Readings(points.times / 1e6, points.values, wanted.parameter, wanted.collection)
    return CollectionSeries(readings, points.documents, points.skipped)


async def parameters(collections: Collections, collection: str, time: str = "timestamp") -> list[str]:
    """The fields of ``collection`` that hold numbers. Raises NoData and CollectionsUnavailable."""
    found = numeric_columns(await collections.sample(collection, LOOKED_AT), time)
    if not found:
        raise no_data(collection)
    return found


async def _refuse(collections: Collections, wanted: SeriesQuery, points: Points) -> None:
    if not points.documents:
        raise no_data(wanted.collection)
    known = await parameters(collections, wanted.collection, wanted.time)
    if wanted.parameter not in known:
        raise UnknownParameter(
            f"{wanted.collection} holds no numbers called {wanted.parameter!r}; there are: {', '.join(known)}."
        )
    undated = points.skipped["without_timestamp"] + points.skipped["bad_timestamp"]
    raise NoData(
        f"No se encontraron datos: {undated} of {points.documents} documents of {wanted.collection} have no moment in "
        f"{wanted.time!r}, and the others no number in {wanted.parameter!r}."
    )


def no_data(collection: str) -> NoData:
    """What is said of a collection without documents."""
    return NoData(
        f"No se encontraron datos: there is no collection {collection!r}, or it is empty; "
        "GET /collections and 'vaticina data list' name those there are."
    )
