"""The steps of a model of somebody else, in the order in which rows pass them."""

from typing import Any

from vaticina.pickles.stand_ins import SkippedSampler

SEARCHES = frozenset({"GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV"})


def steps_of(model: Any) -> list[Any]:
    """The transformers and the model, last. A pipeline is taken apart, also one that a search found or that is frozen.

    Steps that change no row are left out: ``passthrough``, and samplers, which only a fit asks.
    """
    model = _unwrapped(model)
    if not hasattr(model, "steps"):
        return [model]
    *transformers, (_, last) = model.steps
    steps = []
    for _, step in transformers:
        if step not in (None, "passthrough") and not isinstance(step, SkippedSampler):
            steps.append(step)
    if last in (None, "passthrough"):
        return steps
    return [*steps, *steps_of(last)]


def _unwrapped(model: Any) -> Any:
    """The model that a search found best, or that is frozen; any other as it is."""
    name = type(model).__name__
    if name in SEARCHES and hasattr(model, "best_estimator_"):
        return _unwrapped(model.best_estimator_)
    if name == "FrozenEstimator":
        return _unwrapped(model.estimator)
    return model
