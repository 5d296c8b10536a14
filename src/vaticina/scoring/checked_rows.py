"""From rows of a table to rows that satisfy the contract."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from vaticina.contract import Contract
from vaticina.contract.envelope import make_validator
from vaticina.contract.violations import say
from vaticina.errors import ContractViolation
from vaticina.scoring.row_errors import RowError
from vaticina.tables import TableFile, TableRow
from vaticina.tables.cell_values import Cell, Reader, cell_reader, reader
from vaticina.tables.column_names import require_columns, required_inputs
from vaticina.tables.table_file import width_difference

InputColumns = Mapping[str, tuple[int, Callable[[object], Cell], Reader]]
"""For each input that the table has a column of: the position of its cell, how to read its text, and its value."""


class CheckedRow(NamedTuple):
    """A row of the table, and its values as validated by the contract."""

    source: TableRow
    values: dict[str, Any]


class RowChecker:
    """Checks the rows of ``table`` by the contract. Raises DataError when a column is missing."""

    def __init__(self, contract: Contract, table: TableFile) -> None:
        self._table = table
        self._columns = input_columns(contract, table)
        self._width = len(table.names)
        self._validator = make_validator(contract, max_rows=2**31)

    def check(self, rows: Sequence[TableRow]) -> tuple[list[CheckedRow], list[RowError]]:
        """The rows that satisfy the contract, and what is wrong with the others."""
        if any(len(row.cells) != self._width for row in rows):
            return self._check_each(rows)
        try:
            values = self._validator.check_all([input_values(row, self._columns) for row in rows])
        except ContractViolation:
            return self._check_each(rows)
        return list(map(CheckedRow, rows, values)), []

    def _check_each(self, rows: Iterable[TableRow]) -> tuple[list[CheckedRow], list[RowError]]:
        checked: list[CheckedRow] = []
        errors: list[RowError] = []
        for row in rows:
            if len(row.cells) != self._width:
                errors.append(RowError(row, None, width_difference(self._table, row)))
                continue
            try:
                checked.append(CheckedRow(row, self._validator.check(input_values(row, self._columns))))
            except ContractViolation as error:
                for violation in error.violations:
                    message = str(say(violation, "en")["message"])
                    errors.append(RowError(row, str(violation["field"]), message))
        return checked, errors


def input_columns(contract: Contract, table: TableFile) -> InputColumns:
    """The columns of ``table`` that are inputs. Raises DataError when one that the contract requires is missing."""
    require_columns(table.path, table.names, required_inputs(contract.inputs))
    columns = {}
    for position, name in enumerate(table.names):
        if name in contract.inputs:
            field = contract.inputs[name]
            columns[name] = (position, cell_reader(field), reader(field, name, table.notation))
    return columns


def input_values(row: TableRow, columns: InputColumns) -> dict[str, Any]:
    """The inputs in ``row`` as a client would send them; an empty cell is an input that is not sent."""
    values = {}
    cells = row.cells
    for name, (position, read_text, read) in columns.items():
        value = read(read_text(cells[position]))
        if value is not None:
            values[name] = value
    return values
