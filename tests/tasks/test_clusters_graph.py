"""A clusters model as one graph: it answers what the model answers, and a graph that does not is refused."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from vaticina.contract import Contract
from vaticina.exact.arrays import Columns, Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.session import GraphSession
from vaticina.exact.verification_rows import verification_rows
from vaticina.exact.verify import verify
from vaticina.tasks import task_of
from vaticina.tasks.clusters.fit import fit_clusters
from vaticina.tasks.clusters.graph import cluster_ties, compile_clusters
from vaticina.tasks.clusters.model import ClusterAnomaly
from vaticina.tasks.clusters.params import ClustersParams
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.row_space import row_space

ROWS = 100_000

Clusters = tuple[ClusterAnomaly, Contract, Matrix]
"""A fitted model, its contract, and the rows it was fitted to."""


def numbers(*names: str) -> Contract:
    inputs: dict[str, Any] = {}
    for name in names:
        inputs[name] = {"type": "number", "optional": True}
    return Contract.model_validate({"name": "groups", "inputs": inputs, "model": {"kind": "clusters"}})


def answers(model: ClusterAnomaly, contract: Contract, rows: Matrix) -> Columns:
    return NativeRuntime(model, contract, task_of(contract)).predict(rows).columns


@pytest.mark.parametrize("seed", range(3))
def test_clusters_in_one_graph(seed: int) -> None:
    random = np.random.default_rng(seed)
    real = np.vstack([random.normal(10.0 * group, 1.0 + group, size=(300, 3)) for group in range(4)])
    real[::3] = np.round(real[::3], 1)
    real[random.random(real.shape) < 0.02] = np.nan
    model, contract = fit_clusters(real, ClustersParams(clusters=4, trees=20, samples=128)), numbers("x0", "x1", "x2")
    compiled = compile_clusters(model, 3)
    moved = np.tile(real, (90, 1)) + random.normal(size=(len(real) * 90, 3))
    around = verification_rows(row_space(contract), real, compiled).by_kind
    rows = np.concatenate([moved, *around.values()])
    expected, actual = answers(model, contract, rows), GraphSession(compiled.graph).run(rows)
    assert len(rows) >= ROWS
    assert np.array_equal(actual["cluster"], expected["cluster"])
    assert np.abs(actual["score"] - expected["score"]).max() < 1e-12
    beside = np.abs(expected["score"]) < 1e-6
    assert not ((actual["anomaly"] != expected["anomaly"]) & ~beside).any()


@pytest.fixture(scope="module")
def clusters() -> Clusters:
    random = np.random.default_rng(0)
    rows = np.repeat([[10.0], [20.0], [30.0]], 300, axis=0) + random.normal(size=(900, 2))
    rows[::50, 0] = np.nan
    return fit_clusters(rows, ClustersParams(clusters=3, trees=20, samples=128)), numbers("p", "q"), rows


def report(clusters: Clusters, compiled: Compiled) -> dict[str, Any]:
    """What verification says of the graph ``compiled`` when the model of ``clusters`` is the original."""
    model, contract, rows = clusters
    around = verification_rows(row_space(contract), rows, compiled).by_kind

    def original(matrix: Matrix) -> Columns:
        return answers(model, contract, matrix)

    return verify(original, GraphSession(compiled.graph).run, around, cluster_ties(model))


def bend_number(copy: Any) -> None:
    copy.numbers[[0, 1]] = copy.numbers[[1, 0]]


def bend_threshold(copy: Any) -> None:
    copy.members[1].threshold += 1e-5


def bend_offset(copy: Any) -> None:
    copy.members[2].detector.offset_ -= 1e-5


def bend_median(copy: Any) -> None:
    copy.medians[0] += 0.5


def bend_tree(copy: Any) -> None:
    for tree in copy.members[0].detector.estimators_:
        threshold = tree.tree_.threshold
        if abs(threshold[0]) < 1.0:  # farther out a row is of another cluster
            threshold[0] = np.nextafter(np.float32(threshold[0]), np.float32(np.inf)) * (1.0 + 1e-12)
            return
    raise AssertionError("no tree has such a root")


def bend_scaler(copy: Any) -> None:
    copy.members[0].scaler.mean_[0] += 1e-9


def test_the_graph_of_clusters_is_verified(clusters: Clusters) -> None:
    verification = report(clusters, compile_clusters(clusters[0], 2))
    assert verification["verified"]
    assert verification["near_rows"] > 1_000


@pytest.mark.parametrize("bend", [bend_number, bend_threshold, bend_offset, bend_median, bend_tree, bend_scaler])
def test_bent_clusters_are_refused(clusters: Clusters, bend: Callable[[Any], None]) -> None:
    copy = deepcopy(clusters[0])
    bend(copy)
    assert not report(clusters, compile_clusters(copy, 2))["verified"]


def test_rows_between_two_centres_are_ties(clusters: Clusters) -> None:
    model, contract, _ = clusters
    centres = model.kmeans.cluster_centers_
    middle = model.scaler.inverse_transform((centres[:1] + centres[1:2]) / 2)
    rows = np.vstack([middle, middle + 0.01])
    assert cluster_ties(model)(rows, answers(model, contract, rows)).tolist() == [True, False]
