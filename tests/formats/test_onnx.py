"""The compiled runtime: what is no graph is refused in words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from vaticina.contract import Bundle, Contract, Manifest
from vaticina.contract.bundle import BundleFile, sha256
from vaticina.errors import BundleCorrupt
from vaticina.tasks.graph_runtime import GRAPH_FILE, load_graph


def bundle(folder: Path, graph: bytes) -> Bundle:
    """A bundle whose manifest vouches for ``graph``."""
    (folder / GRAPH_FILE).write_bytes(graph)
    contract = Contract.model_validate({"name": "risk", "inputs": {"age": {"type": "number"}}})
    manifest = Manifest(
        project="risk",
        version="20260101T000000000Z-0123abcd",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        contract=contract,
        contract_hash=contract.hash,
        runtime="onnx",
        files={GRAPH_FILE: BundleFile(sha256=sha256(graph), size=len(graph))},
        python="3.11.7",
        libraries={},
    )
    return Bundle(folder, manifest)


@pytest.mark.parametrize("graph", [b"", b"no graph", bytes(1_000)])
def test_what_is_no_graph_is_a_damaged_bundle(tmp_path: Path, graph: bytes) -> None:
    with pytest.raises(BundleCorrupt, match=r"model\.onnx of version 20260101T000000000Z-0123abcd cannot be loaded"):
        load_graph(bundle(tmp_path, graph))
