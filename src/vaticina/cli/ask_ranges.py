"""What ``vaticina import`` asks a person at a terminal: the ranges of numbers, which no model's file tells."""

import math
from collections.abc import Mapping

import typer
from pydantic import ValidationError

from vaticina.cli.console import remark
from vaticina.contract.fields import AnyInput, Integer, Number

Ranged = Number | Integer

HOW = """The files do not tell in which range each number may lie. What you declare refuses the rest, with 422.
Write low..high; leave an end out where there is no limit, or press Enter for any number."""


def ask_ranges(inputs: Mapping[str, AnyInput]) -> dict[str, AnyInput]:
    """``inputs`` with the ranges that a person declares for the numbers among them that have none."""
    unknown = [name for name, field in inputs.items() if isinstance(field, Ranged) and field.min is field.max is None]
    if unknown:
        remark(HOW)
    return {name: _asked(name, field) if name in unknown else field for name, field in inputs.items()}


def _asked(name: str, field: AnyInput) -> AnyInput:
    if not isinstance(field, Ranged):
        return field
    while True:
        answer = typer.prompt(f"  {name}{_known(field)}", default="", show_default=False, err=True)
        try:
            return ranged(field, answer)
        except ValueError as error:
            remark(f"  {error}")


def _known(field: Ranged) -> str:
    """What the model's parts tell of a number: where it lay, or around what."""
    if field.seen:
        return f" (the model was fitted to {field.seen[0]:g}..{field.seen[1]:g})"
    return f" (around {field.example:g} in what the model was fitted to)" if field.example else ""


def ranged(field: Ranged, answer: str) -> Ranged:
    """``field`` with the range that ``answer`` declares: ``0..72``, ``0..``, ``..72``, or nothing for none.

    An example outside of it gives way to the range's middle, or to its one end. Raises ValueError, which tells a
    person what to write instead.
    """
    if not answer.strip():
        return field
    low, dots, high = answer.partition("..")
    if not dots or not (low.strip() or high.strip()):
        raise ValueError(f"{answer.strip()!r} is no range; write two numbers with two dots between them, like 0..72")
    ends = {"min": _end(low), "max": _end(high)}
    given = [end for end in ends.values() if end is not None]
    table = {**field.model_dump(exclude_none=True), **ends}
    if field.example is not None and not _within(field.example, ends["min"], ends["max"]):
        table["example"] = round(sum(given) / len(given)) if isinstance(field, Integer) else sum(given) / len(given)
    try:
        return type(field).model_validate(table)
    except ValidationError as error:
        raise ValueError(error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")) from None


def _end(text: str) -> float | None:
    text = text.strip()
    if not text:
        return None
    try:
        end = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number; write one like 72 or 0.5") from None
    if not math.isfinite(end):
        raise ValueError(f"{text} is no end of a range; leave it out where there is no limit")
    return end


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)
