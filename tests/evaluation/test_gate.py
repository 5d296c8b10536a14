"""The gate: which versions it lets into production, and what it says of those that it keeps out."""

from typing import Any

import pytest

from vaticina.contract.project import Gate
from vaticina.errors import ProjectError
from vaticina.evaluation.gate import judge

METRICS: dict[str, object] = {
    "accuracy": {"value": 0.8, "low": 0.75, "high": 0.85},
    "log_loss": {"value": 0.5, "low": 0.45, "high": 0.55},
    "plain": 3.0,
    "per_class": {"yes": {"precision": 0.8, "rows": 40}},
}


@pytest.mark.parametrize(
    ("gate", "refusal"),
    [
        ({"metric": "accuracy", "at_least": 0.8}, None),
        ({"metric": "accuracy", "at_least": 0.81}, "accuracy is 0.8, and the gate asks for at least 0.81"),
        ({"metric": "log_loss", "at_most": 0.5}, None),
        ({"metric": "log_loss", "at_most": 0.4}, "log_loss is 0.5, and the gate asks for at most 0.4"),
        ({"metric": "plain", "at_most": 2}, "plain is 3, and the gate asks for at most 2"),
    ],
)
def test_a_metric_must_reach_its_bar(gate: dict[str, Any], refusal: str | None) -> None:
    assert judge(Gate.model_validate(gate), METRICS, None) == refusal


@pytest.mark.parametrize(
    ("metric", "champion", "refusal"),
    [
        ("accuracy", 0.85, None),
        ("accuracy", 0.86, "accuracy is 0.8, worse than production's 0.86"),
        ("log_loss", 0.45, None),
        ("log_loss", 0.44, "log_loss is 0.5, worse than production's 0.44"),
        ("plain", 3.0, None),
    ],
)
def test_worse_means_by_more_than_the_interval_reaches(metric: str, champion: float, refusal: str | None) -> None:
    gate = Gate(metric=metric, not_worse_than="production")
    assert judge(gate, METRICS, {metric: champion}) == refusal
    assert judge(gate, METRICS, {"another": champion}) is None


@pytest.mark.parametrize("metric", ["r2", "per_class"])
def test_what_is_not_measured_or_is_no_number_is_named_with_what_can_be_chosen(metric: str) -> None:
    with pytest.raises(ProjectError, match=rf"'{metric}' is not measured.* choose one of: accuracy, log_loss, plain"):
        judge(Gate(metric=metric, at_least=0.5), METRICS, None)
