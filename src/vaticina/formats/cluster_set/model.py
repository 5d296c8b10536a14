"""A set of files that together are one model: a scaler, k-means, and a package for each cluster.

The names are those of the document: ``scaler.joblib``, ``kmeans_model.joblib`` and ``modelo_cluster_N_prod.joblib``,
each of the last a dict of model, scaler, features and threshold. A row is scaled, its nearest centre is its cluster,
and the cluster's own package, on the row as it came, decides: below its threshold it is an anomaly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from vaticina.contract import Matrix, Outputs
from vaticina.errors import ImportRefused
from vaticina.formats.cluster_set.files import KMEANS, SCALER, cluster_number, set_files
from vaticina.tasks.clusters.model import ClusterAnomaly, Member

SAMPLES = 600
"""Rows drawn around each cluster to compare the compiled set with the original on."""


@dataclass(frozen=True, slots=True)
class ClusterSet:
    """The set as one model over ``columns``; ``ask`` tells another interpreter how to ask the original."""

    model: ClusterAnomaly
    columns: tuple[str, ...]
    ask: Mapping[str, Any]

    def outputs(self, answers: Mapping[str, NDArray[Any]]) -> Outputs:
        """What the original answered, as our outputs: the score is how far a decision lies below its threshold."""
        cluster, decision = answers["cluster"], answers["decision"]
        thresholds = np.array([self.model.members[number].threshold for number in cluster.tolist()])
        score = thresholds - decision
        return Outputs(len(cluster), {"cluster": cluster, "score": score, "anomaly": (score > 0).astype(np.int64)})

    def rows(self, seed: int = 0) -> Matrix:
        """Rows (n, columns) around the middle of each cluster, usual and far-off ones, always the same."""
        random = np.random.default_rng(seed)
        scaler = self.model.scaler
        parts = [_rows_around(scaler.mean_, scaler.scale_, random)]
        centres = scaler.inverse_transform(self.model.kmeans.cluster_centers_)
        for cluster, member in self.model.members.items():
            middle, spread = centres[cluster].copy(), scaler.scale_.copy()
            columns: Any = slice(None)
            if member.columns is not None:
                columns = member.columns
            middle[columns], spread[columns] = member.scaler.mean_, member.scaler.scale_
            parts.append(_rows_around(middle, spread, random))
        return np.concatenate(parts)


def _rows_around(middle: Matrix, spread: Matrix, random: np.random.Generator) -> Matrix:
    """(n, columns): rows with this mean and standard deviation, both (columns,), and rows up to six of them away."""
    near = random.normal(middle, spread, (SAMPLES, len(middle)))
    far = random.uniform(middle - 6 * spread, middle + 6 * spread, (SAMPLES // 2, len(middle)))
    return np.concatenate([near, far])


@dataclass(frozen=True, slots=True)
class ClusterPackage:
    """What the file of one cluster holds: its fitted parts, the columns they take, and the decision's threshold."""

    file: str
    model: IsolationForest
    scaler: StandardScaler
    features: Sequence[str]
    threshold: float


def cluster_set(objects: Mapping[str, Any], columns: Sequence[str] | None = None) -> ClusterSet:
    """The set in ``objects`` (file name -> what it holds), its clusters under their own numbers.

    ``columns`` are the rows' columns in their order, when a contract names them; else the set's own.

    Raises:
        ImportRefused: a cluster has no model, a file holds something else, or the columns are not the set's.
    """
    _, _, *package_files = set_files(objects)
    scaler = _expected(objects[SCALER], StandardScaler, SCALER)
    kmeans = _expected(objects[KMEANS], KMeans, KMEANS)
    packages = _read_packages(objects, package_files, len(kmeans.cluster_centers_))
    set_columns = _set_columns(scaler, packages.values())
    row_columns = tuple(columns or set_columns)
    if sorted(row_columns) != sorted(set_columns):
        raise ImportRefused(
            f"The set takes {', '.join(set_columns)}, but the project's inputs are {', '.join(row_columns)}; "
            "name the same columns in [inputs], or import the set into a new project with --name."
        )
    members: dict[int, Member] = {}
    asked_files: dict[str, str] = {}
    for cluster, package in packages.items():
        members[cluster] = _member(package, row_columns)
        asked_files[str(cluster)] = package.file
    scaler, kmeans = _reordered(scaler, kmeans, list(map(set_columns.index, row_columns)))
    numbers = np.arange(len(kmeans.cluster_centers_))
    ask = {
        "scaler": SCALER,
        "kmeans": KMEANS,
        "clusters": asked_files,
        "columns": list(row_columns),
        "order": list(map(row_columns.index, set_columns)),
    }
    return ClusterSet(ClusterAnomaly(scaler.mean_, scaler, kmeans, numbers, members), row_columns, ask)


