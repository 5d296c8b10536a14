"""The requests of a replay: rows drawn from a table, with their pauses, bodies and true labels."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from vaticina.client.api_schema import ServerSchema
from vaticina.client.json_cell import body_writer
from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.replay_summary import is_same
from vaticina.contract.fields import Scalar
from vaticina.tables import TableFile
from vaticina.tables.cell_values import cell_text, number_reader
from vaticina.tables.column_names import require_columns, required_inputs

Row = Mapping[str, Any]


class ReplayRequest(NamedTuple):
    """One request: its number from 0, the pause before it in seconds, its body, and the true label if there is one."""

    number: int
    pause: float
    body: bytes
    label: Any


class ReplayRequests:
    """``plan.count`` rows of ``table``, drawn with repetition, as the server takes them.

    ``label`` is the column that holds the true labels, which is not sent; None if there is no such column.

    Raises:
        DataError: the table lacks the label or a column that the server requires.
    """

    def __init__(self, table: TableFile, schema: ServerSchema, plan: ReplayPlan) -> None:
        self.label = _label_column(table, schema, plan)
        inputs = dict(schema.inputs)
        if self.label is not None:
            inputs.pop(self.label, None)
        require_columns(table.path, table.names, required_inputs(inputs))
        draw = np.random.RandomState(plan.seed)  # the generator that the documented client seeds; its stream is frozen
        self._positions: list[int] = draw.randint(0, table.count(), plan.count).tolist()
        self._pauses: list[float] = draw.uniform(*plan.delay, plan.count).tolist()
        unique = sorted(set(self._positions))
        rows = [dict(zip(table.names, cells, strict=True)) for cells in table.take(unique)]
        if self.label not in (plan.label, schema.target) and not _holds_labels(rows, self.label, schema.classes):
            self.label = None
        write = body_writer(inputs, table.names, table.notation)
        read_label = self._label_reader(table, schema)
        self._contents: dict[int, tuple[bytes, Any]] = {}
        for position, row in zip(unique, rows, strict=True):
            self._contents[position] = (orjson.dumps(write(row), default=str), read_label(row))

    def _label_reader(self, table: TableFile, schema: ServerSchema) -> Callable[[Row], Any]:
        """What gives the true label in a row; a number in the table's notation where the answer is a number."""
        column = self.label
        plain = number_reader(column or "", table.notation)

        def read_label(row: Row) -> Any:
            label = _label(row, column)
            if schema.is_number and isinstance(label, str):
                return plain(label) or label
            return label

        return read_label

    def __iter__(self) -> Iterator[ReplayRequest]:
        for number, (position, pause) in enumerate(zip(self._positions, self._pauses, strict=True)):
            yield ReplayRequest(number, pause, *self._contents[position])


def _label(row: Row, column: str | None) -> Any:
    """The true label of a row: a text stripped or None, a value of a Parquet file as it is."""
    value = row.get(column or "")
    return cell_text(value) if isinstance(value, str) else value


def _label_column(table: TableFile, schema: ServerSchema, plan: ReplayPlan) -> str | None:
    """The column named in the plan, else the one that the server was trained for, else the first if it is no input."""
    if plan.label is not None:
        require_columns(table.path, table.names, [plan.label])
        return plan.label
    if schema.target in table.names:
        return schema.target
    first = table.names[0]
    if first in schema.inputs:
        return None
    return first


def _holds_labels(rows: Sequence[Row], column: str | None, classes: Sequence[Scalar]) -> bool:
    """Whether any value of ``column`` is one of the classes; a column without any only names the rows.

    True if the classes are not known.
    """
    if not classes:
        return True
    for row in rows:
        truth = _label(row, column)
        if any(is_same(truth, label) for label in classes):
            return True
    return False
