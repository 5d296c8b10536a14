"""The columns that scoring appends to a table: the fields of the answer."""

import json
from typing import Any

import orjson

from vaticina.contract import Answered, Contract

LEFT_OUT = frozenset({"input", "id", "identifier"})
"""Quantities that get no column: the row is in the file already, and an answer that is not recorded has no id."""


class AnswerColumns:
    """The names of the appended columns, and their cells for an answered row.

    ``probabilities`` becomes a column for each class: ``NAME.CLASS``.
    """

    def __init__(self, contract: Contract) -> None:
        self._quantities: dict[str, str] = {}
        self.names: list[str] = []
        for name, output in contract.outputs.items():
            if output.quantity in LEFT_OUT:
                continue
            self._quantities[name] = output.quantity
            if output.quantity == "probabilities":
                self.names += [f"{name}.{label}" for label in contract.classes]
            else:
                self.names.append(name)

    def cells(self, answered: Answered) -> list[str]:
        """The answer's texts, in the order of ``names``."""
        answer = orjson.loads(answered.output)
        cells: list[str] = []
        for name, quantity in self._quantities.items():
            if quantity == "probabilities":
                cells += map(_text, answer[name].values())
            else:
                cells.append(_text(answer[name]))
        return cells


def _text(value: Any) -> str:
    """Texts as they are, all else as JSON writes it."""
    if isinstance(value, float):
        return repr(value)  # what JSON writes too, in a tenth of the time
    if isinstance(value, str):
        return value
    return json.dumps(value)
