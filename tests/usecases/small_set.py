"""A small set of clusters as the document names its files: a scaler, k-means, and a package for each cluster."""

import io
from typing import Any

import joblib
import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

INPUTS = ["presion", "temperatura"]


def small_set(seed: int) -> dict[str, bytes]:
    """The set's files, name -> bytes; another seed gives other models."""
    random = np.random.default_rng(seed)
    rows = np.concatenate([random.normal([3, 25], 1, (100, 2)), random.normal([18, 24], 1, (100, 2))])
    scaler = StandardScaler().fit(rows)
    kmeans = KMeans(2, random_state=0, n_init=3).fit(scaler.transform(rows))
    objects: dict[str, Any] = {"scaler.joblib": scaler, "kmeans_model.joblib": kmeans}
    for cluster in range(2):
        members = rows[kmeans.labels_ == cluster]
        inner = StandardScaler().fit(members)
        model = IsolationForest(n_estimators=5, random_state=0).fit(inner.transform(members))
        package = {"model": model, "scaler": inner, "features": INPUTS, "threshold": -0.1}
        objects[f"modelo_cluster_{cluster}_prod.joblib"] = package
    return {name: _dumped(value) for name, value in objects.items()}


def _dumped(value: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    return buffer.getvalue()
