import csv
import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.model_selection import StratifiedShuffleSplit

from tests.real_tables import csv_file
from tests.tasks.fitted import fitted
from vaticina.contract import Project
from vaticina.contract.project import parse_project
from vaticina.errors import BundleCorrupt, ProjectError, TrainingError
from vaticina.evaluation.metrics import measure_anomalies
from vaticina.exact.arrays import Integers, Matrix
from vaticina.exact.forest_paths import DirectIsolationForest
from vaticina.progress import no_report
from vaticina.tasks.clusters.fit import fit_clusters, fit_project_clusters
from vaticina.tasks.clusters.model import ClusterAnomaly
from vaticina.tasks.clusters.params import ClustersParams, read_clusters_params

STATES = ("cycle", "cooler_pct", "valve_pct", "pump_leak", "accumulator_bar", "unstable")
"""Columns of the hydraulic rig that tell its state rather than measure it."""

SMALL = ClustersParams(clusters=3, trees=50)


def blobs(sizes: tuple[int, ...] = (400, 300, 200), seed: int = 0) -> Matrix:
    """Groups of readings around 10, 20, 30 ... on both columns."""
    random = np.random.default_rng(seed)
    return np.vstack([random.normal(10 * (at + 1), 1, size=(size, 2)) for at, size in enumerate(sizes)])


def read(name: str) -> tuple[Matrix, Integers]:
    """The matrix of a data set, and its column ``anomaly``."""
    with csv_file(name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "anomaly"]
    matrix = np.array([[float(row[name]) for name in names] for row in rows])
    return matrix, np.array([int(row["anomaly"]) for row in rows])


def measured(model: ClusterAnomaly, rows: Matrix, labels: Integers) -> dict[str, float]:
    metrics = measure_anomalies(*model.predict(rows), labels)
    return {name: metric.value for name, metric in metrics.values.items()}


def test_a_row_is_judged_within_its_own_cluster() -> None:
    model = fit_clusters(blobs(), SMALL)
    cluster, score, anomaly = model.predict(np.array([[10.0, 10.0], [20.0, 20.0], [30.0, 30.0], [10.0, 14.9]]))
    assert cluster.tolist() == [0, 1, 2, 0]
    assert anomaly.tolist() == [0, 0, 0, 1]
    assert ((score > 0) == anomaly).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_clusters_are_numbered_by_their_centre_whatever_the_seed(seed: int) -> None:
    rows = blobs() * [1.0, -1.0]
    ends = np.array([[10.0, -10.0], [20.0, -20.0], [30.0, -30.0]])
    by_first = fit_clusters(rows, ClustersParams(clusters=3, trees=10, random_state=seed))
    by_second = fit_clusters(rows, ClustersParams(clusters=3, trees=10, order=1, random_state=seed))
    assert by_first.predict(ends)[0].tolist() == [0, 1, 2]
    assert by_second.predict(ends)[0].tolist() == [2, 1, 0]


def test_a_cluster_under_50_rows_joins_its_nearest_neighbour() -> None:
    rows = blobs((400, 300, 49))
    model = fit_clusters(rows, SMALL)
    assert model.predict(np.array([[10.0, 10.0], [20.0, 20.0], [30.0, 30.0]]))[0].tolist() == [0, 1, 1]
    assert sorted(model.members) == [0, 1]


def test_a_cluster_of_50_rows_stands_alone() -> None:
    assert len(fit_clusters(blobs((400, 300, 50)), SMALL).members) == 3


def test_small_clusters_may_join_each_other() -> None:
    model = fit_clusters(blobs((400, 0, 0, 0, 30, 30)), SMALL)
    assert model.predict(np.array([[10.0, 10.0], [50.0, 50.0], [60.0, 60.0]]))[0].tolist() == [0, 1, 1]


def test_there_are_never_more_clusters_than_fifties_of_rows_or_different_rows() -> None:
    assert len(fit_clusters(blobs((60,)), ClustersParams(clusters=5, trees=10)).members) == 1
    few = np.repeat([[1.0, 1.0], [2.0, 2.0]], 200, axis=0)
    model = fit_clusters(few, ClustersParams(clusters=5, trees=10))
    assert model.predict(few)[2].sum() == 0
    assert len(model.members) == 2


def test_the_fence_marks_what_is_far_out_and_little_else() -> None:
    rows = blobs((1000,))
    rows[:10] += 12.0
    _, _, anomaly = fit_clusters(rows, ClustersParams(clusters=1)).predict(rows)
    assert anomaly[:10].all()
    assert anomaly[10:].mean() < 0.02


def test_labels_choose_the_threshold_and_nothing_else() -> None:
    rows = blobs((1000,))
    labels = (np.linalg.norm(rows - 10.0, axis=1) > 2.0).astype(np.int64)
    plain, labelled = (
        fit_clusters(rows, ClustersParams(clusters=1)),
        fit_clusters(rows, ClustersParams(clusters=1), labels),
    )
    shift = labelled.predict(rows)[1] - plain.predict(rows)[1]
    assert np.allclose(shift, shift[0])
    assert measured(labelled, rows, labels)["f1"] > 0.8 > measured(plain, rows, labels)["f1"]


def test_without_a_labelled_anomaly_the_fence_stands() -> None:
    rows = blobs((300,))
    none = np.zeros(300, dtype=np.int64)
    plain, labelled = fit_clusters(rows, SMALL), fit_clusters(rows, SMALL, none)
    assert np.array_equal(plain.predict(rows)[1], labelled.predict(rows)[1])
    assert "roc_auc" not in measured(labelled, rows, none)


