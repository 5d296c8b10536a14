"""The requests of a replay: rows drawn from a table, with their pauses, bodies and truths."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from vaticina.client.api_schema import Wanted
from vaticina.client.json_cell import shaper
from vaticina.client.replay_plan import Plan
from vaticina.client.replay_summary import is_same
from vaticina.client.table_file import Sheet
from vaticina.contract.fields import AnyInput, Scalar
from vaticina.errors import DataError


class Parcel(NamedTuple):
    """One request: its number from 0, the pause before it in seconds, its body, and the truth if it is known."""

    number: int
    pause: float
    body: bytes
    truth: Any


class Parcels:
    """``plan.count`` rows of ``sheet`` as ``wanted`` by the server, drawn with repetition; ``label`` is left out.

    Raises:
        DataError: the table lacks the label or a column that the server requires.
    """

    def __init__(self, sheet: Sheet, wanted: Wanted, plan: Plan) -> None:
        self.label = _label(sheet.names, wanted, plan)
        inputs = {name: field for name, field in wanted.inputs.items() if name != self.label}
        _check(sheet.names, inputs)
        draw = np.random.RandomState(plan.seed)  # the generator that the documented client seeds; its stream is frozen
        self._picks: list[int] = draw.randint(0, len(sheet), plan.count).tolist()
        self._pauses: list[float] = draw.uniform(*plan.delay, plan.count).tolist()
        unique = sorted(set(self._picks))
        shape = shaper(inputs, sheet.names)
        rows = sheet.rows(unique)
        if self.label not in (plan.label, wanted.target) and not _holds_labels(rows, self.label, wanted.classes):
            self.label = None
        self._made = {
            at: (orjson.dumps(shape(row), default=str), row.get(self.label) if self.label else None)
            for at, row in zip(unique, rows, strict=True)
        }

    def __iter__(self) -> Iterator[Parcel]:
        for number, (pick, pause) in enumerate(zip(self._picks, self._pauses, strict=True)):
            yield Parcel(number, pause, *self._made[pick])


def _label(names: Sequence[str], wanted: Wanted, plan: Plan) -> str | None:
    """The column that holds the truth, if one does."""
    if plan.label is not None:
        if plan.label not in names:
            raise DataError(f"There is no column {plan.label!r}; the columns are: {', '.join(names)}.")
        return plan.label
    if wanted.target in names:
        return wanted.target
    return names[0] if names[0] not in wanted.inputs else None


def _holds_labels(rows: Sequence[Mapping[str, Any]], column: str | None, classes: Sequence[Scalar]) -> bool:
    """Whether any value of ``column`` is one of the classes, if they are known: else it only names the rows."""
    return not classes or any(is_same(row.get(column or ""), name) for row in rows for name in classes)


def _check(names: Sequence[str], inputs: Mapping[str, AnyInput]) -> None:
    absent = [n for n, field in inputs.items() if n not in names and not field.optional and field.default is None]
    if absent:
        raise DataError(
            f"There is no column {', '.join(map(repr, absent))}, which the server wants; "
            f"the columns are: {', '.join(names)}."
        )
