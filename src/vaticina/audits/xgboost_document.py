"""The audit of XGBoost's own JSON and UBJSON, before XGBoost reads them: it trusts the numbers of nodes in them.

The format is that of https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html. A pickle holds the same
document, beside the configuration, in UBJSON.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vaticina.audits.node_arrays import LEAF, Integers, check_range, check_tree
from vaticina.audits.ubjson import read_ubjson
from vaticina.audits.unsound import Unsound

MOST_CLASSES = 100_000
MOST_FEATURES = 10_000_000
MOST_CATEGORIES = 2**24
"""Categories are whole numbers in floats, which are exact up to here."""

PER_NODE = ("split_conditions", "default_left", "loss_changes", "sum_hessian")
TREES, DART, LINEAR = "gbtree", "dart", "gblinear"


def check_xgboost(data: bytes) -> None:
    """Raises Unsound unless ``data`` is a whole model whose lengths and numbers fit together."""
    document = _document(data)
    if isinstance(document, dict):
        document = document.get("Model", document)  # as a pickle holds it
    try:
        _check_learner(document["learner"])
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise Unsound(
            f"it lacks a part of a model, or one has another form ({type(error).__name__}: {error})"
        ) from None


def _document(data: bytes) -> Any:
    if data[:1] == b"{" and data[1:2].isalpha():
        return read_ubjson(data)
    try:
        return json.loads(data, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        raise Unsound("it is cut short, or is neither JSON nor UBJSON") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    items = dict(pairs)
    if len(items) != len(pairs):
        raise Unsound("it holds a key twice")
    return items


def _check_learner(learner: Mapping[str, Any]) -> None:
    """Checks the model's size, and its trees or weights."""
    param = learner["learner_model_param"]
    features, classes = int(param["num_feature"]), int(param["num_class"])
    targets = int(param.get("num_target", 1))
    groups = max(1, classes, targets)
    if not 0 < features <= MOST_FEATURES or not 0 < groups <= MOST_CLASSES or min(classes, targets) < 0:
        raise Unsound(f"it claims {features} features, {classes} classes and {targets} targets")
    _check_objective(learner["objective"], classes)
    base_score = json.loads(str(param["base_score"]))
    if isinstance(base_score, list) and len(base_score) not in (1, groups):
        raise Unsound(f"it claims {groups} classes, and {len(base_score)} base scores")
    booster = learner["gradient_booster"]
    name = booster["name"]
    if name == LINEAR:
        _check_weights(booster["model"], features, groups)
    elif name == TREES:
        _check_trees(booster["model"], features, groups)
    elif name == DART:
        _check_trees(booster["gbtree"]["model"], features, groups)
        if len(booster["weight_drop"]) != len(booster["gbtree"]["model"]["trees"]):
            raise Unsound("it has another number of weights than of trees")
    else:
        raise Unsound(f"it is a booster of the unknown kind {name!r}")


def _check_objective(objective: Mapping[str, Any], classes: int) -> None:
    param = objective.get("softmax_multiclass_param")
    if param is not None and int(param["num_class"]) != classes:
        raise Unsound(f"its objective has {param['num_class']} classes, and the model {classes}")


def _check_weights(model: Mapping[str, Any], features: int, groups: int) -> None:
    if len(model["weights"]) != (features + 1) * groups:
        raise Unsound(f"it has {len(model['weights'])} weights for {features} features and {groups} classes")


