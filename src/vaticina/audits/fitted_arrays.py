"""The audit of an opened model's arrays, before C code of scikit-learn walks them.

scikit-learn writes these arrays itself, so most of its C code does not check them: a child, a feature, a label or a
length that is not true reads or writes memory beyond an array. Here every part is looked at that gives arrays to such
code, by the class that it inherits the code from. What is computed by numpy needs no look: numpy checks.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.audits.node_arrays import LEAF, check_range, check_tree
from vaticina.audits.object_walk import attributes_of, objects_in
from vaticina.audits.unsound import Unsound

Array = NDArray[Any]

MERSENNE_WORDS = 624
"""The numbers that the state of numpy's Mersenne Twister holds; its position is at most one behind them."""

MOST_THREADS = 4096
BITSET_WORDS = 8
"""The words of 32 bits that hold a set of at most 256 categories."""

WEIGHING_METRIC = "MinkowskiDistance"
PLAIN_METRICS = ("EuclideanDistance", "ManhattanDistance", "ChebyshevDistance", WEIGHING_METRIC)
"""Distances that hold no arrays but, one of them, a weight for each column."""

METRIC = 11
"""Where a tree of neighbours keeps its metric in its state."""


def check_arrays(model: object) -> None:
    """Raises Unsound unless the arrays of every part of ``model`` fit together."""
    parts = list(objects_in(model))
    for checks in (CHECKS, ASKING_CHECKS):
        for part in parts:
            for base in type(part).__mro__:
                check = checks.get(f"{base.__module__}.{base.__qualname__}")
                if check is not None:
                    _check_part(check, part)


def _check_part(check: Callable[[Any], None], part: object) -> None:
    try:
        check(part)
    except Unsound as reason:
        raise Unsound(f"its {type(part).__name__} is damaged: {reason}") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unsound(
            f"its {type(part).__name__} is damaged: a part of it has another form ({type(error).__name__}: {error})"
        ) from None


def _tree(tree: Any) -> None:
    """A tree of scikit-learn, whose arrays are held in C."""
    if tree.node_count < 1 or tree.node_count != tree.capacity:
        raise Unsound("it has no nodes, or claims others than it holds")
    nodes = tree.__getstate__()["nodes"]
    check_tree(nodes["left_child"], nodes["right_child"], nodes["feature"], tree.n_features)


def _decision_tree(part: Any) -> None:
    tree = attributes_of(part).get("tree_")
    if tree is not None:
        _check_width(tree.n_features, _width(part))


def _forest(part: Any) -> None:
    """A forest gives its rows to the trees' C code by itself."""
    for member in attributes_of(part).get("estimators_", ()):
        _check_width(member.tree_.n_features, _width(part))


def _isolation_forest(part: Any) -> None:
    attributes = attributes_of(part)
    if "estimators_" not in attributes:
        return
    width = _width(part)
    for member, columns in zip(attributes["estimators_"], attributes["estimators_features_"], strict=True):
        expected = len(columns)
        if attributes["_max_features"] == width:
            expected = width
        _check_width(member.tree_.n_features, expected)


def _gradient_boosting(part: Any) -> None:
    """It gives its rows to the trees' C code by itself, which adds up one number of each."""
    for member in np.ravel(attributes_of(part).get("estimators_", ())):
        tree = member.tree_
        _check_width(tree.n_features, _width(part))
        if tree.value.shape[1:] != (1, 1):
            raise Unsound("a tree in it answers several numbers")


def _start(part: Any) -> None:
    """Gradient boosting's C code writes to as many columns as there are trees in a round."""
    trees = attributes_of(part).get("estimators_")
    if trees is None:
        return
    start = part._raw_predict_init(np.zeros((1, _width(part)), dtype=np.float32))
    if np.ndim(trees) != 2 or np.shape(start) != (1, trees.shape[1]):
        raise Unsound("it starts from another number of values than it has trees in a round")


def _histogram_boosting(part: Any) -> None:
    attributes = attributes_of(part)
    if "_predictors" not in attributes:
        return
    mapper = attributes_of(attributes["_bin_mapper"])
    is_categorical = mapper["is_categorical_"]
    width = _width(part)
    if is_categorical.dtype.kind not in "bu" or is_categorical.shape != (width,):
        raise Unsound("it tells of other columns than it has which are categories")
    if len(mapper["bin_thresholds_"]) != width:
        raise Unsound("it has bins of other columns than it has")
    for column in np.flatnonzero(is_categorical).tolist():
        check_range(np.asarray(mapper["bin_thresholds_"][column]), 0, 32 * BITSET_WORDS, "category")
    for stage in attributes["_predictors"]:
        for predictor in stage:
            _predictor(predictor, np.asarray(is_categorical, dtype=np.bool_))
    preprocessor = attributes.get("_preprocessor")
    if preprocessor is not None:
        _reordering(preprocessor, width)


