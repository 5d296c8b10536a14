"""A time series read from a collection, for training."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from vaticina.contract import Readings
from vaticina.contract.sentence import Sentence
from vaticina.errors import NoData, UnknownParameter
from vaticina.sources.collections import Collections
from vaticina.sources.document_points import Points, numeric_columns, read_points

SAMPLE_SIZE = 100
"""How many documents are searched for numeric fields."""


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Which series to read: the field ``parameter`` of the newest ``limit`` documents of ``collection``, or of all.

    ``time`` names the field that holds the time of a document; a time without an offset is in ``zone``.
    """

    collection: str
    parameter: str
    limit: int | None = None
    time: str = "timestamp"
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class CollectionSeries:
    """A series with the number of documents that were read for it, and of those that were left out, by reason."""

    readings: Readings
    documents: int
    skipped: dict[str, int]


async def read_series(collections: Collections, query: SeriesQuery) -> CollectionSeries:
    """The series of ``query``.

    Raises:
        NoData: the collection does not exist, is empty, or none of its documents has a time.
        UnknownParameter: no document has a number in that field; the message names the fields with numbers.
        CollectionsUnavailable: the database does not answer.
    """
    points = await read_points(
        collections, query.collection, query.parameter, time=query.time, zone=query.zone, limit=query.limit
    )
    if not points.size:
        await _refuse(collections, query, points)
    readings = Readings(points.times / 1e6, points.values, query.parameter, query.collection)
    return CollectionSeries(readings, points.documents, points.skipped)


async def parameters(collections: Collections, collection: str, time: str = "timestamp") -> list[str]:
    """The fields of ``collection`` that hold numbers. Raises NoData and CollectionsUnavailable."""
    names = numeric_columns(await collections.sample(collection, SAMPLE_SIZE), time)
    if not names:
        raise no_data(collection)
    return names


async def _refuse(collections: Collections, query: SeriesQuery, points: Points) -> None:
    """Raises the error that says why ``points`` is empty."""
    if not points.documents:
        raise no_data(query.collection)
    numeric = await parameters(collections, query.collection, query.time)
    if query.parameter not in numeric:
        facts = {"collection": query.collection, "parameter": query.parameter, "numeric": ", ".join(numeric)}
        raise UnknownParameter(Sentence("unknown_parameter", **facts))
    undated = points.skipped["without_timestamp"] + points.skipped["bad_timestamp"]
    raise NoData(
        Sentence(
            "no_usable_data",
            undated=undated,
            documents=points.documents,
            collection=query.collection,
            time=query.time,
            parameter=query.parameter,
        )
    )


def no_data(collection: str) -> NoData:
    """The error for a collection without documents."""
    return NoData(Sentence("no_data", collection=collection))
