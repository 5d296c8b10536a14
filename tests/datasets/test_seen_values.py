from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from vaticina.contract.fields import AnyInput
from vaticina.datasets.seen_values import add_seen_values


def learnt(field: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    found = add_seen_values(TypeAdapter(AnyInput).validate_python(field), values).model_dump(exclude_unset=True)
    return {name: value for name, value in found.items() if name != "type"}


@pytest.mark.parametrize(
    ("field", "values", "found"),
    [
        ({"type": "number"}, [3.5, None, 1.0, 2.0], {"seen": (1.0, 3.5), "example": 2.0}),
        ({"type": "integer"}, [4, 1, 3, 2], {"seen": (1, 4), "example": 2}),
        ({"type": "category"}, ["b", "a", "b", None], {"seen": ("a", "b"), "example": "b"}),
        ({"type": "category", "seen": [9]}, [2, 1, 2], {"seen": (1, 2), "example": 2}),
        ({"type": "category", "categories": ["a", "b"]}, ["b"], {"categories": ("a", "b"), "example": "b"}),
        ({"type": "flag"}, [True, False, True], {"example": True}),
        ({"type": "identifier"}, ["C", "A", "B"], {"example": "B"}),
        (
            {"type": "number", "min": 0, "max": 9, "example": 5},
            [3.0],
            {"min": 0, "max": 9, "example": 5, "seen": (3.0, 3.0)},
        ),
        ({"type": "number", "optional": True}, [None, None], {"optional": True}),
    ],
)
def test_what_is_learnt_stands_beside_what_is_declared(
    field: dict[str, Any], values: list[Any], found: dict[str, Any]
) -> None:
    assert learnt(field, values) == found


def test_instants_learn_their_first_and_last() -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (3, 1, 2)]
    assert learnt({"type": "instant"}, days) == {"seen": (days[1], days[0]), "example": days[2]}
