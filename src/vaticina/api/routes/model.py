"""``/model/info``: what answers."""

from typing import Any

from fastapi import APIRouter

from vaticina.api.routes.register import register
from vaticina.api.service import Service


def model_router(service: Service) -> APIRouter:
    """The model's routes of ``service``."""
    router = APIRouter(tags=["model"])

    async def info() -> dict[str, Any]:
        """The version that answers: its contract, its metrics, what it was trained on and with."""
        manifest = service.engine.slot.current.bundle.manifest
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

    register(router, "/model/info", info, "read")
    return router
