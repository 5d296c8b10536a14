"""The documented set of files as one model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from vaticina.contract import Contract
from vaticina.errors import ImportRefused
from vaticina.formats import find_source, recognise
from vaticina.formats.cluster_set.files import is_whole_set, set_files
from vaticina.formats.cluster_set.model import cluster_set
from vaticina.tasks import served_form

NAMES = ["presion", "temperatura", "volumen"]

SET_NAMES = ["scaler.joblib", "kmeans_model.joblib", "modelo_cluster_0_prod.joblib"]


def columns_of(rows: Any, names: list[str]) -> Any:
    """The columns (n, names) of ``rows`` (n, NAMES)."""
    return rows[..., list(map(NAMES.index, names))]


def package(rows: Any, features: list[str], threshold: float = -0.02) -> dict[str, Any]:
    columns = columns_of(rows, features)
    scaler = StandardScaler().fit(columns)
    model = IsolationForest(n_estimators=20, random_state=0).fit(scaler.transform(columns))
    return {"model": model, "scaler": scaler, "features": features, "threshold": threshold}


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    """Two clusters; the second one's package looks at two columns, the other way round."""
    random = np.random.default_rng(0)
    rows = np.concatenate([random.normal([3, 25, 130], 1, (200, 3)), random.normal([18, 24, 20], 2, (200, 3))])
    scaler = StandardScaler().fit(rows)
    kmeans = KMeans(2, random_state=0, n_init=1).fit(scaler.transform(rows))
    return {
        "scaler.joblib": scaler,
        "kmeans_model.joblib": kmeans,
        "modelo_cluster_0_prod.joblib": package(rows[kmeans.labels_ == 0], NAMES),
        "modelo_cluster_1_prod.joblib": package(rows[kmeans.labels_ == 1], ["volumen", "presion"], 0.01),
    }


def original(objects: dict[str, Any], rows: Any) -> tuple[Any, Any]:
    """The steps of the document, one row at a time."""
    clusters = objects["kmeans_model.joblib"].predict(objects["scaler.joblib"].transform(rows))
    anomalies = []
    for cluster, row in zip(clusters, rows, strict=True):
        packed = objects[f"modelo_cluster_{cluster}_prod.joblib"]
        values = columns_of(row[None], packed["features"])
        decision = packed["model"].decision_function(packed["scaler"].transform(values))[0]
        anomalies.append(int(decision < packed["threshold"]))
    return clusters, np.array(anomalies)


def contract(names: list[str]) -> Contract:
    return Contract.model_validate(
        {
            "name": "gas",
            "inputs": {name: {"type": "number"} for name in names},
            "outputs": {"cluster": "cluster", "prediccion": "anomaly"},
            "model": {"kind": "clusters"},
        }
    )


@pytest.mark.parametrize("columns", [NAMES, ["volumen", "presion", "temperatura"]], ids=["own order", "another order"])
def test_each_package_keeps_its_scaler_features_and_threshold(objects: dict[str, Any], columns: list[str]) -> None:
    whole = cluster_set(objects, columns)
    served = served_form(whole.model, contract(columns), whole.rows())
    assert served.family == "onnx", served.verification
    rows = np.random.default_rng(1).normal([10, 25, 70], [8, 3, 60], (500, 3))
    cluster, anomaly = original(objects, rows)
    answers = served.runtime.predict(columns_of(rows, columns)).columns
    np.testing.assert_array_equal(answers["cluster"], cluster)
    np.testing.assert_array_equal(answers["anomaly"], anomaly)
    assert 0 < anomaly.mean() < 1
    assert set(cluster) == {0, 1}


def test_a_missing_cluster_is_refused_by_its_file(objects: dict[str, Any]) -> None:
    incomplete = dict(objects)
    del incomplete["modelo_cluster_1_prod.joblib"]
    with pytest.raises(ImportRefused, match=r"k-means has 2 clusters, but modelo_cluster_1_prod\.joblib is missing"):
        cluster_set(incomplete)


@pytest.mark.parametrize("name", ["scaler.joblib", "kmeans_model.joblib"])
def test_a_missing_part_is_refused_by_its_name(objects: dict[str, Any], name: str) -> None:
    with pytest.raises(ImportRefused, match=f"The set has no {name}"):
        set_files(set(objects) - {name})


def test_a_package_too_many_is_refused(objects: dict[str, Any]) -> None:
    more = {**objects, "modelo_cluster_2_prod.joblib": objects["modelo_cluster_0_prod.joblib"]}
    with pytest.raises(ImportRefused, match=r"modelo_cluster_2_prod\.joblib belongs to none"):
        cluster_set(more)


def test_two_packages_of_one_cluster_are_refused(objects: dict[str, Any]) -> None:
    more = {**objects, "modelo_cluster_01_prod.joblib": objects["modelo_cluster_1_prod.joblib"]}
    with pytest.raises(
        ImportRefused,
        match=r"modelo_cluster_01_prod\.joblib and modelo_cluster_1_prod\.joblib are both of cluster 1; remove one",
    ):
        cluster_set(more)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("scaler.joblib", {"a": 1}, "holds a dict where a StandardScaler is due"),
        ("kmeans_model.joblib", StandardScaler(), "holds a StandardScaler where a KMeans is due"),
        ("modelo_cluster_0_prod.joblib", [1], "is no package"),
        ("modelo_cluster_0_prod.joblib", {"threshold": float("nan")}, "no finite number"),
        ("modelo_cluster_0_prod.joblib", {"features": ["presion"]}, "names 1 features"),
        ("modelo_cluster_0_prod.joblib", {"features": ["presion", "x", "temperatura"]}, "do not tell which"),
        ("modelo_cluster_0_prod.joblib", {"model": KMeans()}, "where a IsolationForest is due"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    objects: dict[str, Any], name: str, value: Any, reason: str
) -> None:
    wrong = value
    if isinstance(value, dict) and name.startswith("modelo"):
        wrong = {**objects[name], **value}
    with pytest.raises(ImportRefused, match=reason):
        cluster_set({**objects, name: wrong})


def test_columns_that_are_not_the_sets_are_refused(objects: dict[str, Any]) -> None:
    with pytest.raises(
        ImportRefused, match="The set takes presion, temperatura, volumen, but the project's inputs are"
    ):
        cluster_set(objects, ["presion", "temperatura", "caudal"])


def test_a_folder_with_one_file_of_it_is_such_a_set(tmp_path: Path) -> None:
    for name in ("model.pkl", "preprocessor.pkl", "modelo_cluster_x_prod.joblib"):
        (tmp_path / name).touch()
    assert recognise(find_source(tmp_path)).name == "pickle"
    (tmp_path / "modelo_cluster_3_prod.joblib").touch()
    source = find_source(tmp_path)
    assert [file.name for file in source.files] == ["modelo_cluster_3_prod.joblib"]
    assert recognise(source).name == "cluster set"


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (SET_NAMES, True),
        ([*SET_NAMES, "modelo_cluster_1_prod.joblib"], True),
        ([*SET_NAMES, "modelo_cluster_2_prod.joblib"], False),
        (["scaler.joblib", "kmeans_model.joblib"], False),
        (SET_NAMES[1:], False),
        ([*SET_NAMES, "modelo_cluster_00_prod.joblib"], False),
        ([], False),
    ],
)
def test_a_gap_is_seen_by_the_names(names: list[str], whole: bool) -> None:
    assert is_whole_set(names) is whole
