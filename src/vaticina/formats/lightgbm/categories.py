"""The categories that LightGBM's boosters hold: the lists of pandas' categorical columns that they were trained on."""

from collections.abc import Sequence
from typing import Any

from vaticina.errors import ImportRefused


def category_lists(booster: Any) -> dict[int, list[Any]]:
    """The categories of each column that was one of pandas, by the column's number.

    LightGBM writes the lists without their columns. They are those of its categorical features, in order, where there
    are as many; an ordered column of pandas is trained as a number, and has a list too. Raises ImportRefused where the
    counts differ.
    """
    lists = booster.pandas_categorical or []
    if not lists:
        return {}
    columns = sorted(_named_features(booster))
    if len(columns) != len(lists):
        columns = _features_of_codes(booster)
    if len(columns) != len(lists):
        raise ImportRefused(
            f"The model was trained on {len(lists)} categorical columns of pandas, and names {len(columns)} of its "
            "features as categories, so nothing tells which list is whose. Train it on columns that are not ordered, "
            "without categorical_feature, or put an OrdinalEncoder before it."
        )
    _check_codes(booster, columns, lists)
    return dict(zip(columns, map(list, lists), strict=True))


def _check_codes(booster: Any, columns: Sequence[int], lists: Sequence[Sequence[Any]]) -> None:
    """Raises ImportRefused where a feature was trained on codes that its list does not have."""
    infos = booster.dump_model(num_iteration=1)["feature_infos"]
    names = booster.feature_name()
    for column, values in zip(columns, lists, strict=True):
        codes = infos.get(names[column], {}).get("values", ())
        if codes and max(codes) >= len(values):
            raise ImportRefused(
                f"The model splits {names[column]} by more categories than its list of pandas has; train it without "
                "categorical_feature, or put an OrdinalEncoder before it."
            )


def _features_of_codes(booster: Any) -> list[int]:
    """The numbers of the features of which the file lists the values that were seen, as it does of categories."""
    infos = booster.dump_model(num_iteration=1)["feature_infos"]
    numbers = []
    for number, name in enumerate(booster.feature_name()):
        if infos.get(name, {}).get("values"):
            numbers.append(number)
    return numbers


def _named_features(booster: Any) -> list[int]:
    """The numbers of the features that the parameters name as categories; old files do not keep the parameter."""
    features = booster.params.get("categorical_feature") or booster.params.get("categorical_column") or []
    if isinstance(features, str):
        features = [feature for feature in features.split(",") if feature]
    names = booster.feature_name()
    numbers = []
    for feature in features:
        if feature in names:
            numbers.append(names.index(feature))
        else:
            numbers.append(int(feature))
    return numbers
