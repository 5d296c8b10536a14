"""The points of a series: how they are checked, and what is wrong with one."""

from typing import Any

import orjson
from pydantic_core import core_schema as cs

from vaticina.contract.fields import FLOAT_LIMIT, AnyInput, Instant, Number

POINT: dict[str, AnyInput] = {"timestamp": Instant(), "value": Number()}
"""What a point must hold."""

EXTRA = "additional_features"
"""What a point may hold beside: an object, recorded and given back, never a feature."""

EXAMPLE_POINTS = 10


def series_schema(instant: cs.CoreSchema, max_points: int) -> cs.CoreSchema:
    """A list of points; ``instant`` is how a timestamp is read."""
    number = cs.float_schema(strict=True, allow_inf_nan=False, ge=-FLOAT_LIMIT, le=FLOAT_LIMIT)
    features = cs.no_info_after_validator_function(_writable, cs.dict_schema(cs.str_schema(strict=True)))
    point = cs.typed_dict_schema(
        {
            "timestamp": cs.typed_dict_field(instant),
            "value": cs.typed_dict_field(number),
            EXTRA: cs.typed_dict_field(cs.nullable_schema(features), required=False),
        },
        extra_behavior="ignore",
    )
    return cs.list_schema(point, min_length=1, max_length=max_points, strict=True)


def _writable(features: dict[str, Any]) -> dict[str, Any]:
    """``features``, which are recorded as JSON. Raises ValueError for what JSON cannot hold, as a huge integer."""
    try:
        orjson.dumps(features)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return features


def example_points() -> list[dict[str, Any]]:
    """A short series, an hour between its points."""
    return [{"timestamp": f"2024-01-01T{at:02}:00:00Z", "value": 20.0 + at / 2} for at in range(EXAMPLE_POINTS)]
