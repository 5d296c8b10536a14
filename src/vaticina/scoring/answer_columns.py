"""The columns that scoring appends: one for each field of the answer that means something in a file."""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from vaticina.contract import Answered, Contract

LEFT_OUT = frozenset({"input", "id", "identifier"})
"""The row itself stands beside its answer, and what is not recorded has no id."""


class AnswerColumns:
    """The names of the appended columns, and their cells for an answered row.

    ``probabilities`` becomes a column for each class: ``NAME.CLASS``.
    """

    def __init__(self, contract: Contract) -> None:
        self._fields = [(name, output.quantity) for name, output in contract.outputs.items()]
        self._fields = [(name, quantity) for name, quantity in self._fields if quantity not in LEFT_OUT]
        self._classes = [str(name) for name in contract.classes]
        self.names = [column for name, quantity in self._fields for column in self._columns(name, quantity)]

    def cells(self, answered: Answered) -> list[str]:
        """The answer's texts, in the order of ``names``."""
        answer = orjson.loads(answered.output)
        values: list[Any] = []
        for name, quantity in self._fields:
            values += answer[name].values() if quantity == "probabilities" else [answer[name]]
        return [_text(value) for value in values]

    def _columns(self, name: str, quantity: str) -> Sequence[str]:
        return [f"{name}.{label}" for label in self._classes] if quantity == "probabilities" else [name]


def _text(value: Any) -> str:
    """Texts as they are, all else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value)
