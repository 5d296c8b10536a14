"""The gate: whether a new version may take production's place."""

from collections.abc import Mapping

from vaticina.contract.project import Gate
from vaticina.errors import ProjectError
from vaticina.evaluation.results import Metric

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "ece", "mae", "mse", "rmse"})
"""Metrics of which less is better; of all others more is."""


def judge(gate: Gate, metrics: Mapping[str, object], champion: Mapping[str, object] | None) -> str | None:
    """Why the gate keeps the challenger out, in words; None when it may pass.

    ``metrics`` are the challenger's on its held-out rows, ``champion`` those of the version it would replace, both as a
    manifest holds them.

    Raises:
        ProjectError: the gate names a metric that this kind of model does not have.
    """
    name = gate.metric
    challenger = _metric(name, metrics)
    if gate.at_least is not None and challenger.value < gate.at_least:
        return f"{name} is {challenger.value:.4g}, and the gate asks for at least {gate.at_least:.4g}"
    if gate.at_most is not None and challenger.value > gate.at_most:
        return f"{name} is {challenger.value:.4g}, and the gate asks for at most {gate.at_most:.4g}"
    if gate.not_worse_than and champion is not None and name in champion:
        expected = _metric(name, champion).value
        if _is_worse(name, challenger, expected):
            return f"{name} is {challenger.value:.4g}, worse than {gate.not_worse_than}'s {expected:.4g}"
    return None


def _is_worse(name: str, challenger: Metric, expected: float) -> bool:
    """Whether it is worse by more than the challenger's own confidence interval reaches."""
    if name in LOWER_IS_BETTER:
        return challenger.low > expected
    return challenger.high < expected


def _metric(name: str, metrics: Mapping[str, object]) -> Metric:
    """The metric called ``name``. Raises ProjectError when it was not measured, or is not a number."""
    metric = _read(metrics.get(name))
    if metric is None:
        measured = [other for other, value in metrics.items() if _read(value) is not None]
        raise ProjectError(
            f"[gate] metric {name!r} is not measured here; choose one of: {', '.join(sorted(measured))}."
        )
    return metric


def _read(value: object) -> Metric | None:
    """A number of a manifest's metrics, with its interval where it has one; None for anything else."""
    if isinstance(value, int | float):
        return Metric(value, value, value)
    if isinstance(value, Mapping) and value.keys() >= {"value", "low", "high"}:
        return Metric(float(value["value"]), float(value["low"]), float(value["high"]))
    return None
