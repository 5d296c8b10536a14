"""What is wrong with a value, said so that the sender can mend it."""

from collections.abc import Mapping
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Instant, Integer, Number
from vaticina.contract.messages import VIOLATIONS, Language

MAX_VIOLATIONS = 100
MAX_VALUE = 100
"""Characters of an offending value that are shown back."""

Violation = Mapping[str, object]


def violation(code: str, **facts: Any) -> dict[str, object]:
    """A violation without its message; ``facts`` are row, field, value, min, max, allowed and unit."""
    return {"code": code, **facts}


def shown(value: object) -> object:
    """``value`` as it is shown back: itself when short, else its first characters."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float) and abs(value) == float("inf"):
        return str(value)  # JSON has no infinity
    text = str(value) if isinstance(value, int | float) else None
    if text is not None:
        return value if len(text) <= MAX_VALUE else text[:MAX_VALUE]
    return str(value)[:MAX_VALUE]


def explain(name: str, field: AnyInput, row: Mapping[str, object]) -> dict[str, object]:
    """Why ``row[name]`` does not satisfy ``field``; the validator has already said that it does not."""
    if name not in row:
        return violation("missing", field=name, **_allowed(field))
    value = row[name]
    code = "null" if value is None else _code(field, value)
    return violation(code, field=name, value=shown(value), **_allowed(field))


def say(problem: Violation, language: Language) -> dict[str, object]:
    """``problem`` with its message in ``language``, without the parts that only the message needs."""
    facts = {key: problem.get(key, "") for key in ("field", "value", "min", "max")}
    unit = f" {problem['unit']}" if problem.get("unit") else ""
    listed = problem.get("allowed")
    allowed = ", ".join(map(str, listed)) if isinstance(listed, list | tuple) else ""
    template = VIOLATIONS[str(problem["code"])][language]
    message = template.format(**facts, unit=unit, allowed=allowed)
    kept = {key: item for key, item in problem.items() if key != "unit"}
    return {**kept, "message": message}


def _code(field: AnyInput, value: object) -> str:
    if isinstance(field, Number | Integer):
        return _number_code(field, value)
    if isinstance(field, Flag):
        return "not_a_flag"
    if isinstance(field, Instant):
        return "not_an_instant"
    if isinstance(field, Category):
        return _category_code(field, value)
    return "too_long" if isinstance(value, str) else "not_a_text"


def _number_code(field: Number | Integer, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not_a_number"
    low, high = field.bounds
    if not low <= value <= high:
        return "out_of_range"
    return "not_an_integer" if isinstance(field, Integer) else "invalid"


def _category_code(field: Category, value: object) -> str:
    if field.categories is not None:
        return "not_allowed"
    if field.whole:
        return "not_an_integer"
    return "too_long" if isinstance(value, str) else "not_a_text"


def _allowed(field: AnyInput) -> dict[str, object]:
    if isinstance(field, Number | Integer):
        low, high = field.bounds
        return {"min": low, "max": high, "unit": field.unit}
    if isinstance(field, Category) and field.categories is not None:
        return {"allowed": list(field.categories[:MAX_VIOLATIONS])}
    if isinstance(field, Flag):
        return {"allowed": [True, False]}
    if isinstance(field, Identifier):
        return {"max": field.max_length}
    return {}
