"""The gate: whether a new version may take production's place."""

from collections.abc import Mapping
from typing import Any

from vaticina.contract.project import Gate
from vaticina.errors import ProjectError

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "ece", "mae", "mse", "rmse"})
"""Metrics of which less is better; of all others more is."""


def judge(gate: Gate, metrics: Mapping[str, Any], champion: Mapping[str, Any] | None) -> str | None:
    """Why the gate keeps the challenger out, in words; None when it may pass.

    ``metrics`` are the challenger's on its held-out rows, ``champion`` those of the version it would replace.

    Raises:
        ProjectError: the gate names a metric that this kind of model does not have.
    """
    found = _value(gate.metric, metrics)
    name = gate.metric
    if gate.at_least is not None and found < gate.at_least:
        return f"{name} is {found:.4g}, and the gate asks for at least {gate.at_least:.4g}"
    if gate.at_most is not None and found > gate.at_most:
        return f"{name} is {found:.4g}, and the gate asks for at most {gate.at_most:.4g}"
    if gate.not_worse_than and champion is not None and gate.metric in champion:
        return _compared(gate, found, metrics, champion)
    return None


def _compared(gate: Gate, found: float, metrics: Mapping[str, Any], champion: Mapping[str, Any]) -> str | None:
    """Worse means: by more than the challenger's own confidence interval reaches."""
    before = _value(gate.metric, champion)
    low, high = _interval(gate.metric, metrics)
    worse = low > before if gate.metric in LOWER_IS_BETTER else high < before
    return f"{gate.metric} is {found:.4g}, worse than {gate.not_worse_than}'s {before:.4g}" if worse else None


def _value(name: str, metrics: Mapping[str, Any]) -> float:
    if name not in metrics:
        raise ProjectError(f"[gate] metric {name!r} is not measured here; choose one of: {', '.join(sorted(metrics))}.")
    item = metrics[name]
    return float(item["value"] if isinstance(item, Mapping) else item)


def _interval(name: str, metrics: Mapping[str, Any]) -> tuple[float, float]:
    item = metrics[name]
    if isinstance(item, Mapping):
        return float(item["low"]), float(item["high"])
    return float(item), float(item)
