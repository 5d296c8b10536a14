"""How anomalies within clusters are fitted: k-means, then a detector and a threshold for each cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from vaticina.contract import Project
from vaticina.datasets.training_data import TrainingData
from vaticina.errors import ProjectError, TrainingError
from vaticina.exact.arrays import Matrix
from vaticina.exact.forest_paths import DirectIsolationForest
from vaticina.progress import Report
from vaticina.tasks.clusters.model import ClusterAnomaly, Member, filled
from vaticina.tasks.row_training import FittedModel

FEWEST = 50
"""Rows a cluster needs to be judged on its own; with fewer it joins its nearest neighbour."""

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a project may choose.

    ``order`` is a column of the matrix: clusters are numbered from 0 by ascending centre on it. ``samples`` rows are
    drawn for each of ``trees`` trees. ``fence`` is how many interquartile ranges beyond the quartile a score must
    lie to be an anomaly when no row is labelled; 3 is Tukey's "far out" (1977, "Exploratory Data Analysis").
    """

    clusters: int = 5
    order: int = 0
    trees: int = 200
    samples: int = 512
    fence: float = 3.0
    random_state: int = 0


def read_recipe(clusters: int, params: Mapping[str, Any], columns: Sequence[str]) -> Recipe:
    """The recipe of a contract: ``params`` as the project writes them, where ``order`` is a column's name.

    Raises:
        ProjectError: a parameter is not one of the recipe's, or no column is called as ``order`` says.
    """
    known = [field.name for field in fields(Recipe) if field.name != "clusters"]
    unknown = sorted(set(params) - set(known))
    if unknown:
        raise ProjectError(f"[model] params: there is no {', '.join(unknown)}; choose among {', '.join(known)}.")
    order = params.get("order", columns[0])
    if order not in columns:
        raise ProjectError(f"[model] params: order is {order!r}, but the inputs are {', '.join(columns)}.")
    return Recipe(**{**params, "clusters": clusters, "order": list(columns).index(order)})


def fit_project_clusters(project: Project, parts: TrainingData, report: Report) -> FittedModel:
    """The project's clusters, fitted to the training rows. Raises ProjectError and TrainingError."""
    report("finding clusters", 0.2)
    dataset, params = parts.train, parts.params
    names = [column.name for column in dataset.contract.columns]
    recipe = read_recipe(project.model.clusters, {"random_state": params.seed, **params.model}, names)
    model = fit_clusters(dataset.matrix, recipe, dataset.target)
    return FittedModel(model, dataset.contract, {"estimator": "clusters", "clusters": len(model.members)})


def fit_clusters(rows: Matrix, recipe: Recipe | None = None, labels: Whole | None = None) -> ClusterAnomaly:
    """Fits clusters and their detectors to ``rows`` (n, columns), NaN where a value is missing.

    ``labels`` (n,), 1 for anomalies, choose the thresholds and nothing else.

    Raises:
        TrainingError: there are fewer than 50 rows.
    """
    recipe = recipe or Recipe()
    if len(rows) < FEWEST:
        raise TrainingError(f"{len(rows)} rows are too few to tell what is normal; {FEWEST} are needed at least.")
    medians = _medians(rows)
    complete = filled(rows, medians)
    scaler = StandardScaler().fit(complete)
    kmeans = _kmeans(scaler.transform(complete), recipe)
    numbers = _numbered(kmeans, recipe.order)
    cluster = numbers[kmeans.labels_]
    members = {
        number: _member(complete[cluster == number], recipe, None if labels is None else labels[cluster == number])
        for number in range(numbers.max() + 1)
    }
    return ClusterAnomaly(medians, scaler, kmeans, numbers, members)


def _medians(rows: Matrix) -> Matrix:
    """The columns' medians; 0 for a column that is always missing."""
    known = ~np.isnan(rows)
    return np.array(
        [np.median(column[there]) if there.any() else 0.0 for column, there in zip(rows.T, known.T, strict=True)]
    )


def _kmeans(scaled: Matrix, recipe: Recipe) -> KMeans:
    """k-means with no more centres than there are different rows, or fifties of rows."""
    most = min(len(scaled) // FEWEST, len(np.unique(scaled, axis=0)))
    return KMeans(min(recipe.clusters, most), n_init=10, random_state=recipe.random_state).fit(scaled)


def _numbered(kmeans: KMeans, order: int) -> Whole:
    """The cluster of each centre: small ones joined, then numbered by ascending mean of column ``order``."""
    sizes = np.bincount(kmeans.labels_, minlength=len(kmeans.cluster_centers_))
    home = _joined(kmeans.cluster_centers_, sizes)
    homes = np.unique(home)
    means = [_mean(kmeans.cluster_centers_, sizes, home == one)[order] for one in homes]
    rank = np.empty(len(homes), dtype=np.int64)
    rank[np.argsort(means, kind="stable")] = np.arange(len(homes))
    numbers: Whole = rank[np.searchsorted(homes, home)]
    return numbers


def _joined(centres: Matrix, sizes: Whole) -> Whole:
    """The group of each centre (named by one of its centres): the smallest joins its nearest until none is small."""
    home = np.arange(len(centres))
    while len(homes := np.unique(home)) > 1:
        counts = np.array([sizes[home == one].sum() for one in homes])
        small = int(counts.argmin())
        if counts[small] >= FEWEST:
            break
        means = np.array([_mean(centres, sizes, home == one) for one in homes])
        away = np.linalg.norm(means - means[small], axis=1)
        away[small] = np.inf
        home[home == homes[small]] = homes[away.argmin()]
    return home


def _mean(centres: Matrix, sizes: Whole, group: Mask) -> Matrix:
    """The centre of all rows of a group."""
    mean: Matrix = np.average(centres[group], axis=0, weights=sizes[group])
    return mean


def _member(rows: Matrix, recipe: Recipe, labels: Whole | None) -> Member:
    """A cluster's member, fitted to its ``rows``; ``labels`` only choose the threshold."""
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows)
    detector = IsolationForest(
        n_estimators=recipe.trees, max_samples=min(recipe.samples, len(rows)), random_state=recipe.random_state
    ).fit(scaled)
    decisions = DirectIsolationForest(detector).decide(scaled)
    if labels is None or len(np.unique(labels)) < 2:
        return Member(scaler, detector, _fence(decisions, recipe.fence))
    return Member(scaler, detector, _best_f1(decisions, labels))


def _fence(decisions: Matrix, width: float) -> float:
    """Tukey's fence below the decisions: the lower, the more anomalous.

    Unlike a fixed share of the rows, it marks few where all is calm and many where much is wrong.
    """
    first, third = np.quantile(decisions, [0.25, 0.75])
    return float(first - width * (third - first))


def _best_f1(decisions: Matrix, labels: Whole) -> float:
    """The threshold whose anomalies agree best with ``labels``: midway between the decisions it parts."""
    ascending = np.argsort(decisions, kind="stable")
    ordered, hits = decisions[ascending], np.cumsum(labels[ascending])
    f1 = 2.0 * hits / (np.arange(1, len(hits) + 1) + hits[-1])
    f1[:-1][ordered[:-1] == ordered[1:]] = 0.0  # equal decisions cannot be parted
    best = int(f1[:-1].argmax())
    return float((ordered[best] + ordered[best + 1]) / 2.0)
