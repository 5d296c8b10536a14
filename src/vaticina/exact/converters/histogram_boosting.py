"""Histogram boosting: its trees compare doubles, and know categories and missing values."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import check_array

from vaticina.exact.converters.linear import probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts
from vaticina.exact.tree import LEAF, Tree
from vaticina.exact.tree_ensemble import ensemble

CATEGORIES = 256
"""Codes that fit scikit-learn's sets."""

LOG_LINKS = ("poisson", "gamma")


@converts("sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier", takes_codes=True)
def histogram_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid or softmax of the start plus the trees' sums."""
    return probabilities(graph, _raw(part, graph, value), len(part.classes_))


@converts("sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor", takes_codes=True)
def histogram_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The start plus the trees' sums, through the loss's link."""
    raw = _raw(part, graph, value)
    if part.loss in LOG_LINKS:
        raw = graph.add("Exp", raw)
    return graph.matrix(raw, 1)


def _raw(part: Any, graph: Graph, value: Value) -> str:
    if part._preprocessor is not None:
        value = _reordered(part._preprocessor, graph, value)
    if value.has_codes:
        raise NotCompilable(
            f"{type(part).__name__} over a column of texts that it does not encode has no compiled form"
        )
    start = np.ravel(part._baseline_prediction)
    categories = part._bin_mapper.bin_thresholds_
    trees = []
    for stage in part._predictors:
        for target, predictor in enumerate(stage):
            trees.append(_tree(predictor, target, categories))
    return graph.add("Add", ensemble(graph, value, trees, len(start)), graph.constant(start))


def _reordered(preprocessor: Any, graph: Graph, value: Value) -> Value:
    """Categories as their places in the fitted lists, to the left of the numbers, which stay as they are."""
    parts = []
    for name, encoder, columns in preprocessor.transformers_:
        if encoder == "drop":
            continue
        chosen = graph.columns(value, np.flatnonzero(columns).tolist())
        if name == "encoder":
            chosen = convert(encoder, graph, chosen)
        elif not _is_identity(encoder):
            raise NotCompilable(f"histogram boosting that prepares numbers by {encoder!r} has no compiled form")
        if chosen.width:
            parts.append(chosen)
    return graph.join(parts)


def _is_identity(step: Any) -> bool:
    """Whether a step of the preparation leaves numbers as they are: scikit-learn's own only checks them."""
    if step == "passthrough":
        return True
    if type(step) is not FunctionTransformer:
        return False
    function = step.func
    return function is None or (type(function) is partial and function.func is check_array)


def _tree(predictor: Any, target: int, categories: Sequence[NDArray[Any]]) -> Tree:
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    members = {}
    for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~is_leaf).tolist():
        members[node] = _members(predictor, nodes[node], categories)
    return Tree(
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"],
        left=np.where(is_leaf, LEAF, nodes["left"].astype(np.int64)),
        right=np.where(is_leaf, LEAF, nodes["right"].astype(np.int64)),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        weights=nodes["value"][:, None],
        target=target,
        members=members,
    )


def _members(predictor: Any, node: Any, categories: Sequence[NDArray[Any]]) -> list[float]:
    """The categories that go left at ``node``: the bits set in eight words of 32.

    ``categories`` are those of each feature that training knew. One that only the rows set aside for early stopping had
    goes where missing values go.
    """
    words: NDArray[np.uint32] = predictor.raw_left_cat_bitsets[node["bitset_idx"]]
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    members = np.flatnonzero(bits)
    if node["missing_go_to_left"]:
        others = np.setdiff1d(np.arange(CATEGORIES), categories[node["feature_idx"]].astype(int))
        members = np.union1d(members, others)
    if not len(members):
        return [-1.0]  # only missing values go left: a set that no code is in
    codes: list[float] = members.astype(np.float64).tolist()
    return codes
