"""The audit of LightGBM's own text, before LightGBM reads it: it trusts every length and number in it.

The format is that of ``GBDT::SaveModelToString`` and ``Tree::ToString`` in LightGBM 2.2 to 4
(https://github.com/microsoft/LightGBM/blob/master/src/boosting/gbdt_model_text.cpp and src/io/tree.cpp): a head of
``key=value`` lines, the trees, the line ``end of trees``, and the parameters of the training.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vaticina.audits.node_arrays import LEAF, Integers, check_range, check_tree
from vaticina.audits.unsound import Unsound

CUT_SHORT = "it is cut short, or was changed; save it again"
END_OF_TREES, PARAMETERS, END_OF_PARAMETERS = "end of trees\n", "\nparameters:\n", "\nend of parameters\n"
PANDAS = "pandas_categorical:"
OLD_VERSION = "version=v2\n"
"""The line of the version that did not always write parameters."""

KEY = re.compile(r"[A-Za-z_]+")
MOST_CLASSES = 100_000
MOST_FEATURES = 10_000_000
CATEGORICAL = 1
"""The bit of a decision type that says that a node asks for a category."""

PER_SPLIT = ("split_gain", "decision_type", "internal_value", "internal_weight", "internal_count")
PER_LEAF = ("leaf_weight", "leaf_count")
"""Arrays that may be missing."""

MULTICLASS = ("multiclass", "multiclassova")

Lines = Mapping[str, str]
"""The values of ``key=value`` lines by their keys."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a file: how many trees there are, where each ends after the one before, and how many features."""

    features: int
    classes: int
    tree_sizes: Integers


def check_lightgbm(text: str) -> None:
    """Raises Unsound unless ``text`` is a whole model whose lengths and numbers fit together."""
    if "\r" in text or "\0" in text:
        raise Unsound("its line ends were changed; save it again")
    start = text.find("\nTree=0\n") + 1 or text.find(END_OF_TREES)
    if not text.startswith("tree\n") or start < 0:
        raise Unsound(CUT_SHORT)
    head = _head(_lines(text[len("tree\n") : start], flags=True))
    data = text.encode()
    position = len(text[:start].encode())
    for number, size in enumerate(head.tree_sizes.tolist()):
        _check_tree_text(data[position : position + size], number, head)
        position += size
    rest = data[position:].decode()
    if not rest.startswith(END_OF_TREES):
        raise Unsound(CUT_SHORT)
    _check_end(rest, OLD_VERSION in text[:start])


def _head(lines: Lines) -> _Head:
    """The head of the file. Raises Unsound where what it says does not fit together."""
    classes, per_iteration = _whole(lines, "num_class"), _whole(lines, "num_tree_per_iteration")
    features = _whole(lines, "max_feature_idx") + 1
    if not 1 <= classes <= MOST_CLASSES or classes != per_iteration:
        raise Unsound(f"it claims {classes} classes and {per_iteration} trees a round, which do not fit together")
    objective, *settings = lines.get("objective", "custom").split(" ")
    if objective in MULTICLASS and f"num_class:{classes}" not in settings:
        raise Unsound(f"its objective {lines['objective']!r} has another number of classes than {classes}")
    if not 1 <= features <= MOST_FEATURES:
        raise Unsound(f"it claims {features} features")
    for key in ("feature_names", "feature_infos"):
        count = len(lines.get(key, "").split(" "))
        if count != features:
            raise Unsound(f"it claims {features} features, and its {key} tell {count}")
    sizes = _integers(lines, "tree_sizes")
    if (sizes < 1).any() or len(sizes) % per_iteration:
        raise Unsound(CUT_SHORT)
    return _Head(features, classes, sizes)


