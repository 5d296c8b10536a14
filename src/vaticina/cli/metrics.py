"""A version's metrics, as people read them."""

from collections.abc import Mapping
from typing import Any

Row = tuple[str, str, str]


def measured(metrics: Mapping[str, Any]) -> list[Row]:
    """Name, value and interval of each metric that is one number."""
    rows = [(name, _number(item), _interval(item)) for name, item in metrics.items()]
    return [row for row in rows if row[1]]


def _number(item: Any) -> str:
    value = item.get("value") if isinstance(item, Mapping) else item
    return f"{value:.4g}" if isinstance(value, int | float) else ""


def _interval(item: Any) -> str:
    if not isinstance(item, Mapping) or not {"low", "high"} <= item.keys():
        return ""
    return f"{item['low']:.4g} to {item['high']:.4g}"
