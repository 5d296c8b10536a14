"""``/train``, ``/train/all-parameters``, ``/model/reset`` and ``/jobs``: for projects that train over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from vaticina.api.documented import Documented, ref
from vaticina.api.response import as_json
from vaticina.api.routes.register import register
from vaticina.api.schemas import row_schema
from vaticina.api.service import Service
from vaticina.api.training import Training
from vaticina.contract import Contract, Validator
from vaticina.contract.windows import MAX_WINDOW
from vaticina.errors import (
    BodyTimeout,
    BodyTooLarge,
    CollectionsUnavailable,
    ContractViolation,
    InvalidJSON,
    InvalidQuery,
    NoData,
    ProjectError,
    QueueFull,
    RegistryError,
    TooFewPoints,
    TrainingError,
    UnknownParameter,
)
from vaticina.jobs.job import Job
from vaticina.jobs.verb_process import error_of
from vaticina.settings import MAX_EPOCHS
from vaticina.tables.cell_values import reader

FIELDS: dict[str, dict[str, Any]] = {
    "collection_name": {"type": "identifier", "max_length": 255, "example": "sensor_data"},
    "parameter": {"type": "identifier", "max_length": 255, "optional": True, "example": "value"},
    "window_size": {"type": "integer", "min": 1, "max": MAX_WINDOW, "optional": True, "example": 10},
    "epochs": {"type": "integer", "min": 1, "max": MAX_EPOCHS, "optional": True, "example": 100},
    "limit": {"type": "integer", "min": 1, "optional": True},
}
"""What a training is asked for, in the words of a contract, so that it is refused as a prediction is."""

TRAINING = Contract.model_validate({"name": "training", "inputs": FIELDS})

REFUSALS = (
    InvalidJSON,
    BodyTimeout,
    BodyTooLarge,
    ContractViolation,
    InvalidQuery,
    NoData,
    UnknownParameter,
    TooFewPoints,
    ProjectError,
    TrainingError,
    QueueFull,
    CollectionsUnavailable,
)
STARTED = {202: ("With `wait=false`: the job to follow, whose address is in `Location`.", ref("Job"))}

TRAIN = Documented("Train a window on a collection.", ref("Trained"), REFUSALS, STARTED)
TRAIN_ALL = Documented("Train a window for each numeric field of a collection.", ref("AllTrained"), REFUSALS, STARTED)
RESET = Documented("Take the model out of production.", ref("Reset"), (RegistryError,))
JOBS = Documented("List the last trainings, newest first.", ref("Jobs"))
JOB = Documented("Show one training: its status, progress, result or error.", ref("Job"), absent="No job has this id.")

Wait = Annotated[bool, Query(description="answer when training is done; else at once, with a job to follow")]


def training_router(service: Service) -> APIRouter:
    """The training routes of ``service``; none unless it trains over HTTP."""
    router = APIRouter(tags=["training"])
    if service.training is None:
        return router
    training, validator = service.training, Validator(TRAINING)

    async def train(request: Request, wait: Wait = True) -> Response:
        """Trains a window on a collection, in a process of its own; predictions go on meanwhile."""
        return await _answered(training, training.train, _one(validator, await request.body()), wait)

    async def train_all(request: Request, wait: Wait = True) -> Response:
        """Trains a window for each numeric field and measures it; `models promote` puts one in production."""
        body = await request.body()
        if body.strip():
            values = _one(validator, body)
        else:
            values = validator.check(_from_query(request))
        values.pop("parameter", None)
        return await _answered(training, training.train_all, values, wait)

    async def reset() -> dict[str, str]:
        """Lets the model be forgotten: `/predict` answers 409 until the next training. The versions stay."""
        await asyncio.to_thread(training.reset)
        await training.follower.check()
        return {"status": "success", "message": "Modelo reiniciado"}

    async def jobs() -> dict[str, Any]:
        """The last jobs, the newest first."""
        last_jobs = await asyncio.to_thread(training.jobs.all)
        return {"jobs": [_shown(job) for job in last_jobs], "count": len(last_jobs)}

    async def job(identity: str) -> Response:
        """One job: its status, how far it is, and its result or error."""
        return as_json(_shown(await asyncio.to_thread(training.jobs.find, identity)))

    body = {"content": {"application/json": {"schema": row_schema(TRAINING)}}}
    posted: dict[str, Any] = {"methods": ["POST"], "openapi_extra": {"requestBody": body}}
    register(router, "/train", train, "admin", TRAIN, **posted)
    register(router, "/train/all-parameters", train_all, "admin", TRAIN_ALL, **posted)
    register(router, "/model/reset", reset, "admin", RESET, methods=["POST"])
    register(router, "/jobs", jobs, "read", JOBS)
    register(router, "/jobs/{identity}", job, "read", JOB)
    return router


def _one(validator: Validator, body: bytes) -> dict[str, Any]:
    """The request in ``body``, without what it leaves out. Raises InvalidJSON and ContractViolation."""
    parsed = validator.parse(body)
    if parsed.many:
        raise ContractViolation([{"code": "not_object", "row": 0, "value": None}])
    return {name: value for name, value in parsed.rows[0].items() if value is not None}


def _from_query(request: Request) -> dict[str, Any]:
    """The same from ``?collection_name=…&window_size=…``."""
    readers = {name: reader(TRAINING.inputs[name]) for name in FIELDS}
    return {name: readers[name](text) for name, text in request.query_params.items() if name in readers}


def _shown(job: Job) -> dict[str, Any]:
    """A job as callers see it, without the process that runs it."""
    return job.model_dump(mode="json", exclude={"owner"})


async def _answered(
    training: Training, start: Callable[[dict[str, Any]], Job], values: dict[str, Any], wait: bool
) -> Response:
    """The job's result, or its error as if it had happened here; without ``wait``, the job."""
    await training.check(values)
    job = start(values)
    if not wait:
        return as_json(_shown(job), 202, {"location": f"jobs/{job.id}"})
    ended = await training.jobs.ended(job)
    if ended.error is not None:
        raise error_of(ended.error["code"], ended.error["message"])
    return as_json(ended.result)
