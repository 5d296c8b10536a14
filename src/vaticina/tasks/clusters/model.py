"""The model of anomalies: each row is judged by the detector of the cluster that it belongs to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from vaticina.errors import BundleCorrupt
from vaticina.exact.arrays import Integers, Matrix
from vaticina.exact.forest_paths import DirectIsolationForest


class Member:
    """One cluster's own scaler and detector; a row is an anomaly when its decision is below ``threshold``.

    ``columns`` are those of a row that they take, in their order: all of them when None, as for all that we train. An
    imported one may take some; it is only ever served compiled, and has no pickle.
    """

    def __init__(
        self, scaler: StandardScaler, detector: IsolationForest, threshold: float, columns: Integers | None = None
    ) -> None:
        self.scaler = scaler
        self.detector = detector
        self.threshold = threshold
        self.columns = columns
        self._isolation = DirectIsolationForest(detector)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.columns is not None:
            raise TypeError("a member of some columns is served compiled only")
        return Member, (self.scaler, self.detector, self.threshold)

    def score(self, rows: Matrix) -> Matrix:
        """How far beyond the threshold ``rows`` (n, columns) lie: (n,), above zero for anomalies."""
        if self.columns is not None:
            rows = rows[:, self.columns]
        return self.threshold - self._isolation.decide(self.scaler.transform(rows))


class ClusterAnomaly:
    """Medians for what is missing, a scaler, k-means, and a member for each cluster.

    ``numbers`` (centres,) gives the cluster of each k-means centre: clusters are numbered in an order that does not
    depend on chance, and a centre with few rows shares the cluster of its neighbour.

    Raises:
        BundleCorrupt: a cluster has no member, so some rows could not be judged.
    """

    def __init__(
        self, medians: Matrix, scaler: StandardScaler, kmeans: KMeans, numbers: Integers, members: Mapping[int, Member]
    ) -> None:
        self.medians = medians
        self.scaler = scaler
        self.kmeans = kmeans
        self.numbers = numbers
        self.members = dict(members)
        self._norms = np.square(kmeans.cluster_centers_).sum(axis=1)
        self._check()

    def __reduce__(self) -> tuple[Any, ...]:
        return ClusterAnomaly, (self.medians, self.scaler, self.kmeans, self.numbers, self.members)

    def predict(self, rows: Matrix) -> tuple[Integers, Matrix, Integers]:
        """The cluster, the score (above zero for anomalies) and the anomaly (0 or 1) of ``rows`` (n, columns)."""
        complete = fill_missing(rows, self.medians)
        cluster = self._cluster(complete)
        score = np.empty(len(rows))
        for number in np.unique(cluster):
            inside = cluster == number
            score[inside] = self.members[int(number)].score(complete[inside])
        return cluster, score, (score > 0).astype(np.int64)

    def _cluster(self, complete: Matrix) -> Integers:
        """By the nearest centre: |x - c|² without |x|², which is the same for all centres."""
        distances = self._norms - 2.0 * (self.scaler.transform(complete) @ self.kmeans.cluster_centers_.T)
        cluster: Integers = self.numbers[distances.argmin(axis=1)]
        return cluster

    def _check(self) -> None:
        missing = sorted(set(self.numbers.tolist()) - set(self.members))
        if missing:
            names = ", ".join(map(str, missing))
            raise BundleCorrupt(
                f"The model set has no model for cluster {names}, so its rows cannot be judged; add it, or train again."
            )
        if len(self.numbers) != len(self.kmeans.cluster_centers_):
            raise BundleCorrupt(
                f"The model set numbers {len(self.numbers)} clusters, but its k-means has "
                f"{len(self.kmeans.cluster_centers_)}; they are not of one training."
            )


def fill_missing(rows: Matrix, medians: Matrix) -> Matrix:
    """``rows`` (n, columns) with the columns' ``medians`` where a value is missing."""
    return np.where(np.isnan(rows), medians, rows)
