"""Histogram boosting: its trees compare doubles, and know categories and missing values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.converters.linear import probabilities
from vaticina.exact.graph import Graph, Value, convert, converts
from vaticina.exact.tree import LEAF, Tree
from vaticina.exact.tree_ensemble import ensemble

CATEGORIES = 256
"""Codes that fit scikit-learn's sets."""

LOG_LINKS = ("poisson", "gamma")


@converts("sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier")
def histogram_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid or softmax of the start plus the trees' sums."""
    return probabilities(graph, _raw(part, graph, value), len(part.classes_))


@converts("sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor")
def histogram_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The start plus the trees' sums, through the loss's link."""
    raw = _raw(part, graph, value)
    return graph.matrix(graph.add("Exp", raw) if part.loss in LOG_LINKS else raw, 1)


def _raw(part: Any, graph: Graph, value: Value) -> str:
    if part._preprocessor is not None:
        value = _reordered(part._preprocessor, graph, value)
    start = np.ravel(part._baseline_prediction)
    known = part._bin_mapper.bin_thresholds_
    trees = [_tree(tree, target, known) for stage in part._predictors for target, tree in enumerate(stage)]
    return graph.add("Add", ensemble(graph, value, trees, len(start)), graph.constant(start))


def _reordered(preprocessor: Any, graph: Graph, value: Value) -> Value:
    """Categories as their places in the fitted lists, to the left of the numbers, which stay as they are."""
    parts = []
    for name, encoder, columns in preprocessor.transformers_:
        chosen = graph.columns(value, np.flatnonzero(columns).tolist())
        parts.append(convert(encoder, graph, chosen) if name == "encoder" else chosen)
    return graph.join([part for part in parts if part.width])


def _tree(predictor: Any, target: int, known: Sequence[NDArray[Any]]) -> Tree:
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    categorical = np.flatnonzero(nodes["is_categorical"].astype(bool) & ~is_leaf)
    members = {int(node): _members(predictor, nodes[node], known) for node in categorical}
    left = np.where(is_leaf, LEAF, nodes["left"].astype(np.int64))
    right = np.where(is_leaf, LEAF, nodes["right"].astype(np.int64))
    feature = nodes["feature_idx"].astype(np.int64)
    missing = nodes["missing_go_to_left"].astype(bool)
    return Tree(feature, nodes["num_threshold"], left, right, missing, nodes["value"][:, None], target, members)


def _members(predictor: Any, node: Any, known: Sequence[NDArray[Any]]) -> list[float]:
    """The categories that turn left: the bits set in eight words of 32.

    One that only the rows set aside for early stopping had goes where missing values go.
    """
    words: NDArray[np.uint32] = predictor.raw_left_cat_bitsets[node["bitset_idx"]]
    members = {32 * word + bit for word in range(8) for bit in range(32) if int(words[word]) >> bit & 1}
    if node["missing_go_to_left"]:
        members |= set(range(CATEGORIES)) - set(known[node["feature_idx"]].astype(int).tolist())
    return sorted(map(float, members)) or [-1.0]  # only missing values turn left: a set that no code is in