def test_a_missing_value_counts_as_the_median() -> None:
    rows = blobs((301,))
    rows[0, 0] = np.nan
    model = fit_clusters(rows, ClustersParams(clusters=1, trees=20))
    gap, whole = np.array([[np.nan, 10.0]]), np.array([[np.nanmedian(rows[:, 0]), 10.0]])
    assert np.array_equal(model.predict(gap)[1], model.predict(whole)[1])


def test_a_column_that_is_always_missing_does_no_harm() -> None:
    rows = np.column_stack([blobs((300,)), np.full(300, np.nan)])
    assert fit_clusters(rows, ClustersParams(clusters=1, trees=20)).predict(rows)[2].mean() < 0.05


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(TrainingError, match="49 rows are too few"):
        fit_clusters(blobs((49,)))


def test_a_set_with_a_cluster_missing_is_refused_when_made_and_when_loaded() -> None:
    model = fit_clusters(blobs(), SMALL)
    members = {number: model.members[number] for number in (0, 2)}
    with pytest.raises(BundleCorrupt, match="no model for cluster 1"):
        ClusterAnomaly(model.medians, model.scaler, model.kmeans, model.numbers, members)
    del model.members[1]
    with pytest.raises(BundleCorrupt, match="no model for cluster 1"):
        pickle.loads(pickle.dumps(model))


def test_numbers_that_are_not_the_kmeans_own_are_refused() -> None:
    model = fit_clusters(blobs(), SMALL)
    with pytest.raises(BundleCorrupt, match="not of one training"):
        ClusterAnomaly(model.medians, model.scaler, model.kmeans, model.numbers[:2], model.members)


def test_it_survives_a_plain_pickle() -> None:
    rows = blobs()
    model = fit_clusters(rows, SMALL)
    again = pickle.loads(pickle.dumps(model))
    for column, other in zip(model.predict(rows), again.predict(rows), strict=True):
        assert np.array_equal(column, other)


def test_clusters_and_decisions_are_scikit_learns_own() -> None:
    rows = blobs()
    model = fit_clusters(rows, SMALL)
    unseen = blobs(seed=1)
    assert np.array_equal(model.predict(unseen)[0], model.numbers[model.kmeans.predict(model.scaler.transform(unseen))])
    forest = IsolationForest(n_estimators=50, random_state=0).fit(rows)
    assert np.array_equal(DirectIsolationForest(forest).decide(unseen), forest.decision_function(unseen))


def test_a_recipe_is_read_from_what_the_project_writes() -> None:
    recipe = read_clusters_params(4, {"order": "temperatura", "trees": 7}, ["presion", "temperatura"])
    assert recipe == ClustersParams(clusters=4, order=1, trees=7)
    assert read_clusters_params(5, {}, ["presion"]) == ClustersParams()


@pytest.mark.parametrize(
    ("params", "says"), [({"tree": 7}, "no tree; choose among order, trees"), ({"order": "viento"}, "'viento'")]
)
def test_a_recipe_with_a_slip_is_refused(params: dict[str, object], says: str) -> None:
    with pytest.raises(ProjectError, match=says):
        read_clusters_params(5, params, ["presion", "temperatura"])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "bar"), [("cardio", 0.91), ("wbc", 0.90)])
def test_known_anomalies_are_found(name: str, bar: float) -> None:
    rows, labels = read(f"odds/{name}.csv")
    areas: dict[int, list[float]] = {1: [], 5: []}
    for seen, held in StratifiedShuffleSplit(5, test_size=0.4, random_state=0).split(rows, labels):
        for clusters, found in areas.items():
            model = fit_clusters(rows[seen], ClustersParams(clusters=clusters))
            found.append(measured(model, rows[held], labels[held])["roc_auc"])
    means = {clusters: float(np.mean(found)) for clusters, found in areas.items()}
    print(f"odds/{name}: mean ROC-AUC {means[1]:.4f} with one cluster, {means[5]:.4f} with five")
    assert means[1] >= bar


def project_over(name: str, folder: Path, table: str = "") -> Project:
    """A clusters project whose inputs are the data set's measurements, as a person would write it."""
    with csv_file(name).open(encoding="utf-8") as file:
        columns = file.readline().strip().split(",")
    inputs = [one for one in columns if one not in STATES and one != "anomaly"]
    text = f"""format = 1
[project]
name = "rig"
[data]
source = "{csv_file(name).as_posix()}"
{'target = "anomaly"' if "anomaly" in columns else ""}
[model]
kind = "clusters"
{table}
""" + "".join(f"[inputs.{one}]\n" for one in inputs)
    return parse_project(text, folder / "project.toml")


def test_the_hydraulic_rig_trains_through_the_contract_alone(tmp_path: Path) -> None:
    trained = fitted(project_over("hydraulic/hydraulic_cycles_dev.csv", tmp_path), fit_project_clusters, no_report)
    cluster, _, anomaly = trained.model.predict(trained.rows)
    assert 1 < len(trained.model.members) <= 5
    assert np.bincount(trained.model.predict(trained.train.matrix)[0]).min() >= 50
    assert set(cluster.tolist()) == set(trained.model.members)
    assert anomaly.mean() < 0.1


def test_labelled_anomalies_train_through_the_contract_alone(tmp_path: Path) -> None:
    trained = fitted(project_over("odds/wbc.csv", tmp_path, "clusters = 1"), fit_project_clusters, no_report)
    assert list(trained.model.members) == [0]
    labels = np.asarray(trained.held.target)
    assert measured(trained.model, trained.held.matrix, labels)["roc_auc"] > 0.8
