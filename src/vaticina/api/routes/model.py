"""``/model/info``: what answers."""

from typing import Any

from fastapi import APIRouter

from vaticina.api.documented import Documented, ref
from vaticina.api.routes.health import is_answering
from vaticina.api.routes.register import register
from vaticina.api.service import Service
from vaticina.api.training import Training
from vaticina.contract import Manifest
from vaticina.contract.answers import WINDOWS
from vaticina.errors import ModelUnavailable


def model_router(service: Service) -> APIRouter:
    """The model's routes of ``service``."""
    router = APIRouter(tags=["model"])

    async def info() -> dict[str, Any]:
        """The version that answers: its contract, its metrics, what it was trained on and with."""
        if service.training is None:
            return _described(service.engine.slot.current.bundle.manifest)
        return await _trained(service, service.training)

    trains = service.training is not None
    documented = Documented(
        "Tell which version answers: its contract, metrics, data and libraries.",
        ref("WindowModel" if trains else "Model"),
        () if trains else (ModelUnavailable,),
    )
    register(router, "/model/info", info, "read", documented)
    return router


async def _trained(service: Service, training: Training) -> dict[str, Any]:
    """The same of a project that trains over HTTP, whether it has a model or not; metrics are the last window's."""
    database = "connected" if await is_answering(training.collections) else "disconnected"
    if service.engine.slot.version is None:
        nothing = {"status": "not_trained"}
        return {"is_trained": False, "metrics": nothing, "parameters": nothing, "database": database}
    manifest = service.engine.slot.current.bundle.manifest
    last = str(manifest.contract.windows[-1].size)
    metrics, parameters = (part.get(WINDOWS, {}) for part in (manifest.metrics, manifest.training))
    trained = {
        "is_trained": True,
        "metrics": metrics.get(last, {}),
        "parameters": parameters.get(last, {}),
        "database": database,
        "windows": {size: {"metrics": metrics[size], "parameters": parameters.get(size, {})} for size in metrics},
    }
    return {**_described(manifest), **trained}


def _described(manifest: Manifest) -> dict[str, Any]:
    described = manifest.model_dump(
        mode="json",
        by_alias=True,
        include={
            "project",
            "version",
            "created",
            "runtime",
            "metrics",
            "training",
            "data",
            "python",
            "libraries",
            "git_commit",
        },
    )
    contract = manifest.contract.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**described, "contract": contract, "contract_hash": manifest.contract_hash}
