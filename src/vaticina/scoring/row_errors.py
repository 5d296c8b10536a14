"""Errors of rows that cannot be scored: the whole file is refused, or the rows are written to a file of their own."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from vaticina.errors import ContractViolation
from vaticina.tables import TableRow

MOST_ERRORS = 20
"""Errors that are reported before a file is refused."""


class RowError(NamedTuple):
    """Why a row cannot be scored: the value of one field, or without ``field`` the row itself."""

    row: TableRow
    field: str | None
    message: str


class RowErrorPolicy(Protocol):
    """What happens to rows that cannot be scored."""

    @property
    def refuses(self) -> bool:
        """Whether the file will be refused, so that no more answers are needed."""
        ...

    @property
    def rows(self) -> int:
        """How many rows were set aside."""
        ...

    def add(self, errors: Sequence[RowError]) -> None:
        """Takes all errors of some rows. Raises ContractViolation to refuse the file."""
        ...

    def finish(self) -> None:
        """Called after the last row. Raises ContractViolation to refuse the file."""
        ...


class RefuseFile:
    """Refuses the file called ``name``: after ``MOST_ERRORS`` errors, or at its end if there was any."""

    rows = 0

    def __init__(self, name: str) -> None:
        self._name = name
        self._errors: list[RowError] = []

    @property
    def refuses(self) -> bool:
        """True after the first error."""
        return bool(self._errors)

    def add(self, errors: Sequence[RowError]) -> None:
        """Collects the errors. Raises ContractViolation once there are too many."""
        self._errors += errors
        if len(self._errors) >= MOST_ERRORS:
            raise self._violation("at least ")

    def finish(self) -> None:
        """Raises ContractViolation if any row had an error."""
        if self._errors:
            raise self._violation("")

    def _violation(self, at_least: str) -> ContractViolation:
        count = len(_messages_by_row(self._errors))
        rows = "1 row" if count == 1 else f"{at_least}{count} rows"
        violations = []
        for row, field, message in self._errors[:MOST_ERRORS]:
            violations.append({"line": row.line, "field": field, "message": message})
        return ContractViolation(
            violations,
            f"{rows} of {self._name} cannot be scored, so nothing was written; "
            "mend the file, or set such rows aside with --errors FILE.",
        )


class SetRowsAside:
    """Writes rows that cannot be scored to a file of their own: line, error, and the cells as they were."""

    refuses = False

    def __init__(self, writer: Any, header: Sequence[str]) -> None:
        self.rows = 0
        self._writer = writer
        writer.writerow(["line", "error", *header])

    def add(self, errors: Sequence[RowError]) -> None:
        """Writes one line for each row, with all its errors."""
        for row, messages in _messages_by_row(errors):
            self._writer.writerow([row.line, "; ".join(messages), *row.cells])
            self.rows += 1

    def finish(self) -> None:
        """All is written."""


def _messages_by_row(errors: Iterable[RowError]) -> list[tuple[TableRow, list[str]]]:
    by_line: dict[int, tuple[TableRow, list[str]]] = {}
    for error in errors:
        by_line.setdefault(error.row.line, (error.row, []))[1].append(error.message)
    return list(by_line.values())