def _check_tree_text(data: bytes, number: int, head: _Head) -> None:
    """Checks the text of the tree ``number``."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Unsound(CUT_SHORT) from None
    first_line = f"Tree={number}\n"
    if not text.startswith(first_line) or not text.endswith("\n"):
        raise Unsound(CUT_SHORT)
    block, _, rest = text[len(first_line) :].partition("\n\n")
    if rest.strip("\n"):
        raise Unsound(CUT_SHORT)
    lines = _lines(f"{block}\n")
    try:
        _check_tree(lines, head.features)
    except Unsound as reason:
        raise Unsound(f"tree {number} is damaged: {reason}") from None


def _check_tree(lines: Lines, features: int) -> None:
    leaves = _whole(lines, "num_leaves")
    if leaves < 1:
        raise Unsound(f"it claims {leaves} leaves")
    _check_floats(lines, "leaf_value", leaves)
    if leaves > 1:
        _check_splits(lines, leaves, features)
    if lines.get("is_linear", "0") != "0":
        _check_linear(lines, leaves, features)


def _check_splits(lines: Lines, leaves: int, features: int) -> None:
    """Checks the arrays over the ``leaves - 1`` nodes that ask something, and over the leaves."""
    for key in PER_SPLIT:
        if key in lines:
            _check_floats(lines, key, leaves - 1)
    for key in PER_LEAF:
        if key in lines:
            _check_floats(lines, key, leaves)
    _check_floats(lines, "threshold", leaves - 1)
    leaf_ends = np.full(leaves, LEAF)
    left = np.append(_numbered_after_splits(_integers(lines, "left_child", leaves - 1), leaves), leaf_ends)
    right = np.append(_numbered_after_splits(_integers(lines, "right_child", leaves - 1), leaves), leaf_ends)
    asked = np.append(_integers(lines, "split_feature", leaves - 1), leaf_ends)
    check_tree(left, right, asked, features)
    _check_categories(lines, leaves)


def _numbered_after_splits(children: Integers, leaves: int) -> Integers:
    """The children with the leaf i, which LightGBM writes as -1 - i, counted after the ``leaves - 1`` nodes."""
    return np.where(children < 0, leaves - 2 - children, children)


def _check_categories(lines: Lines, leaves: int) -> None:
    """Checks the sets of categories, which stand one after the other in words of 32 bits."""
    count = _whole(lines, "num_cat")
    if count < 0:
        raise Unsound(f"it claims {count} sets of categories")
    asks_category = np.zeros(leaves - 1, dtype=np.bool_)
    if "decision_type" in lines:
        asks_category = _integers(lines, "decision_type", leaves - 1) & CATEGORICAL > 0
    if not asks_category.any() and not count:
        return
    sets = np.array(_floats(lines, "threshold"))[asks_category]
    if len(sets) and not ((sets >= 0) & (sets < count)).all():
        raise Unsound("a node asks for a set of categories that is not there")
    ends = _integers(lines, "cat_boundaries", count + 1)
    words = _integers(lines, "cat_threshold")
    if ends[0] != 0 or (np.diff(ends) < 0).any() or ends[-1] != len(words):
        raise Unsound("its sets of categories do not fit their bounds")


def _check_linear(lines: Lines, leaves: int, features: int) -> None:
    """Checks the linear models in the leaves."""
    _check_floats(lines, "leaf_const", leaves)
    counts = _integers(lines, "num_features", leaves)
    if (counts < 0).any():
        raise Unsound("a leaf claims a negative number of features")
    total = int(counts.sum())
    check_range(_integers(lines, "leaf_features", total), 0, features, "leaf_features")
    _check_floats(lines, "leaf_coeff", total)


def _check_end(text: str, is_old: bool) -> None:
    """Checks what follows the trees: the parameters, and the categories of pandas, each whole."""
    _, has_parameters, parameters = text.partition(PARAMETERS)
    if not has_parameters:
        if not is_old:
            raise Unsound(CUT_SHORT)
        return
    _, has_end, rest = f"\n{parameters}".partition(END_OF_PARAMETERS)
    rest = rest.strip()
    if not has_end or (rest and not rest.startswith(PANDAS)):
        raise Unsound(CUT_SHORT)
    if rest:
        try:
            json.loads(rest[len(PANDAS) :])
        except ValueError:
            raise Unsound(CUT_SHORT) from None


def _lines(text: str, flags: bool = False) -> Lines:
    """The values of the lines of ``text`` by their keys; with ``flags`` a line may be a key alone."""
    values: dict[str, str] = {}
    for line in text.split("\n"):
        if not line:
            continue
        key, equals, value = line.partition("=")
        if key in values or not KEY.fullmatch(key) or not (equals or flags):
            raise Unsound(CUT_SHORT)
        values[key] = value
    return values


def _whole(lines: Lines, key: str) -> int:
    [number] = _integers(lines, key, 1).tolist()
    return int(number)


def _integers(lines: Lines, key: str, size: int | None = None) -> Integers:
    """The whole numbers of a line; ``size`` of them."""
    tokens = _tokens(lines, key)
    if size is not None and len(tokens) != size:
        raise Unsound(f"its {key} holds {len(tokens)} numbers instead of {size}")
    try:
        return np.array(list(map(int, tokens)), dtype=np.int64)
    except (ValueError, OverflowError):
        raise Unsound(f"its {key} holds what is no whole number") from None


def _tokens(lines: Lines, key: str) -> list[str]:
    """The words of a line. Python reads more as numbers than LightGBM does: those are refused."""
    value = lines.get(key, "")
    if not value.isascii() or "_" in value:
        raise Unsound(f"its {key} holds what is no number")
    return value.split()


def _check_floats(lines: Lines, key: str, size: int) -> None:
    count = len(_floats(lines, key))
    if count != size:
        raise Unsound(f"its {key} holds {count} numbers instead of {size}")


def _floats(lines: Lines, key: str) -> list[float]:
    try:
        return list(map(float, _tokens(lines, key)))
    except ValueError:
        raise Unsound(f"its {key} holds what is no number") from None
