"""What models that hold other models tell of their columns: each member tells what it knows of those that it takes.

Importing this file registers what it knows beside the learners of ``vaticina.formats.columns``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from vaticina.formats.columns import LEARNERS, FittedColumn, learn
from vaticina.formats.tree_columns import note_flags

Member = tuple[Any, Sequence[int]]
"""A model, and the numbers of the columns that it takes."""


def _learn_members(members: Sequence[Member], columns: list[FittedColumn]) -> None:
    """Notes in ``columns`` what all ``members`` tell of them, each of which was fitted apart."""
    versions: list[list[FittedColumn]] = [[] for _ in columns]
    for member, indices in members:
        copies = []
        for index in indices:
            copy = replace(columns[index], fill_values=list(columns[index].fill_values))
            versions[index].append(copy)
            copies.append(copy)
        learn(member, copies)
    for column, its_versions in zip(columns, versions, strict=True):
        if its_versions:
            _merge(column, its_versions)


def _merge(column: FittedColumn, versions: Sequence[FittedColumn]) -> None:
    """Notes in ``column`` what the members say of it in ``versions``: it must suit each of those that use it."""
    used = [version for version in versions if version.used]
    column.used = bool(used)
    column.takes_missing = bool(used)
    column.may_be_flag = bool(used) and all(version.may_be_flag for version in used)
    for version in used:
        column.takes_missing &= version.takes_missing
        column.is_number |= version.is_number
        column.learnt_none |= version.learnt_none
        column.learnt_nan |= version.learnt_nan
        column.fill_values += [value for value in version.fill_values if value not in column.fill_values]
        _merge_categories(column, version)
        _merge_range(column, version)


def _merge_categories(column: FittedColumn, version: FittedColumn) -> None:
    """The categories that any member knows; where members refuse others, those that each of them takes."""
    if version.categories is None:
        return
    if column.categories is None:
        column.categories = list(version.categories)
    elif column.refuses_others and version.refuses_others:
        column.categories = [value for value in column.categories if value in version.categories]
    elif version.refuses_others:
        column.categories = list(version.categories)
    elif not column.refuses_others:
        column.categories += [value for value in version.categories if value not in column.categories]
    column.refuses_others |= version.refuses_others


def _merge_range(column: FittedColumn, version: FittedColumn) -> None:
    """The first centre and scale, and the bounds around all numbers."""
    if column.centre is None:
        column.centre = version.centre
    if column.scale is None:
        column.scale = version.scale
    if column.bounds is None:
        column.bounds = version.bounds
    elif version.bounds is not None:
        least, most = zip(column.bounds, version.bounds, strict=True)
        column.bounds = min(least), max(most)


def _all_columns(models: Sequence[Any], columns: Sequence[FittedColumn]) -> list[Member]:
    """Each of ``models`` with all of the columns."""
    return [(model, range(len(columns))) for model in models]


def _learn_one(attribute: str) -> Callable[[Any, list[FittedColumn]], None]:
    """What learns from the one model that a wrapper holds in ``attribute``."""

    def learn_inner(part: Any, columns: list[FittedColumn]) -> None:
        learn(getattr(part, attribute), columns)

    return learn_inner


def _learn_ensemble(part: Any, columns: list[FittedColumn]) -> None:
    _learn_members(_all_columns(part.estimators_, columns), columns)


def _learn_stack(part: Any, columns: list[FittedColumn]) -> None:
    """With ``passthrough`` the last model takes the columns too, as the numbers that they are."""
    were_filled = [column.takes_missing for column in columns]  # by a part before the stack
    _learn_ensemble(part, columns)
    if part.passthrough:
        for column, is_filled in zip(columns, were_filled, strict=True):
            column.is_number = True
            column.takes_missing = is_filled


def _learn_bag(part: Any, columns: list[FittedColumn]) -> None:
    """Each member takes some of the columns. A bag refuses a table without a column that no member takes."""
    members = [(model, chosen) for model, chosen in zip(part.estimators_, part.estimators_features_, strict=True)]
    _learn_members(members, columns)
    for column in columns:
        column.used = True


def _learn_calibrated(part: Any, columns: list[FittedColumn]) -> None:
    models = [calibrated.estimator for calibrated in part.calibrated_classifiers_]
    _learn_members(_all_columns(models, columns), columns)


def _learn_union(part: Any, columns: list[FittedColumn]) -> None:
    """All transformers take all columns; one that is left out takes none."""
    members = [transformer for _, transformer in part.transformer_list if transformer != "drop"]
    _learn_members(_all_columns(members, columns), columns)


def _learn_elimination(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    """The columns that the elimination left; it needs the others, but does not ask them."""
    chosen = [column for column, is_left in zip(columns, part.support_, strict=True) if is_left]
    for column in columns:
        column.is_number = True
    learn(part.estimator_, chosen)
    return chosen


def _histogram_splits(part: Any) -> Iterator[tuple[Any, Any]]:
    for stage in part._predictors:
        for predictor in stage:
            nodes = predictor.nodes
            inner = nodes[(nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 0)]
            yield inner["feature_idx"], inner["num_threshold"]


def _learn_histogram_boosting(part: Any, columns: list[FittedColumn]) -> None:
    """It answers a row whatever is missing in it, and keeps the categories of its columns in an encoder of its own."""
    preprocessor = getattr(part, "_preprocessor", None)
    if preprocessor is None:
        for column in columns:
            column.is_number = True
        note_flags(columns, _histogram_splits(part))
    else:
        learn(preprocessor, columns)
    for column in columns:
        column.used = True
        column.takes_missing = True


LEARNERS.update(
    {
        "BaggingClassifier": _learn_bag,
        "BaggingRegressor": _learn_bag,
        "CalibratedClassifierCV": _learn_calibrated,
        "FeatureUnion": _learn_union,
        "FixedThresholdClassifier": _learn_one("estimator_"),
        "FrozenEstimator": _learn_one("estimator"),
        "GridSearchCV": _learn_one("best_estimator_"),
        "HalvingGridSearchCV": _learn_one("best_estimator_"),
        "HalvingRandomSearchCV": _learn_one("best_estimator_"),
        "HistGradientBoostingClassifier": _learn_histogram_boosting,
        "HistGradientBoostingRegressor": _learn_histogram_boosting,
        "OneVsOneClassifier": _learn_ensemble,
        "OneVsRestClassifier": _learn_ensemble,
        "OutputCodeClassifier": _learn_ensemble,
        "RANSACRegressor": _learn_one("estimator_"),
        "RFE": _learn_elimination,
        "RFECV": _learn_elimination,
        "RandomizedSearchCV": _learn_one("best_estimator_"),
        "SelfTrainingClassifier": _learn_one("estimator_"),
        "StackingClassifier": _learn_stack,
        "StackingRegressor": _learn_stack,
        "TransformedTargetRegressor": _learn_one("regressor_"),
        "TunedThresholdClassifierCV": _learn_one("estimator_"),
        "VotingClassifier": _learn_ensemble,
        "VotingRegressor": _learn_ensemble,
    }
)
