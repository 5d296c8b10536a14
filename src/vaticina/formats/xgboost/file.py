"""A model read from XGBoost's own JSON or UBJSON, as what its owner gets from the file.

``save_model`` of XGBoost's scikit-learn estimators writes an attribute that says which kind of estimator it was. Such a
file is read by the ``load_model`` of that estimator, which answers with the rounds up to the best one. Any other file
is a booster's, which answers with all rounds:
https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html.
"""

import json
from types import ModuleType
from typing import Any

from vaticina.audits.unsound import Unsound
from vaticina.audits.xgboost_document import check_xgboost
from vaticina.errors import ImportRefused, MissingExtra

CLASSIFIED = ("binary:", "multi:")
"""How the names of objectives begin whose answers are probabilities."""


def read_model(data: bytes, name: str) -> object:
    """The estimator in ``data``, or the booster where the file names no estimator.

    Raises:
        ImportRefused: XGBoost does not read it, or it does not answer one number or the classes' probabilities a row.
        MissingExtra: XGBoost is not installed.
    """
    try:
        check_xgboost(data)
    except Unsound as reason:
        raise ImportRefused(f"{name} is no model that XGBoost reads: {reason}{_road(data)}.") from None
    try:
        import xgboost
    except ModuleNotFoundError:
        raise MissingExtra.of("xgboost", name) from None
    booster = _read(xgboost.Booster(), data, name, xgboost)
    learner = json.loads(booster.save_config())["learner"]
    targets = int(learner["learner_model_param"].get("num_target", 1))
    if targets > 1:
        raise ImportRefused(
            f"{name} answers {targets} numbers a row, one for each of its targets; save a model for each of them."
        )
    kind = _estimator_kind(booster)
    if kind == "classifier":
        objective = learner["objective"]["name"]
        if not objective.startswith(CLASSIFIED):
            raise ImportRefused(
                f"{name} is a classifier with the objective {objective!r}, which gives no probabilities; train it with "
                "binary:logistic or multi:softprob."
            )
        return _read(xgboost.XGBClassifier(), data, name, xgboost)
    if kind == "regressor":
        return _read(xgboost.XGBRegressor(), data, name, xgboost)
    if kind == "ranker":
        return _read(xgboost.XGBRanker(), data, name, xgboost)
    return booster


def _road(data: bytes) -> str:
    """What to do with ``data`` where it is a dump of trees, made for people to read; empty for anything else."""
    if data.lstrip()[:1] == b"[":
        return "; it is a dump of trees, which lacks what is needed to answer: save the model with save_model"
    if b'"tree_info"' in data and b'"learner"' not in data:
        return "; it is a dump of LightGBM: save the model as text, with save_model"
    return ""


def _read(model: Any, data: bytes, name: str, xgboost: ModuleType) -> Any:
    """``model``, an empty one of XGBoost's, after it read ``data``. Raises ImportRefused."""
    try:
        model.load_model(bytearray(data))
    except xgboost.core.XGBoostError as error:
        first = str(error).strip().splitlines()[0]
        raise ImportRefused(f"{name} is no model that XGBoost reads: {first}.") from None
    return model


def _estimator_kind(booster: Any) -> str:
    """Which of XGBoost's estimators wrote the file: ``classifier``, ``regressor``, ``ranker``; empty for a booster."""
    text = booster.attr("scikit_learn")
    if text is None:
        return ""
    return str(json.loads(text).get("_estimator_type", ""))