def _predictor(predictor: Any, is_categorical: NDArray[np.bool_]) -> None:
    """A tree of histogram boosting, over columns of which some are categories."""
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    left = np.where(is_leaf, LEAF, nodes["left"].astype(np.int64))
    right = np.where(is_leaf, LEAF, nodes["right"].astype(np.int64))
    check_tree(left, right, nodes["feature_idx"], len(is_categorical))
    of_sets = nodes[nodes["is_categorical"].astype(bool) & ~is_leaf]
    sets = predictor.raw_left_cat_bitsets
    if len(of_sets):
        check_range(of_sets["feature_idx"], 0, len(is_categorical), "feature")
        check_range(of_sets["bitset_idx"], 0, len(sets), "set of categories")
        if sets.shape[1:] != (BITSET_WORDS,) or not is_categorical[of_sets["feature_idx"].astype(np.int64)].all():
            raise Unsound("a node in it asks for a category where there is none")


def _reordering(preprocessor: Any, width: int) -> None:
    """What histogram boosting gives its columns to: categories become codes, and all columns stay."""
    columns = np.zeros(width, dtype=np.int64)
    for name, step, mask in preprocessor.transformers_:
        is_encoder = name == "encoder" and type(step).__name__ == "OrdinalEncoder"
        is_identity = name == "numerical" and type(step).__name__ == "FunctionTransformer"
        if not (is_encoder or is_identity or step in ("drop", "passthrough")):
            raise Unsound("it prepares its columns in a way of its own")
        if step != "drop":
            columns[mask] += 1
    if (columns != 1).any():
        raise Unsound("it prepares other columns than it has")


def _support_vectors(part: Any) -> None:
    """The arrays of libsvm: https://www.csie.ntu.edu.tw/~cjlin/libsvm."""
    attributes = attributes_of(part)
    if "support_vectors_" not in attributes:
        return
    if attributes["_sparse"] is not False or callable(attributes["kernel"]):
        raise Unsound("it holds sparse vectors, or a kernel of its own")
    support, counts = attributes["support_"], attributes["_n_support"]
    classes = len(counts)
    pairs = classes * (classes - 1) // 2
    vectors = attributes["support_vectors_"]
    if attributes["kernel"] == "precomputed":
        check_range(support, 0, attributes["shape_fit_"][0], "support")
    else:
        _check_shape("support_vectors_", vectors, (len(support), _width(part)))
    if "classes_" in attributes:
        _check_shape("classes_", attributes["classes_"], (classes,))
        if counts.min() < 0 or counts.sum() != len(support):
            raise Unsound("it counts other support vectors than it has")
    elif classes != 2:
        raise Unsound(f"it counts support vectors of {classes} classes, and has none")
    _check_shape("_dual_coef_", attributes["_dual_coef_"], (classes - 1, len(support)))
    _check_shape("_intercept_", attributes["_intercept_"], (pairs,))
    sizes = {attributes["_probA"].shape, attributes["_probB"].shape}
    if sizes not in ({(0,)}, {(pairs,)}):
        raise Unsound("its probabilities are of other classes than it has")


def _clusters(part: Any) -> None:
    attributes = attributes_of(part)
    centres = attributes.get("cluster_centers_")
    if centres is None:
        return
    _check_shape("cluster_centers_", centres, (len(centres), _width(part)))
    if not len(centres) or not 0 < attributes.get("_n_threads", 1) <= MOST_THREADS:
        raise Unsound("it has no centres, or asks for more threads than there are")


def _neighbours(part: Any) -> None:
    attributes = attributes_of(part)
    if "_fit_X" not in attributes:
        return
    width, rows = _width(part), int(attributes["n_samples_fit_"])
    _check_shape("_fit_X", attributes["_fit_X"], (rows, width))
    neighbours = attributes.get("n_neighbors_", attributes.get("n_neighbors"))
    if not 0 < (neighbours or 1) <= rows:
        raise Unsound(f"it asks for {neighbours} neighbours of {rows} rows")
    tree = attributes.get("_tree")
    if (tree is None) != (attributes["_fit_method"] == "brute"):
        raise Unsound("it looks for neighbours in another way than it was fitted for")
    if tree is not None:
        _check_shape("_tree", tree.__getstate__()[0], (rows, width))
    for params in (attributes.get("metric_params"), attributes.get("effective_metric_params_")):
        for value in (params or {}).values():
            if isinstance(value, np.ndarray) and set(value.shape) != {width}:
                raise Unsound("its metric is of other columns than it has")
    if "_y" in attributes:
        _labels(attributes["_y"], attributes.get("classes_"), rows)


