"""k-means as a transformer: the distances to its centres."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, Value, converts


@converts("sklearn.cluster._kmeans.KMeans")
def kmeans(part: Any, graph: Graph, value: Value) -> Value:
    """The distance to each centre."""
    rows = graph.add("Unsqueeze", value.name, graph.constant([1], np.int64))
    differences = graph.add("Sub", rows, graph.constant(part.cluster_centers_[None]))
    squares = graph.add("Mul", differences, differences)
    sums = graph.add("ReduceSum", squares, graph.constant([2], np.int64), keepdims=0)
    return graph.matrix(graph.add("Sqrt", sums), len(part.cluster_centers_))
