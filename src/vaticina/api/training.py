"""What a project that trains over HTTP has beside its engine: collections, and jobs that train on them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaticina.contract.answers import WINDOWS
from vaticina.errors import UnknownParameter, VaticinaError
from vaticina.jobs.job import Job
from vaticina.jobs.queue import JobQueue
from vaticina.jobs.verb_process import run_verb
from vaticina.progress import Report
from vaticina.serving.follower import Follower
from vaticina.sources import Collections
from vaticina.sources.collection_series import SeriesQuery, no_data, parameters

PASSED_ON = {"parameter": "--parameter", "window_size": "--window-size", "epochs": "--epochs", "limit": "--limit"}
"""What of a request the verb ``train`` is told."""

EPOCHS_OF_MANY = 50
"""Rounds for each of all parameters, unless somebody says otherwise: as documented, half of one parameter's."""


@dataclass(slots=True)
class Training:
    """``default_query`` is the series of a request that names no column; ``epochs`` is the environment's, if set.

    ``reset`` lets no version answer any more; it blocks.
    """

    folder: Path
    collections: Collections
    jobs: JobQueue
    follower: Follower
    default_query: SeriesQuery
    reset: Callable[[], bool]
    epochs: int | None = None

    async def check(self, request: dict[str, Any]) -> None:
        """Raises NoData, UnknownParameter and CollectionsUnavailable for what a job would find out seconds later."""
        collection, parameter = request["collection_name"], request.get("parameter", "")
        if not await self.collections.sample(collection, 1):
            raise no_data(collection)
        if "\0" in parameter:  # no field's name holds one, and no process can be told of it
            raise UnknownParameter(f"{collection} holds no numbers called {parameter!r}.")

    def train(self, request: dict[str, Any]) -> Job:
        """A job that trains one window in a process of its own, and has it answer. Raises QueueFull."""

        async def work(report: Report) -> dict[str, Any]:
            return await self._one(request, report)

        return self.jobs.submit("train", request, work)

    def train_all(self, request: dict[str, Any]) -> Job:
        """A job that trains a window for each numeric field; none of them is put in production. Raises QueueFull."""

        async def work(report: Report) -> dict[str, Any]:
            return await self._all(request, report)

        return self.jobs.submit("train_all_parameters", request, work)

    async def close(self) -> None:
        """Ends the trainings at work and lets go of the collections."""
        await self.jobs.close()
        await self.collections.close()

    async def _one(self, request: dict[str, Any], report: Report) -> dict[str, Any]:
        facts = await run_verb("train", self._arguments(request), report)
        await self.follower.check()
        return success(facts)

    async def _all(self, request: dict[str, Any], report: Report) -> dict[str, Any]:
        collection = request["collection_name"]
        request = {"epochs": self.epochs or EPOCHS_OF_MANY, **request}
        columns = await parameters(self.collections, collection, self.default_query.time)
        results: dict[str, Any] = {}
        for index, name in enumerate(columns):
            report(f"training {name}", index / len(columns))
            results[name] = await self._tried({**request, "parameter": name})
        return {"status": "completed", "collection": collection, "results": results}

    async def _tried(self, request: dict[str, Any]) -> dict[str, Any]:
        """One parameter's result, or why it has none: the others go on."""
        try:
            facts = await run_verb("train", ["--no-promote", *self._arguments(request)], lambda _, __: None)
        except VaticinaError as error:
            status = "no_data" if error.code == "no_data" else "error"
            return {"status": status, "code": error.code, "error": error.message}
        return success(facts)

    def _arguments(self, request: dict[str, Any]) -> list[str]:
        options = [(name, request.get(field)) for field, name in PASSED_ON.items()]
        values = [f"{name}={value}" for name, value in options if value is not None]
        return [f"--collection={request['collection_name']}", "--steps", *values, "--", str(self.folder)]


def success(facts: dict[str, Any]) -> dict[str, Any]:
    """The documented answer to a training, from what the verb ``train`` tells."""
    size = facts["window_size"]
    copied = {name: facts[name] for name in ("documents", "skipped", "version", "promoted", "notes")}
    refusal = {"refusal": facts["refusal"]} if facts["refusal"] else {}
    return {
        "status": "success",
        "message": f"Modelo entrenado exitosamente para {facts['parameter']}",
        "parameter": facts["parameter"],
        "metrics": facts["metrics"][WINDOWS][str(size)],
        "data_points": facts["data_points"],
        **copied,
        **refusal,
    }
