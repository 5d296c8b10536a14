"""What is wrong with a value, said so that the sender can mend it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, cast

from vaticina.contract.fields import (
    MAX_TEXT,
    AnyInput,
    Category,
    Flag,
    Identifier,
    Instant,
    Integer,
    Number,
    Series,
    Text,
    spoken,
)
from vaticina.contract.messages import MISSING_TEXT, RANGES, VIOLATIONS, Language
from vaticina.contract.series_points import EXTRA, POINT
from vaticina.contract.white_space import stripped

MAX_VIOLATIONS = 100
MAX_ALLOWED = 100
"""Allowed values that are listed."""

MAX_VALUE = 100
"""Characters of an offending value that are shown back."""

Violation = Mapping[str, object]


def violation(code: str, **facts: Any) -> dict[str, object]:
    """A violation without its message; ``facts`` are row, field, value, min, max, allowed and unit."""
    return {"code": code, **facts}


def shown(value: object) -> object:
    """``value`` as it is shown back: itself when short and fit for JSON, else the start of its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)  # JSON has no infinity and no NaN
    if isinstance(value, int):
        return value if abs(value) < 2**63 else _digits(value)  # JSON writers stop at 64 bits
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:MAX_VALUE]


def _digits(value: int) -> str:
    """The start of a long integer: Python refuses to write one of more than 4300 digits."""
    return str(value)[:MAX_VALUE] if value.bit_length() < 10_000 else f"an integer of {value.bit_length()} bits"


def explain(name: str, field: AnyInput, row: Mapping[str, object], inside: str = "") -> dict[str, object]:
    """Why ``row[name]`` does not satisfy ``field``; the validator has already said that it does not.

    ``inside`` is what stands before the name when the row is itself a part of something, like ``data[3].``.
    """
    where = inside + name
    if name not in row:
        return _absent(name, field, row, where)
    value = row[name]
    code = "null" if value is None else _code(field, value)
    facts = _allowed(field)
    if code == "out_of_range" and isinstance(value, int | float):
        facts |= _broken_bound(field, value)
    return violation(code, field=where, value=shown(value), **facts)


def explain_no_value(name: str, field: AnyInput, value: object) -> dict[str, object]:
    """What is said of a required field whose ``value`` means that there is none."""
    return violation("missing", field=name, value=shown(value), **_allowed(field))


def _absent(name: str, field: AnyInput, row: Mapping[str, object], where: str) -> dict[str, object]:
    """What is said of a field that is not in ``row``; its name may be there with white space around it."""
    for key in row:
        if stripped(key) == name:
            return violation("padded_name", field=where, value=shown(key), **_allowed(field))
    return violation("missing", field=where, **_allowed(field))


def explain_series(
    name: str, field: Series, value: object, places: Sequence[tuple[int | str, ...]]
) -> Iterator[dict[str, object]]:
    """Why ``value`` is no such series: each point and key among ``places`` once, named like ``data[3].value``."""
    for place in dict.fromkeys(place[:2] for place in places):
        if isinstance(value, list) and place:
            yield _explain_point(f"{name}[{place[0]}]", value[int(place[0])], place[1:])
        elif isinstance(value, list):
            yield violation("points_out_of_range", field=name, value=len(value), min=1, max=field.max_points)
        else:
            yield violation("null" if value is None else "not_a_series", field=name, value=shown(value))


def _explain_point(where: str, point: object, key: tuple[int | str, ...]) -> dict[str, object]:
    if not isinstance(point, dict) or not key:
        return violation("not_a_point", field=where, value=shown(point))
    if key[0] == EXTRA:
        return violation("not_features", field=f"{where}.{EXTRA}", value=shown(point[EXTRA]))
    return explain(str(key[0]), POINT[str(key[0])], point, inside=f"{where}.")


def say(problem: Violation, language: Language) -> dict[str, object]:
    """``problem`` with its message in ``language``, without the parts that only the message needs."""
    facts = {key: _plain(problem.get(key, "")) for key in ("field", "value", "min", "max")}
    unit = spoken(cast("Text | None", problem.get("unit")), language)
    listed = problem.get("allowed")
    allowed = _listed(listed) if isinstance(listed, list | tuple) else ""
    template = _template(problem)[language]
    message = template.format(**facts, unit=f" {unit}" if unit else "", allowed=allowed)
    kept = {key: item for key, item in problem.items() if key != "unit"}
    return {**kept, "message": message}


def _template(problem: Violation) -> Mapping[Language, str]:
    """The message of ``problem``; a range may be declared on one side only, and a text may mean no value."""
    if problem["code"] == "missing" and "value" in problem:
        return MISSING_TEXT
    sides = [side for side in RANGES if side in problem]
    if problem["code"] == "out_of_range" and len(sides) == 1:
        return RANGES[sides[0]]
    return VIOLATIONS[str(problem["code"])]


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values)) + (", …" if len(values) == MAX_ALLOWED else "")


def _plain(value: object) -> object:
    """150 rather than 150.0, as people write."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


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
        return _number_code(Integer(), value)
    return "too_long" if isinstance(value, str) else "not_a_text"


def _allowed(field: AnyInput) -> dict[str, object]:
    if isinstance(field, Number | Integer):
        declared = {"min": field.min, "max": field.max}
        return {"unit": field.unit, **{side: bound for side, bound in declared.items() if bound is not None}}
    if isinstance(field, Category):
        return _allowed_categories(field)
    if isinstance(field, Flag):
        return {"allowed": [True, False]}
    if isinstance(field, Identifier):
        return {"max": field.max_length}
    return {}


def _broken_bound(field: AnyInput, value: float) -> dict[str, object]:
    """The bound of ``field`` that ``value`` is beyond. Without a declared one it is what a number can hold."""
    number = field if isinstance(field, Number | Integer) else Integer()
    low, high = number.bounds
    return {"min": low} if value < low else {"max": high}


def _allowed_categories(field: Category) -> dict[str, object]:
    if field.categories is not None:
        return {"allowed": list(field.categories[:MAX_ALLOWED])}
    return _allowed(Integer()) if field.whole else {"max": MAX_TEXT}
