"""A version's metrics, as people read them."""

from collections.abc import Mapping
from typing import Any

NUMBERS = ("value", "low", "high")
"""What a metric with an interval holds; other entries, such as those of each class, are for --json."""


def measured(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and 95 % interval of each metric."""
    return [(name, *_written(item)) for name, item in metrics.items() if isinstance(item, Mapping) and _is_metric(item)]


def _is_metric(item: Mapping[str, Any]) -> bool:
    return all(isinstance(item.get(name), int | float) for name in NUMBERS)


def _written(item: Mapping[str, float]) -> tuple[str, str]:
    return f"{item['value']:.4g}", f"{item['low']:.4g} to {item['high']:.4g}"
