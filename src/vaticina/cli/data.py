"""``vaticina data``: the collections of time series that a project trains on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from vaticina.cli.arguments import FOLDER, AsJson, open_workspace
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, remark, say, show_table
from vaticina.errors import NoData
from vaticina.progress import Report
from vaticina.sources import Collections
from vaticina.sources.document_time import microseconds
from vaticina.sources.table_documents import DocumentBatch, read_documents

app = Verb(no_args_is_help=True)

Project = Annotated[Path | None, typer.Option(metavar="PROJECT", help=FOLDER, show_default=False)]
Collection = Annotated[str, typer.Argument(metavar="COLLECTION", help="The collection's name.")]

Result = TypeVar("Result")


@app.callback()
def _data() -> None:
    """Load and look at collections of time series.

    They are in MongoDB when MONGODB_URL is set, else in the project's embedded
    database.

    Example:

        vaticina data load sensor_data readings.csv
        vaticina data list
    """


@app.command()
def load(
    collection: Collection,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV, Parquet or Excel file, one document a row.")],
    project: Project = None,
    as_json: AsJson = False,
) -> None:
    """Load a CSV, Parquet or Excel file into a collection, one document a row.

    The first line names the fields; a dot leads inside, as in
    additional_features.sensor_id. Documents are added to those that are there.

    Example:

        vaticina data load sensor_data readings.csv
        vaticina data load sensor_data readings.csv --project series --json
    """
    notation = open_workspace(project).project.data
    time = notation.time or "timestamp"
    with progress(not as_json) as report:
        count, undated = _with(
            project, lambda kept: _loaded(kept, collection, read_documents(file, notation=notation), time, report)
        )
    if as_json:
        emit({"collection": collection, "documents": count, "without_moment": undated})
        return
    if undated:
        remark(f"{undated} of {count} rows have no moment in {time!r}; training leaves them out.")
    say(f"{count} documents were added to {collection}.")


@app.command("list")
def list_collections(project: Project = None, as_json: AsJson = False) -> None:
    """List the collections with how many documents each has.

    Example:

        vaticina data list --project series
    """

    async def ask(kept: Collections) -> list[tuple[Any, ...]]:
        return [(name, *_without_sample(await kept.info(name))) for name in await kept.names()]

    found = _with(project, ask)
    if as_json:
        emit([dict(zip(("collection", "documents", "start", "end"), row, strict=True)) for row in found])
        return
    if not found:
        say("There is no collection yet. Next: vaticina data load COLLECTION FILE")
        return
    show_table(None, ("collection", "documents", "from", "to"), found)


@app.command()
def show(
    collection: Collection,
    project: Project = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show a collection's newest documents.

    Example:

        vaticina data show sensor_data --limit 3
    """
    documents = _with(project, lambda kept: kept.sample(collection, limit))
    if not documents:
        raise NoData(f"There is no collection {collection!r}, or it is empty; 'vaticina data list' names them.")
    if as_json:
        emit(documents)
        return
    fields: dict[str, None] = {}
    for document in documents:
        fields.update(dict.fromkeys(document))
    names = list(fields)
    show_table(None, names, ([document.get(name) for name in names] for document in documents))


async def _loaded(
    kept: Collections, collection: str, parts: Iterator[DocumentBatch], time: str, report: Report
) -> tuple[int, int]:
    """How many documents were added, and how many of them have no moment."""
    count = undated = 0
    for part in parts:
        count += await kept.insert(collection, part.documents)
        undated += sum(microseconds(document.get(time)) is None for document in part.documents)
        report("loading", part.share)
    return count, undated


def _with(project: Path | None, ask: Callable[[Collections], Awaitable[Result]]) -> Result:
    """What ``ask`` finds in the project's collections."""

    async def asked() -> Result:
        collections = open_workspace(project).collections()
        try:
            return await ask(collections)
        finally:
            await collections.close()

    return asyncio.run(asked())


def _without_sample(info: Any) -> tuple[Any, ...]:
    return info.documents, info.start, info.end
