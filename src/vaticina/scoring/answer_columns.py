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
        self._quantities = {
            name: output.quantity for name, output in contract.outputs.items() if output.quantity not in LEFT_OUT
        }
        self.names: list[str] = []
        for name, quantity in self._quantities.items():
            if quantity == "probabilities":
                self.names += [f"{name}.{label}" for label in contract.classes]
            else:
                self.names.append(name)

    def cells(self, answered: Answered) -> list[str]:
        """The answer's texts, in the order of ``names``."""
        answer = orjson.loads(answered.output)
        values: list[Any] = []
        for name, quantity in self._quantities.items():
            if quantity == "probabilities":
                values += answer[name].values()
            else:
                values.append(answer[name])
        return [_text(value) for value in values]


def _text(value: Any) -> str:
    """Texts as they are, all else as JSON writes it."""
    if isinstance(value, float):
        return repr(value)  # what JSON writes too, in a tenth of the time
    return value if isinstance(value, str) else json.dumps(value)
