"""From lines of a file to rows that satisfy the contract."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vaticina.contract import Contract
from vaticina.contract.envelope import make_validator
from vaticina.contract.violations import say
from vaticina.errors import ContractViolation
from vaticina.scoring.csv_input import Line, Sheet, row_of
from vaticina.scoring.row_errors import Fault


class Good(NamedTuple):
    """A line with its row as validated."""

    line: Line
    row: dict[str, Any]


class Checker:
    """Checks the lines of ``sheet`` by the contract. Raises DataError when a column is missing."""

    def __init__(self, contract: Contract, sheet: Sheet) -> None:
        self._columns = sheet.columns(contract)
        self._width = len(sheet.header)
        self._validator = make_validator(contract, max_rows=2**31)

    def check(self, lines: Sequence[Line]) -> tuple[list[Good], list[Fault]]:
        """The rows of the good lines, and what is wrong with the others."""
        regular = [line for line in lines if len(line.cells) == self._width]
        if len(regular) < len(lines):
            return self._one_by_one(lines)
        try:
            rows = self._validator.check_all([row_of(line, self._columns) for line in lines])
        except ContractViolation:
            return self._one_by_one(lines)
        return list(map(Good, lines, rows)), []

    def _one_by_one(self, lines: Iterable[Line]) -> tuple[list[Good], list[Fault]]:
        good, faults = [], []
        for line in lines:
            if len(line.cells) != self._width:
                faults.append(Fault(line, None, f"the row has {len(line.cells)} cells, the header {self._width}"))
                continue
            try:
                good.append(Good(line, self._validator.check(row_of(line, self._columns))))
            except ContractViolation as error:
                faults += [Fault(line, str(p["field"]), str(say(p, "en")["message"])) for p in error.violations]
        return good, faults