def _expected(value: Any, kind: type, name: str) -> Any:
    """``value``, which must be of exactly that class. Raises ImportRefused."""
    if type(value) is not kind:
        raise ImportRefused(f"{name} holds a {type(value).__name__} where a {kind.__name__} is due.")
    return value


def _read_packages(objects: Mapping[str, Any], files: Sequence[str], clusters: int) -> dict[int, ClusterPackage]:
    """The packages in ``files`` by the numbers of their clusters, of which k-means has ``clusters``.

    Raises ImportRefused, naming the files that are missing, are of one cluster, or belong to none.
    """
    packages: dict[int, ClusterPackage] = {}
    for file in files:
        number = cluster_number(file)
        if number is None:
            continue
        if number in packages:
            raise ImportRefused(f"{packages[number].file} and {file} are both of cluster {number}; remove one of them.")
        packages[number] = _package(objects[file], file)
    missing = [f"modelo_cluster_{cluster}_prod.joblib" for cluster in range(clusters) if cluster not in packages]
    if missing:
        raise ImportRefused(
            f"k-means has {clusters} clusters, but {', '.join(missing)} is missing, so rows of that cluster would go "
            "unjudged; add it."
        )
    extra = [package.file for number, package in packages.items() if number >= clusters]
    if extra:
        raise ImportRefused(
            f"k-means has {clusters} clusters, numbered from 0, so {', '.join(extra)} belongs to none; the files are "
            "not of one training."
        )
    return packages


def _package(value: Any, name: str) -> ClusterPackage:
    """The package that the file ``name`` holds. Raises ImportRefused when it holds something else."""
    if not isinstance(value, dict) or not {"model", "scaler", "features", "threshold"} <= value.keys():
        raise ImportRefused(f"{name} is no package: a dict of model, scaler, features and threshold is due.")
    model = _expected(value["model"], IsolationForest, f"{name} under 'model'")
    scaler = _expected(value["scaler"], StandardScaler, f"{name} under 'scaler'")
    threshold = value["threshold"]
    if isinstance(threshold, bool) or not isinstance(threshold, int | float | np.number) or not np.isfinite(threshold):
        raise ImportRefused(f"{name} has the threshold {threshold!r:.40}, which is no finite number.")
    features = list(map(str, value["features"]))
    if len(features) != len(scaler.mean_):
        raise ImportRefused(f"{name} names {len(features)} features, but its scaler takes others.")
    return ClusterPackage(name, model, scaler, features, float(threshold))


def _set_columns(scaler: StandardScaler, packages: Iterable[ClusterPackage]) -> list[str]:
    """The columns that the common scaler takes, in its order: it says so itself, or all packages agree."""
    if hasattr(scaler, "feature_names_in_"):
        return list(map(str, scaler.feature_names_in_))
    columns: list[str] = []
    names: set[str] = set()
    for package in packages:
        names.update(package.features)
        if len(package.features) > len(columns):
            columns = list(package.features)
    if len(columns) != len(scaler.mean_) or names != set(columns):
        raise ImportRefused(f"{SCALER} takes {len(scaler.mean_)} columns, but the packages do not tell which.")
    return columns


def _member(package: ClusterPackage, columns: Sequence[str]) -> Member:
    """The package as a part of our model, over rows of ``columns``."""
    unknown = [name for name in package.features if name not in columns]
    if unknown:
        raise ImportRefused(f"A package takes {', '.join(unknown)}, which the common scaler does not know.")
    indices = list(map(columns.index, package.features))
    if indices == list(range(len(columns))):
        return Member(package.scaler, package.model, package.threshold)
    return Member(package.scaler, package.model, package.threshold, np.array(indices))


def _reordered(scaler: StandardScaler, kmeans: KMeans, order: list[int]) -> tuple[StandardScaler, KMeans]:
    """Both over the columns in another order."""
    if order == sorted(order):
        return scaler, kmeans
    new_scaler, new_kmeans = StandardScaler(), KMeans()
    vars(new_scaler).update(vars(scaler))
    for name in ("mean_", "scale_", "var_"):
        setattr(new_scaler, name, getattr(scaler, name)[order])
    centres = np.ascontiguousarray(kmeans.cluster_centers_[:, order])
    vars(new_kmeans).update(vars(kmeans), cluster_centers_=centres)
    return new_scaler, new_kmeans
