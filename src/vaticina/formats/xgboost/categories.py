"""The categories that XGBoost's boosters hold, as files of XGBoost 3.1 and newer tell them."""

import itertools
from collections.abc import Sequence
from typing import Any

from vaticina.formats.xgboost.model_document import model_document

CATEGORY, FLAG = "c", "i"
"""The types of features of categories and of flags, among ``Booster.feature_types``."""


def category_lists(booster: Any) -> dict[int, list[Any]]:
    """The categories of each feature that is one, by the feature's number; an empty list where the file holds none."""
    lists: dict[int, list[Any]] = {}
    for index, kind in enumerate(booster.feature_types or ()):
        if kind == CATEGORY:
            lists[index] = []
    if lists:
        for index, encoding in enumerate(_encodings(booster)):
            if index in lists:
                lists[index] = _decoded(encoding)
    return lists


def flags(booster: Any) -> list[int]:
    """The numbers of the features that were columns of flags; none where the file tells no types."""
    numbers = []
    for index, kind in enumerate(booster.feature_types or ()):
        if kind == FLAG:
            numbers.append(index)
    return numbers


def _encodings(booster: Any) -> Sequence[dict[str, Any]]:
    """How the file holds the categories of each feature; none before XGBoost 3.1."""
    encodings: Sequence[dict[str, Any]] = model_document(booster).get("cats", {}).get("enc", ())
    return encodings


def _decoded(encoding: dict[str, Any]) -> list[Any]:
    """The categories in ``encoding``: numbers, or texts laid end to end as Arrow lays them.

    None where a text is not plain ASCII: XGBoost 3.2 writes the offsets in letters and the texts in bytes, so that the
    last texts are cut off.
    """
    values = encoding["values"]
    if "offsets" not in encoding:
        return list(values)
    if any(not 0 <= byte < 128 for byte in values):
        return []
    offsets = encoding["offsets"]
    texts = []
    for start, end in itertools.pairwise(offsets):
        texts.append(bytes(values[start:end]).decode("ascii"))
    return texts