def _labels(labels: Array, classes: Any, rows: int) -> None:
    """The rows' own answers: of a classifier, the places of their classes."""
    if len(labels) != rows:
        raise Unsound("it has answers of other rows than it has")
    if classes is None:
        return
    if isinstance(classes, np.ndarray):
        check_range(labels, 0, len(classes), "label")
        return
    for column, values in zip(labels.T, classes, strict=True):
        check_range(column, 0, len(values), "label")


def _neighbour_tree(tree: Any) -> None:
    """A tree of rows near to each other, whose nodes are numbered as in a heap."""
    data, places, nodes, bounds, _, levels, count, *_ = tree.__getstate__()
    rows, width = data.shape
    if count < 1 or count != 2**levels - 1 or nodes.shape != (count,) or bounds.shape[1:] != (count, width):
        raise Unsound("it claims other nodes than it holds")
    _check_shape("idx_array", places, (rows,))
    check_range(places, 0, rows, "row")
    check_range(nodes["idx_start"], 0, rows + 1, "rows of a node")
    check_range(nodes["idx_end"], 0, rows + 1, "rows of a node")
    if (nodes["idx_start"] > nodes["idx_end"]).any() or not nodes["is_leaf"][count // 2 :].all():
        raise Unsound("a node in it leads beyond its end")
    expected = 2 if "KDTree" in type(tree).__name__ else 1
    if bounds.shape[0] != expected:
        raise Unsound("it holds other bounds than its kind of tree has")
    metric = tree.__getstate__()[METRIC]
    name = type(metric).__name__
    if not name.startswith(PLAIN_METRICS):
        raise Unsound(f"it measures by a {name}, whose own arrays are not looked at")
    if name.startswith(WEIGHING_METRIC) and len(metric.__getstate__()[1]) not in (0, width):
        raise Unsound("its metric weighs other columns than it has")


def _random_state(part: Any) -> None:
    state = part.get_state(legacy=False)
    _position(state)


def _bit_generator(part: Any) -> None:
    _position(part.state)


def _position(state: Mapping[str, Any]) -> None:
    if state["bit_generator"] == "MT19937" and not 0 <= state["state"]["pos"] <= MERSENNE_WORDS:
        raise Unsound("its position is outside its numbers")


def _width(part: Any) -> int:
    """The number of columns that a part checks its rows by; without one it checks nothing."""
    width = attributes_of(part).get("n_features_in_")
    if isinstance(width, bool) or not isinstance(width, int | np.integer) or width < 1:
        raise Unsound("it does not tell how many columns it takes")
    return int(width)


def _check_width(width: int, expected: int) -> None:
    if width != expected:
        raise Unsound(f"a tree in it takes {width} columns, and is given {expected}")


def _check_shape(name: str, values: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(values, np.ndarray) or values.shape != shape:
        raise Unsound(f"its {name} is no array of the shape {shape}")


CHECKS: Mapping[str, Callable[[Any], None]] = {
    "numpy.random.bit_generator.BitGenerator": _bit_generator,
    "numpy.random.mtrand.RandomState": _random_state,
    "sklearn.cluster._kmeans._BaseKMeans": _clusters,
    "sklearn.ensemble._forest.BaseForest": _forest,
    "sklearn.ensemble._gb.BaseGradientBoosting": _gradient_boosting,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting": _histogram_boosting,
    "sklearn.ensemble._iforest.IsolationForest": _isolation_forest,
    "sklearn.neighbors._ball_tree.BinaryTree64": _neighbour_tree,
    "sklearn.neighbors._base.NeighborsBase": _neighbours,
    "sklearn.neighbors._kd_tree.BinaryTree64": _neighbour_tree,
    "sklearn.svm._base.BaseLibSVM": _support_vectors,
    "sklearn.tree._classes.BaseDecisionTree": _decision_tree,
    "sklearn.tree._tree.Tree": _tree,
}
"""Class that has C code walk its arrays -> what checks them."""

ASKING_CHECKS: Mapping[str, Callable[[Any], None]] = {"sklearn.ensemble._gb.BaseGradientBoosting": _start}
"""Checks that ask a part of the model, once the arrays of all parts were checked."""
