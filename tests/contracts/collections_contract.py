"""Contract suite of ``vaticina.sources.Collections``: what every implementation of that protocol must do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contracts.expect import expect
from vaticina.sources import Collections, Document
from vaticina.sources.document_points import numeric_columns, read_points

START = datetime(2024, 1, 1, tzinfo=UTC)
READING: Document = {
    "timestamp": "2024-01-01T00:00:00Z",
    "value": 23.5,
    "additional_features": {"sensor_id": "sensor_001", "location": "office"},
}
"""A document as the document of series shows it."""


def _hourly(count: int, texts: bool = True) -> list[dict[str, Any]]:
    """``count`` readings, an hour apart, in a shuffled order; their value is their place in time."""
    readings: list[dict[str, Any]] = []
    for number in range(count):
        hour = number * 11 % count
        time = START + timedelta(hours=hour)
        readings.append({"timestamp": _iso(time) if texts else time, "value": float(hour)})
    return readings


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


async def _all(collections: Collections, name: str, limit: int | None = None) -> list[Document]:
    documents: list[Document] = []
    async for batch in collections.read(name, ["timestamp", "value"], limit):
        documents += batch
    return documents


async def check_collections_start_empty(collections: Collections) -> None:
    """Nothing is there before it was inserted; what does not exist is empty."""
    expect((await collections.ping()).database != "", "the database has a name")
    expect(await collections.names() == [], "there is no collection")
    info = await collections.info("sensor_data")
    expect(tuple(info) == (0, None, None, None), "a collection that does not exist has nothing")
    expect(await collections.sample("sensor_data", 5) == [], "nor a sample")
    expect(await _all(collections, "sensor_data") == [], "nor documents")
    expect(await collections.insert("nothing", []) == 0, "nothing can be inserted")
    expect("nothing" not in await collections.names(), "and that makes no collection")


async def check_collections_keep_documents(collections: Collections) -> None:
    """A document comes back with all its fields and an id of its own."""
    expect(await collections.insert("sensor_data", [READING]) == 1, "one document was inserted")
    (document,) = await collections.sample("sensor_data", 10)
    expect(isinstance(document.pop("_id"), str), "its id is a text")
    time = str(document.pop("timestamp"))
    expect(time.startswith("2024-01-01T00:00:00") and time.endswith("Z"), f"{time} is its time")
    expect(document == {"value": 23.5, "additional_features": READING["additional_features"]}, "its fields are kept")


async def check_collections_are_apart(collections: Collections) -> None:
    """Each collection has its own documents; names are sorted."""
    for name, count in (("sensor_data", 3), ("agua", 2), ("sensor_data_2", 1)):
        await collections.insert(name, _hourly(count))
    expect(await collections.names() == ["agua", "sensor_data", "sensor_data_2"], "names are sorted")
    counts = [(await collections.info(name)).documents for name in await collections.names()]
    expect(counts == [2, 3, 1], "documents are apart")


async def check_collections_tell_their_range(collections: Collections) -> None:
    """How many, one of them, from when to when: texts and dates alike."""
    await collections.insert("sensor_data", [*_hourly(20), *_hourly(10, texts=False), {"value": 1.0}])
    info = await collections.info("sensor_data")
    expect(info.documents == 31, "all are counted")
    expect(info.sample is not None and {"_id", "timestamp", "value"} <= info.sample.keys(), "one of them is shown")
    expect(info.start == "2024-01-01T00:00:00Z", f"{info.start} is the first moment")
    expect(info.end == "2024-01-01T19:00:00Z", f"{info.end} is the last moment")


async def check_collections_give_the_newest(collections: Collections) -> None:
    """A limit bounds what is read, and keeps the newest, newest first."""
    await collections.insert("sensor_data", _hourly(50))
    newest = [document["value"] for document in await _all(collections, "sensor_data", 7)]
    expect(newest == [49, 48, 47, 46, 45, 44, 43], f"{newest} are the newest")
    sample = [document["value"] for document in await collections.sample("sensor_data", 3)]
    expect(sample == [49, 48, 47], f"{sample} are the newest")
    points = await read_points(collections, "sensor_data", "value", limit=7)
    expect(points.values.tolist() == [43, 44, 45, 46, 47, 48, 49] and points.documents == 7, "in the order of time")


async def check_collections_are_read_in_batches(collections: Collections) -> None:
    """More documents than one batch holds come once each, a bounded number at a time."""
    collections.batch, count = 100, 240
    await collections.insert("sensor_data", _hourly(count))
    sizes = [len(batch) async for batch in collections.read("sensor_data", ["timestamp", "value"])]
    expect(sum(sizes) == count and max(sizes) <= 100 and min(sizes) > 0, f"{sizes} are batches of all")
    limited = [len(batch) async for batch in collections.read("sensor_data", ["timestamp", "value"], 121)]
    expect(sum(limited) == 121 and max(limited) <= 100, "a limit may be larger than a batch")
    points = await read_points(collections, "sensor_data", "value")
    expect(points.values.tolist() == list(range(count)), "each is there once, in the order of time")
    expect(points.times[1] - points.times[0] == 3_600 * 10**6, "times are microseconds")


ODD: Sequence[Document] = (
    {"value": 1.0},
    {"timestamp": None, "value": 1.0},
    {"timestamp": 17, "value": 1.0},
    {"timestamp": "yesterday", "value": 1.0},
    {"timestamp": "2024-01-02T00:00:00Z"},
    {"timestamp": "2024-01-02T00:00:00Z", "value": None},
    {"timestamp": "2024-01-02T00:00:00Z", "value": "12.5"},
    {"timestamp": "2024-01-02T00:00:00Z", "value": True},
    {"timestamp": "2024-01-02T00:00:00Z", "value": {"c": 3}},
    {"timestamp": ["2024-01-02T00:00:00Z"], "value": [1.0]},
)


async def check_collections_with_odd_documents_are_read(collections: Collections) -> None:
    """Missing fields and other types are counted, not crashed on; the rest is read."""
    await collections.insert("sensor_data", [*ODD, *_hourly(30), {"timestamp": "2024-02-01T00:00:00Z", "value": 7}])
    points = await read_points(collections, "sensor_data", "value")
    expect(points.documents == 41 and points.size == 31, f"{points.size} of {points.documents} are points")
    counts = {"without_timestamp": 2, "bad_timestamp": 3, "without_value": 2, "bad_value": 3}
    expect(points.skipped == counts, f"{points.skipped} tells why")
    expect(points.values[-1] == 7, "whole numbers are numbers")
    expect(len(await collections.sample("sensor_data", 100)) == 41, "a sample shows them all")


async def check_collections_hold_other_columns(collections: Collections) -> None:
    """Any numeric field can be the series; they are found in a sample, and dots lead inside."""
    water = {"temperatura": 21, "ph": 7.1, "estado": "ok", "additional_features": {"humedad": 40.5}}
    await collections.insert("agua", [{"timestamp": "2024-01-01T00:00:00Z", **water}])
    columns = numeric_columns(await collections.sample("agua", 10))
    expect(columns == ["temperatura", "ph"], f"{columns} are the columns")
    for name, value in (("temperatura", 21.0), ("ph", 7.1), ("additional_features.humedad", 40.5)):
        points = await read_points(collections, "agua", name)
        expect(points.values.tolist() == [value], f"{name} is read")
    expect((await read_points(collections, "agua", "oxigeno")).skipped["without_value"] == 1, "what lacks is counted")


async def check_collections_mix_kinds_of_moments(collections: Collections) -> None:
    """Texts with and without an offset and dates stand in one line of time."""
    moments = [
        "2024-01-01T02:00:00+01:00",
        datetime(2024, 1, 1, 2, tzinfo=UTC),
        "2024-01-01T00:00:00",
        "2024-01-01T03:00Z",
    ]
    documents = [{"timestamp": moment, "value": float(index)} for index, moment in enumerate(moments)]
    await collections.insert("mixed", documents)
    points = await read_points(collections, "mixed", "value")
    expect(points.values.tolist() == [2, 0, 1, 3], f"{points.values.tolist()} is the order of time")
    expect(points.times[0] == int(START.timestamp()) * 10**6, "without an offset it is the zone's")


COLLECTIONS_CHECKS = (
    check_collections_start_empty,
    check_collections_keep_documents,
    check_collections_are_apart,
    check_collections_tell_their_range,
    check_collections_give_the_newest,
    check_collections_are_read_in_batches,
    check_collections_with_odd_documents_are_read,
    check_collections_hold_other_columns,
    check_collections_mix_kinds_of_moments,
)
"""What every database of collections must do; each check is a coroutine and takes one that is fresh and empty."""
