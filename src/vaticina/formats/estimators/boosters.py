"""What the boosters of LightGBM and XGBoost answer, asked as their owners ask them: by ``Booster.predict``."""

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Matrix

LOGIT, SOFTMAX = "binary:logitraw", "multi:softmax"
"""XGBoost's objectives that train probabilities but answer something else: the margin, or the number of the class."""


def is_booster(model: object) -> bool:
    """Whether ``model`` is a booster itself, not one of the libraries' estimators around it."""
    return type(model).__name__ == "Booster"


def is_xgboost_booster(model: object) -> bool:
    """Whether ``model`` is a booster of XGBoost."""
    return is_booster(model) and type(model).__module__.startswith("xgboost.")


def xgboost_objective(booster: Any) -> str:
    """The name of the objective that a booster of XGBoost was trained for, such as ``binary:logistic``."""
    return str(json.loads(booster.save_config())["learner"]["objective"]["name"])


def booster_probabilities(booster: Any, rows: "pd.DataFrame | NDArray[Any]") -> Matrix:
    """The classes' probabilities for ``rows``: (n, classes).

    XGBoost answers ``binary:logitraw`` by margins and ``multi:softmax`` by the numbers of the classes; what these
    objectives train are the sigmoid and the softmax of the margins:
    https://xgboost.readthedocs.io/en/stable/parameter.html#learning-task-parameters.
    """
    objective = ""
    if is_xgboost_booster(booster):
        objective = xgboost_objective(booster)
    if objective == SOFTMAX:
        return _softmax(_margins(booster, rows))
    answers = booster_answers(booster, rows)
    if objective == LOGIT:
        return _softmax(np.column_stack([np.zeros(len(answers)), answers]))
    if answers.ndim == 2:
        return answers
    return np.column_stack([1.0 - answers, answers])


def _softmax(margins: Matrix) -> Matrix:
    """The probabilities (n, classes) of ``margins``; that of two classes is the sigmoid of their difference."""
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def booster_answers(booster: Any, rows: "pd.DataFrame | NDArray[Any]") -> Matrix:
    """What ``Booster.predict`` answers: (n,), or (n, k) where it gives several numbers a row."""
    if is_xgboost_booster(booster):
        answers = booster.predict(_xgboost_matrix(booster, rows))
    else:
        answers = booster.predict(rows)
    return np.asarray(answers, dtype=np.float64)


def _margins(booster: Any, rows: "pd.DataFrame | NDArray[Any]") -> Matrix:
    """What XGBoost's trees sum to, before the objective's link: (n,), or (n, classes)."""
    return np.asarray(booster.predict(_xgboost_matrix(booster, rows), output_margin=True), dtype=np.float64)


def _xgboost_matrix(booster: Any, rows: "pd.DataFrame | NDArray[Any]") -> Any:
    """``rows`` as XGBoost's boosters take them."""
    import xgboost

    names = booster.feature_names
    if isinstance(rows, pd.DataFrame):
        names = rows.columns.tolist()
    return xgboost.DMatrix(rows, feature_names=names, enable_categorical=True)


def booster_notes(model: Any) -> tuple[str, ...]:
    """What people should be told of a booster: that it names a best round, and answers with all of them."""
    if not is_xgboost_booster(model):
        return ()
    best = model.attr("best_iteration")
    rounds = model.num_boosted_rounds()
    if best is None or int(best) + 1 >= rounds:
        return ()
    return (
        f"the file names round {int(best)} as its best one, and Booster.predict answers with all {rounds} rounds, so "
        f"all are served; to serve the rounds up to the best one, save booster[: {int(best) + 1}]",
    )
