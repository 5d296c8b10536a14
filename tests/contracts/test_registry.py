"""The registry passes its contract suite over every kind of store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.registry_contract import REGISTRY_CHECKS, OpenRegistry
from tests.registry.bucket import bucket
from vaticina.registry import Registry, open_registry
from vaticina.registry.cache import BundleCache
from vaticina.registry.store import Store


@pytest.fixture(params=["folder", "file", "memory", "s3"])
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenRegistry]:
    if request.param == "s3":
        with bucket() as server:
            yield lambda node: open_registry("s3://models/some/where", tmp_path / node, server.options)
    elif request.param == "memory":
        store = Store("memory://")
        yield lambda node: Registry(store, BundleCache(tmp_path / node))
    else:
        start = "file://" if request.param == "file" else ""
        yield lambda node: open_registry(f"{start}{tmp_path.as_posix()}/the-store", tmp_path / node)


@pytest.mark.parametrize("check", REGISTRY_CHECKS, ids=lambda check: check.__name__)
def test_a_registry_does_what_registries_do(check: object, nodes: OpenRegistry) -> None:
    assert callable(check)
    check(nodes)
