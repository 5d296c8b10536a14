"""Fitting anomalies within clusters: k-means, then a detector and a threshold for each cluster."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from vaticina.contract import Project
from vaticina.datasets.training_data import TrainingData
from vaticina.errors import TrainingError
from vaticina.exact.arrays import Integers, Matrix
from vaticina.exact.forest_paths import DirectIsolationForest
from vaticina.progress import Report
from vaticina.tasks.clusters.model import ClusterAnomaly, Member, fill_missing
from vaticina.tasks.clusters.params import ClustersParams, read_clusters_params
from vaticina.tasks.row_training import FittedModel

MIN_ROWS = 50
"""Rows a cluster needs to be judged on its own; with fewer it joins its nearest neighbour."""


def fit_project_clusters(project: Project, data: TrainingData, report: Report) -> FittedModel:
    """The project's clusters, fitted to the training rows. Raises ProjectError and TrainingError."""
    report("finding clusters", 0.2)
    dataset = data.train
    columns = [column.name for column in dataset.contract.columns]
    written = {"random_state": data.params.seed, **data.params.model}
    params = read_clusters_params(project.model.clusters, written, columns)
    model = fit_clusters(dataset.matrix, params, dataset.target)
    return FittedModel(model, dataset.contract, {"estimator": "clusters", "clusters": len(model.members)})


def fit_clusters(rows: Matrix, params: ClustersParams | None = None, labels: Integers | None = None) -> ClusterAnomaly:
    """Fits clusters and their detectors to ``rows`` (n, columns), NaN where a value is missing.

    ``labels`` (n,), 1 for anomalies, choose the thresholds and nothing else.

    Raises:
        TrainingError: there are fewer than 50 rows.
    """
    params = params or ClustersParams()
    if len(rows) < MIN_ROWS:
        raise TrainingError(f"{len(rows)} rows are too few to learn what is normal; {MIN_ROWS} are needed at least.")
    medians = _medians(rows)
    complete = fill_missing(rows, medians)
    scaler = StandardScaler().fit(complete)
    kmeans = _fit_kmeans(scaler.transform(complete), params)
    numbers = _cluster_numbers(kmeans, params.order)
    cluster_of_row = numbers[kmeans.labels_]
    members = {}
    for number in range(numbers.max() + 1):
        is_inside = cluster_of_row == number
        labels_inside = None
        if labels is not None:
            labels_inside = labels[is_inside]
        members[number] = _fit_member(complete[is_inside], params, labels_inside)
    return ClusterAnomaly(medians, scaler, kmeans, numbers, members)


def _medians(rows: Matrix) -> Matrix:
    """The columns' medians; 0 for a column that is always missing."""
    medians = np.zeros(rows.shape[1])
    for index, column in enumerate(rows.T):
        present = column[~np.isnan(column)]
        if len(present):
            medians[index] = np.median(present)
    return medians


def _fit_kmeans(scaled: Matrix, params: ClustersParams) -> KMeans:
    """k-means with no more centres than there are different rows, or fifties of rows."""
    most = min(len(scaled) // MIN_ROWS, len(np.unique(scaled, axis=0)))
    return KMeans(min(params.clusters, most), n_init=10, random_state=params.random_state).fit(scaled)


def _cluster_numbers(kmeans: KMeans, order: int) -> Integers:
    """The cluster of each centre: small ones are merged, then numbered by ascending mean of column ``order``."""
    sizes = np.bincount(kmeans.labels_, minlength=len(kmeans.cluster_centers_))
    group_of_centre = _merge_small(kmeans.cluster_centers_, sizes)
    groups = np.unique(group_of_centre)
    means = _group_means(kmeans.cluster_centers_, sizes, group_of_centre)[:, order]
    rank = np.empty(len(groups), dtype=np.int64)
    rank[np.argsort(means, kind="stable")] = np.arange(len(groups))
    numbers: Integers = rank[np.searchsorted(groups, group_of_centre)]
    return numbers


def _merge_small(centres: Matrix, sizes: Integers) -> Integers:
    """The group of each centre, by the number of one of its centres: the smallest joins its nearest until all are
    large enough."""
    group_of_centre = np.arange(len(centres))
    while len(groups := np.unique(group_of_centre)) > 1:
        counts = np.bincount(group_of_centre, weights=sizes)[groups]
        smallest = int(counts.argmin())
        if counts[smallest] >= MIN_ROWS:
            break
        means = _group_means(centres, sizes, group_of_centre)
        distances = np.linalg.norm(means - means[smallest], axis=1)
        distances[smallest] = np.inf
        group_of_centre[group_of_centre == groups[smallest]] = groups[distances.argmin()]
    return group_of_centre


def _group_means(centres: Matrix, sizes: Integers, group_of_centre: Integers) -> Matrix:
    """The mean of all rows of each group, in ascending order of the groups: (groups, columns)."""
    means = []
    for group in np.unique(group_of_centre):
        is_inside = group_of_centre == group
        means.append(np.average(centres[is_inside], axis=0, weights=sizes[is_inside]))
    return np.array(means)


def _fit_member(rows: Matrix, params: ClustersParams, labels: Integers | None) -> Member:
    """A cluster's member, fitted to its ``rows``; ``labels`` only choose the threshold."""
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows)
    detector = IsolationForest(
        n_estimators=params.trees, max_samples=min(params.samples, len(rows)), random_state=params.random_state
    ).fit(scaled)
    decisions = DirectIsolationForest(detector).decide(scaled)
    if labels is None or len(np.unique(labels)) < 2:
        return Member(scaler, detector, _fence(decisions, params.fence))
    return Member(scaler, detector, _best_f1_threshold(decisions, labels))


def _fence(decisions: Matrix, width: float) -> float:
    """Tukey's fence below the decisions: the lower, the more anomalous.

    Unlike a fixed share of the rows, it marks few where all is calm and many where much is wrong.
    """
    first, third = np.quantile(decisions, [0.25, 0.75])
    return float(first - width * (third - first))


def _best_f1_threshold(decisions: Matrix, labels: Integers) -> float:
    """The threshold whose anomalies agree best with ``labels``: midway between the decisions that it separates."""
    ascending = np.argsort(decisions, kind="stable")
    ordered, hits = decisions[ascending], np.cumsum(labels[ascending])
    f1 = 2.0 * hits / (np.arange(1, len(hits) + 1) + hits[-1])
    f1[:-1][ordered[:-1] == ordered[1:]] = 0.0  # equal decisions cannot be separated
    best = int(f1[:-1].argmax())
    return float((ordered[best] + ordered[best + 1]) / 2.0)