def _check_trees(model: Mapping[str, Any], features: int, groups: int) -> None:
    """Checks each tree, and which target and round it belongs to."""
    trees: Sequence[Mapping[str, Any]] = model["trees"]
    if int(model["gbtree_model_param"]["num_trees"]) != len(trees):
        raise Unsound(f"it claims {model['gbtree_model_param']['num_trees']} trees, and holds {len(trees)}")
    check_range(_integers(model, "tree_info", len(trees)), 0, groups, "tree_info")
    if "iteration_indptr" in model:
        ends = _integers(model, "iteration_indptr")
        if not len(ends) or ends[0] != 0 or ends[-1] != len(trees) or (np.diff(ends) < 0).any():
            raise Unsound("its rounds do not fit its trees")
    if "cats" in model:
        _check_category_lists(model["cats"])
    for number, tree in enumerate(trees):
        try:
            _check_tree(tree, features)
        except Unsound as reason:
            raise Unsound(f"tree {number} is damaged: {reason}") from None


def _check_tree(tree: Mapping[str, Any], features: int) -> None:
    param = tree["tree_param"]
    size, vector = int(param["num_nodes"]), int(param["size_leaf_vector"])
    left, right = _integers(tree, "left_children", size), _integers(tree, "right_children", size)
    for key in PER_NODE:
        _check_length(tree, key, size)
    check_tree(left, right, _integers(tree, "split_indices", size), features)
    check_range(_integers(tree, "parents", size)[1:], 0, size, "parents")
    if vector > 1:
        _check_vectors(tree, size, vector, right[left == LEAF])
    else:
        _check_length(tree, "base_weights", size)
    _check_categories(tree, size)


def _check_vectors(tree: Mapping[str, Any], size: int, vector: int, places: Integers) -> None:
    """Checks the several numbers of each leaf, whose ``places`` stand where others have a right child."""
    _check_length(tree, "base_weights", size * vector)
    if "leaf_weights" in tree:
        check_range(places, 0, len(tree["leaf_weights"]) // vector, "leaves")


def _check_categories(tree: Mapping[str, Any], size: int) -> None:
    """Checks the sets of categories of the nodes that ask for one; files before XGBoost 1.3 know none."""
    if "split_type" not in tree:
        return
    kinds = _integers(tree, "split_type", size)
    check_range(kinds, 0, 2, "split_type")
    nodes = _integers(tree, "categories_nodes")
    starts, sizes = _integers(tree, "categories_segments", len(nodes)), _integers(tree, "categories_sizes", len(nodes))
    categories = _integers(tree, "categories")
    if not np.array_equal(nodes, np.flatnonzero(kinds == 1)):
        raise Unsound("another set of nodes asks for categories than has some")
    check_range(categories, 0, MOST_CATEGORIES, "categories")
    check_range(starts, 0, len(categories) + 1, "categories_segments")
    check_range(sizes, 0, len(categories) + 1, "categories_sizes")
    check_range(starts + sizes, 0, len(categories) + 1, "categories_sizes")


def _check_category_lists(lists: Mapping[str, Any]) -> None:
    """Checks the lists of the categories of each feature, which XGBoost keeps since 3.1."""
    for encoded in lists["enc"]:
        if "offsets" in encoded:
            _check_ends(_integers(encoded, "offsets"), len(encoded["values"]), "offsets")
    places = _integers(lists, "sorted_idx")
    check_range(places, 0, len(places), "sorted_idx")
    _check_ends(_integers(lists, "feature_segments"), len(places), "feature_segments")


def _check_ends(ends: Integers, size: int, name: str) -> None:
    if len(ends) and (ends[0] != 0 or ends[-1] != size or (np.diff(ends) < 0).any()):
        raise Unsound(f"its {name} do not fit what they divide")


def _integers(part: Mapping[str, Any], key: str, size: int | None = None) -> Integers:
    """The whole numbers under ``key``; ``size`` of them."""
    if size is not None:
        _check_length(part, key, size)
    values = np.asarray(part[key])
    if values.ndim != 1 or (values.size and values.dtype.kind not in "iub"):
        raise Unsound(f"its {key} holds what is no whole number")
    return values.astype(np.int64)


def _check_length(part: Mapping[str, Any], key: str, size: int) -> None:
    if len(part[key]) != size:
        raise Unsound(f"its {key} holds {len(part[key])} numbers instead of {size}")
