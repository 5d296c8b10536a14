"""XGBoost's own document of a booster: its trees, and the categories of its features.

Source: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html, the schema of the JSON.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def model_document(booster: Any) -> Mapping[str, Any]:
    """The model in the document of ``booster``; one of linear models has no trees and no categories."""
    content = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    model: Mapping[str, Any] = content.get("gbtree", content)["model"]  # DART keeps its trees one level deeper
    return model


def number_splits(booster: Any) -> Iterator[tuple[Any, Any]]:
    """Of each tree, the features whose numbers its inner nodes ask for, and the numbers that they compare with."""
    for tree in model_document(booster).get("trees", ()):
        is_inner = (np.array(tree["left_children"]) >= 0) & (np.array(tree["split_type"]) == 0)
        yield np.array(tree["split_indices"])[is_inner], np.array(tree["split_conditions"])[is_inner]
