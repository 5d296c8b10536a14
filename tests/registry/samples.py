"""Registries in a folder, and versions for them."""

from pathlib import Path

from vaticina.contract import Contract, Manifest
from vaticina.registry import Registry, open_registry

CONTRACT = Contract.model_validate({"name": "medico", "inputs": {"edad": {"type": "number", "min": 0, "max": 150}}})
FILES = {"model.bin": bytes(range(256)) * 8, "parts/scaler.bin": b"\x00\x01\x02", "empty": b""}


def registry_in(folder: Path, node: str = "cache") -> Registry:
    return open_registry(str(folder / "store"), folder / node)


def published(registry: Registry, note: str = "") -> Manifest:
    return registry.publish("medico", CONTRACT, "native", FILES, metrics={"auc": 0.9}, training={"note": note})


def stored(folder: Path, version: str) -> Path:
    """The folder of a version in the store."""
    return folder / "store" / "medico" / "versions" / version
