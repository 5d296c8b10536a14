"""What keeps a row from being scored, and what then happens: the whole is refused, or the row is set aside."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from vaticina.errors import ContractViolation
from vaticina.scoring.csv_input import Line

MOST = 20
"""Faults that are told before a file is given up."""


class Fault(NamedTuple):
    """Why a row cannot be scored: one field's value, or without ``field`` the row itself."""

    line: Line
    field: str | None
    message: str


class Policy(Protocol):
    """What happens to rows that cannot be scored."""

    @property
    def stopped(self) -> bool:
        """Whether nothing will be written any more, so that predicting is no use."""
        ...

    @property
    def rows(self) -> int:
        """How many rows were set aside."""
        ...

    def take(self, faults: Sequence[Fault]) -> None:
        """Deals with the faults of some rows. Raises ContractViolation to give the file up."""
        ...

    def finish(self) -> None:
        """Called after the last row. Raises ContractViolation to give the file up."""
        ...


class Refuse:
    """Gives the file up after ``MOST`` faults; ``finish`` gives it up at its end if there was any."""

    rows = 0

    def __init__(self, name: str) -> None:
        self._name = name
        self._faults: list[Fault] = []

    @property
    def stopped(self) -> bool:
        """True after the first fault."""
        return bool(self._faults)

    def take(self, faults: Sequence[Fault]) -> None:
        """Keeps the faults. Raises ContractViolation once there are too many."""
        self._faults += faults
        if len(self._faults) >= MOST:
            raise self._violation("at least ")

    def finish(self) -> None:
        """Raises ContractViolation if any row had a fault."""
        if self._faults:
            raise self._violation("")

    def _violation(self, at_least: str) -> ContractViolation:
        told = self._faults[:MOST]
        rows = len({fault.line.number for fault in self._faults})
        many = f"{at_least}{rows} rows of {self._name} cannot" if rows > 1 else f"1 row of {self._name} cannot"
        return ContractViolation(
            [{"line": fault.line.number, "field": fault.field, "message": fault.message} for fault in told],
            f"{many} be scored, so nothing was written; mend the file, or set such rows aside with --errors FILE.",
        )


class SetAside:
    """Writes rows that cannot be scored to a file of their own: line, error, and the cells as they were."""

    stopped = False

    def __init__(self, writer: Any, header: Sequence[str]) -> None:
        self.rows = 0
        self._writer = writer
        writer.writerow(["line", "error", *header])

    def take(self, faults: Sequence[Fault]) -> None:
        """Writes a line for each row; its faults stand together."""
        for line, messages in _by_line(faults):
            self._writer.writerow([line.number, "; ".join(messages), *line.cells])
            self.rows += 1

    def finish(self) -> None:
        """All is written."""


def _by_line(faults: Iterable[Fault]) -> list[tuple[Line, list[str]]]:
    found: dict[int, tuple[Line, list[str]]] = {}
    for fault in faults:
        found.setdefault(fault.line.number, (fault.line, []))[1].append(fault.message)
    return list(found.values())
