"""What trees tell of their columns: which may hold flags, being compared with 0 to 1 alone, and which may be missing.

Importing this file registers what it knows beside the learners of ``vaticina.formats.columns``.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from vaticina.formats.columns import LEARNERS, FittedColumn, note_numbers

Splits = Iterable[tuple[Any, Any]]
"""Of each tree, the columns that its inner nodes ask for and the numbers that they compare with."""


def note_flags(columns: Sequence[FittedColumn], splits: Splits) -> None:
    """Notes which of ``columns`` the trees with these ``splits`` take as flags."""
    lowest = np.full(len(columns), np.inf)
    highest = np.full(len(columns), -np.inf)
    for features, thresholds in splits:
        np.minimum.at(lowest, features, thresholds)
        np.maximum.at(highest, features, thresholds)
    for column, low, high in zip(columns, lowest, highest, strict=True):
        column.may_be_flag |= bool(0 <= low <= high <= 1)
        column.is_beyond_flags |= bool(low < 0 or 1 < high < np.inf)


def _learn_trees(part: Any, columns: list[FittedColumn]) -> None:
    note_numbers(columns)
    note_flags(columns, _splits(part))
    for tree in _trees(part):
        sends_missing_left = tree.missing_go_to_left & (tree.children_left != tree.children_right)
        for feature in set(tree.feature[sends_missing_left > 0].tolist()):
            columns[feature].takes_missing = True  # values were missing when the tree was fitted


def _trees(part: Any) -> list[Any]:
    members = [part] if hasattr(part, "tree_") else np.ravel(part.estimators_)
    return [member.tree_ for member in members]


def _splits(part: Any) -> Iterator[tuple[Any, Any]]:
    for tree in _trees(part):
        is_inner = tree.children_left != tree.children_right
        yield tree.feature[is_inner], tree.threshold[is_inner]


LEARNERS.update(
    dict.fromkeys(
        (
            *("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"),
            *("ExtraTreesClassifier", "ExtraTreesRegressor", "GradientBoostingClassifier", "GradientBoostingRegressor"),
            *("RandomForestClassifier", "RandomForestRegressor"),
        ),
        _learn_trees,
    )
)
