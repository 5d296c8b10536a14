"""A set of files that together are one model: a scaler, k-means, and a package for each cluster.

The names are those of the document: ``scaler.joblib``, ``kmeans_model.joblib`` and ``modelo_cluster_N_prod.joblib``,
each of the last a dict of model, scaler, features and threshold. A row is scaled, its nearest centre is its cluster,
and the cluster's own package, on the row as it came, decides: below its threshold it is an anomaly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from vaticina.contract import Matrix, Outputs
from vaticina.errors import ImportRefused
from vaticina.formats.cluster_set.files import KMEANS, SCALER, number, set_files
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
        """What the original said, as our outputs: the score is how far a decision lies below its threshold."""
        cluster, decision = answers["cluster"], answers["decision"]
        score = np.array([self.model.members[int(one)].threshold for one in cluster]) - decision
        return Outputs(len(cluster), {"cluster": cluster, "score": score, "anomaly": (score > 0).astype(np.int64)})

    def rows(self, seed: int = 0) -> Matrix:
        """Rows (n, columns) around the middle of each cluster, usual and far-off ones, always the same."""
        random = np.random.default_rng(seed)
        parts = [self._around(self.model.scaler.mean_, self.model.scaler.scale_, random)]
        centres = self.model.scaler.inverse_transform(self.model.kmeans.cluster_centers_)
        for cluster, member in self.model.members.items():
            middle, spread = centres[cluster].copy(), self.model.scaler.scale_.copy()
            at = slice(None) if member.columns is None else member.columns
            middle[at], spread[at] = member.scaler.mean_, member.scaler.scale_
            parts.append(self._around(middle, spread, random))
        return np.concatenate(parts)

    def _around(self, middle: Matrix, spread: Matrix, random: np.random.Generator) -> Matrix:
        near = random.normal(middle, spread, (SAMPLES, len(middle)))
        far = random.uniform(middle - 6 * spread, middle + 6 * spread, (SAMPLES // 2, len(middle)))
        return np.concatenate([near, far])


def cluster_set(objects: Mapping[str, Any], columns: Sequence[str] | None = None) -> ClusterSet:
    """The set in ``objects`` (file name -> what it holds), its clusters under their own numbers.

    ``columns`` are the rows' columns in their order, when a contract names them; else the set's own.

    Raises:
        ImportRefused: a cluster has no model, a file holds something else, or the columns are not the set's.
    """
    names = set_files(objects)
    scaler = _expected(objects[SCALER], StandardScaler, SCALER)
    kmeans = _expected(objects[KMEANS], KMeans, KMEANS)
    packages = {number(name): (name, _package(objects[name], name)) for name in names[2:]}
    _check_clusters(len(kmeans.cluster_centers_), packages)
    own = _features(scaler, packages)
    chosen = tuple(columns or own)
    if sorted(chosen) != sorted(own):
        raise ImportRefused(f"The set takes {', '.join(own)}, but the project's inputs are {', '.join(chosen)}.")
    order = [own.index(name) for name in chosen]
    members = {cluster: _member(package, chosen) for cluster, (_, package) in packages.items()}
    scaler, kmeans = _reordered(scaler, kmeans, order)
    numbers = np.arange(len(kmeans.cluster_centers_))
    ask = {
        "scaler": SCALER,
        "kmeans": KMEANS,
        "clusters": {str(cluster): name for cluster, (name, _) in packages.items()},
        "columns": list(chosen),
        "order": [chosen.index(name) for name in own],
    }
    return ClusterSet(ClusterAnomaly(scaler.mean_, scaler, kmeans, numbers, members), chosen, ask)


def _expected(value: Any, kind: type, name: str) -> Any:
    """``value``, which must be of exactly that class. Raises ImportRefused."""
    if type(value) is not kind:
        raise ImportRefused(f"{name} holds a {type(value).__name__} where a {kind.__name__} is due.")
    return value


def _package(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not {"model", "scaler", "features", "threshold"} <= value.keys():
        raise ImportRefused(f"{name} is no package: a dict of model, scaler, features and threshold is due.")
    _expected(value["model"], IsolationForest, f"{name} under 'model'")
    _expected(value["scaler"], StandardScaler, f"{name} under 'scaler'")
    threshold = value["threshold"]
    if isinstance(threshold, bool) or not isinstance(threshold, int | float | np.number) or not np.isfinite(threshold):
        raise ImportRefused(f"{name} has the threshold {threshold!r:.40}, which is no finite number.")
    if len(value["features"]) != len(value["scaler"].mean_):
        raise ImportRefused(f"{name} names {len(value['features'])} features, but its scaler takes others.")
    return value


def _check_clusters(count: int, packages: Mapping[int, Any]) -> None:
    """Raises ImportRefused, naming the files that are missing or belong to no cluster."""
    missing = [f"modelo_cluster_{cluster}_prod.joblib" for cluster in range(count) if cluster not in packages]
    if missing:
        raise ImportRefused(
            f"k-means has {count} clusters, but {', '.join(missing)} is missing, so rows of that cluster would go "
            "unjudged; add it."
        )
    extra = [name for cluster, (name, _) in packages.items() if cluster >= count]
    if extra:
        raise ImportRefused(
            f"k-means has {count} clusters, numbered from 0, so {', '.join(extra)} belongs to none; the files are not "
            "of one training."
        )


def _features(scaler: Any, packages: Mapping[int, tuple[str, dict[str, Any]]]) -> list[str]:
    """The columns that the common scaler takes, in its order: it says so itself, or all packages agree."""
    if hasattr(scaler, "feature_names_in_"):
        return [str(name) for name in scaler.feature_names_in_]
    found = {tuple(map(str, package["features"])) for _, package in packages.values()}
    widest = max(found, key=len)
    if len(widest) != len(scaler.mean_) or not all(set(one) <= set(widest) for one in found):
        raise ImportRefused(f"{SCALER} takes {len(scaler.mean_)} columns, but the packages do not tell which.")
    return list(widest)


def _member(package: dict[str, Any], columns: Sequence[str]) -> Member:
    features = [str(name) for name in package["features"]]
    unknown = [name for name in features if name not in columns]
    if unknown:
        raise ImportRefused(f"A package takes {', '.join(unknown)}, which the common scaler does not know.")
    at = np.array([columns.index(name) for name in features])
    every = np.array_equal(at, np.arange(len(columns)))
    return Member(package["scaler"], package["model"], float(package["threshold"]), None if every else at)


def _reordered(scaler: Any, kmeans: Any, order: list[int]) -> tuple[Any, Any]:
    """Both over the columns in another order."""
    if order == sorted(order):
        return scaler, kmeans
    turned_scaler, turned = StandardScaler(), KMeans()
    vars(turned_scaler).update(vars(scaler))
    for name in ("mean_", "scale_", "var_"):
        setattr(turned_scaler, name, getattr(scaler, name)[order])
    vars(turned).update(vars(kmeans), cluster_centers_=np.ascontiguousarray(kmeans.cluster_centers_[:, order]))
    return turned_scaler, turned
