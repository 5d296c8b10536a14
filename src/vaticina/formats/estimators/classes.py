"""The classes of a model of somebody else, as far as the model tells them."""

import json
from typing import Any

from vaticina.contract.fields import Scalar
from vaticina.errors import ImportRefused
from vaticina.formats.columns import plain_value


def classes_of(model: Any) -> tuple[Scalar, ...]:
    """The labels in the order of the model's probabilities; none for a model of numbers. Raises ImportRefused."""
    if hasattr(model, "classes_"):
        if isinstance(model.classes_, list):
            check_one_target(model, len(model.classes_))
        if not hasattr(model, "predict_proba"):
            raise ImportRefused(
                f"{type(model).__name__} knows no probabilities, and only classifiers that do are served; fit it "
                "within CalibratedClassifierCV, or with probability=True where it has that, and save that model."
            )
        return tuple(map(plain_value, model.classes_))
    if type(model).__name__ != "Booster":
        return ()
    objective, count = _objective(model)
    if objective.startswith(("binary", "multi")):
        return tuple(range(max(2, count)))
    return ()


def check_one_target(model: Any, targets: int) -> None:
    """Raises ImportRefused where ``model`` predicts several targets."""
    if targets > 1:
        raise ImportRefused(
            f"{type(model).__name__} predicts {targets} targets at once, and a version answers one; fit and save one "
            "model for each target."
        )


def _objective(booster: Any) -> tuple[str, int]:
    """The objective of LightGBM's or XGBoost's booster, and how many classes it has."""
    if hasattr(booster, "dump_model") and hasattr(booster, "num_model_per_iteration"):
        return str(booster.dump_model(num_iteration=1).get("objective", "")), int(booster.num_model_per_iteration())
    learner = json.loads(booster.save_config())["learner"]
    return str(learner["objective"]["name"]), int(learner["learner_model_param"]["num_class"])
