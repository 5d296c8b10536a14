"""Checks a version on its owner's own rows, before it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vaticina.contract import Answers, Contract, Encoder, Matrix, Outputs
from vaticina.contract.notation import TableNotation
from vaticina.errors import DataError, ImportRefused
from vaticina.formats.adoption import AdoptedModel, AskOriginal
from vaticina.scoring.answer_columns import AnswerColumns
from vaticina.scoring.checked_rows import CheckedRow, RowChecker
from vaticina.scoring.row_errors import RowError
from vaticina.tables import TableFile, TableRow, open_table
from vaticina.tables.cell_values import FLAGS, number_reader
from vaticina.tasks.served_model import ServedModel
from vaticina.usecases.row_check import SHOWN, Difference, RefusedRow, RowCheck

TOLERANCE = 1e-6
"""How far two numbers may lie apart, relative to the larger one where that is above 1."""

OF_THE_VERSION = frozenset({"time", "version", "metrics", "outside"})
"""Quantities of an answer that the owner's files cannot tell."""

FILE_ITSELF = "the file itself"


@dataclass(frozen=True, slots=True)
class OwnTables:
    """The owner's tables: ``rows`` to be answered, and the answers ``expected`` to them, if there are any.

    ``notation`` says how the cells of both are written.
    """

    rows: Path
    expected: Path | None
    notation: TableNotation


class AnsweredRows:
    """The owner's rows that satisfy the contract, in the order of their table, with the version's answers as texts.

    ``names`` are the outputs that can be compared; ``probabilities`` has one for each class.
    """

    def __init__(self, contract: Contract, rows: Sequence[CheckedRow]) -> None:
        self._contract = contract
        self._columns = AnswerColumns(contract)
        self._rows = rows
        self.lines = [row.source.line for row in rows]
        self.names = list(filter(self._is_compared, self._columns.names))

    def _is_compared(self, name: str) -> bool:
        output = self._contract.outputs.get(name)
        return output is None or output.quantity not in OF_THE_VERSION

    def matrix(self) -> Matrix:
        """The encoded rows (n, columns)."""
        return Encoder(self._contract).matrix([row.values for row in self._rows])

    def cells(self, outputs: Outputs) -> list[dict[str, str]]:
        """The texts of the answers that ``outputs`` are, by output, one for each row."""
        values = [row.values for row in self._rows]
        answers = Answers(self._contract, "").shape(values, outputs, [""] * len(values), datetime.now(UTC))
        rows = []
        for answered in answers.rows():
            rows.append(dict(zip(self._columns.names, self._columns.cells(answered), strict=True)))
        return rows


def check_rows(adopted: AdoptedModel, served: ServedModel, tables: OwnTables) -> RowCheck:
    """How ``served`` answers the owner's rows, beside what the file's own model answers, and what is expected.

    The expected answers have a row for each row of the table, and columns called like outputs.

    Raises:
        DataError: a table cannot be read, lacks a column, or has another number of rows.
        ImportRefused: the contract refuses all rows, or the model fails on them.
    """
    table = open_table(tables.rows, tables.notation)
    source_rows = list(table.rows())
    checked, errors = RowChecker(adopted.contract, table).check(source_rows)
    if not checked:
        reason = "it has no rows"
        if errors:
            reason = f"line {errors[0].row.line}: {errors[0].message}"
        raise ImportRefused(
            f"No row of {tables.rows} satisfies the model's contract ({reason}), so nothing was compared; call the "
            "columns as the model does, or give a --contract, which also says how tables are written ([data] decimal)."
        )
    rows = AnsweredRows(adopted.contract, checked)
    ours = rows.cells(_asked(served.runtime.predict, rows.matrix(), "The version"))
    theirs = rows.cells(_asked(adopted.ask_original, rows.matrix(), "The file's own model"))
    differences = _differences(rows, ours, theirs, rows.names, FILE_ITSELF)
    against = [FILE_ITSELF]
    if tables.expected is not None:
        answers = _expected_cells(open_table(tables.expected, tables.notation), source_rows, rows)
        differences += _differences(rows, ours, answers, list(answers[0]), tables.expected.name)
        against.append(tables.expected.name)
    refusals = _refusals(errors)
    return RowCheck(
        table=tables.rows.name,
        against=tuple(against),
        rows=len(checked),
        differ=len({difference.line for difference in differences}),
        refused=len(refusals),
        differences=tuple(differences[:SHOWN]),
        refusals=tuple(refusals[:SHOWN]),
    )


def _asked(predict: AskOriginal, matrix: Matrix, who: str) -> Outputs:
    """The outputs for ``matrix`` (n, columns). Raises ImportRefused where the model fails."""
    try:
        return predict(matrix)
    except ImportRefused:
        raise
    except Exception as error:  # a model of others raises what it pleases
        raise ImportRefused(f"{who} fails on the rows of --check: {type(error).__name__}: {error}.") from None


def _expected_cells(expected: TableFile, source_rows: Sequence[TableRow], rows: AnsweredRows) -> list[dict[str, str]]:
    """The texts of the expected answers by output, one for each of ``rows``. Raises DataError."""
    positions: dict[str, int] = {}
    for position, name in enumerate(expected.names):
        if name in rows.names:
            positions[name] = position
    if not positions:
        raise DataError(
            f"{expected.path} has no column called like an output; call its columns {', '.join(rows.names)}."
        )
    expected_rows = list(expected.rows())
    if len(expected_rows) != len(source_rows):
        raise DataError(
            f"{expected.path} has {len(expected_rows)} rows, and the table of --check has {len(source_rows)}; give one "
            "answer for each row, in the same order."
        )
    by_line: dict[int, dict[str, str]] = {}
    for source_row, expected_row in zip(source_rows, expected_rows, strict=True):
        by_line[source_row.line] = _named_cells(expected, expected_row, positions)
    return [by_line[line] for line in rows.lines]


def _named_cells(table: TableFile, row: TableRow, positions: dict[str, int]) -> dict[str, str]:
    """The texts of a row by output, numbers in plain notation. Raises DataError for one that is not there."""
    cells: dict[str, str] = {}
    for name, position in positions.items():
        text = ""
        if position < len(row.cells):
            text = str(row.cells[position]).strip()
        if not text:
            raise DataError(f"{table.path}, line {row.line}: {name} is empty; write the answer that you expect.")
        cells[name] = number_reader(name, table.notation)(text) or text
    return cells


def _differences(
    rows: AnsweredRows,
    ours: Sequence[dict[str, str]],
    theirs: Sequence[dict[str, str]],
    names: Sequence[str],
    against: str,
) -> list[Difference]:
    """Where our answers are others than theirs, one for each row and output."""
    differences: list[Difference] = []
    for line, our_cells, their_cells in zip(rows.lines, ours, theirs, strict=True):
        for name in names:
            our_text, their_text = our_cells[name], their_cells[name]
            if not is_same(our_text, their_text):
                differences.append(
                    Difference(line=line, output=name, ours=our_text, theirs=their_text, against=against)
                )
    return differences


def is_same(ours: str, theirs: str) -> bool:
    """Whether two texts are the same answer: the same text, flag, or number within ``TOLERANCE``."""
    if ours == theirs:
        return True
    if ours.lower() in FLAGS:
        return ours.lower() == theirs.lower()
    try:
        our_number, their_number = float(ours), float(theirs)
    except ValueError:
        return False
    return abs(our_number - their_number) <= TOLERANCE * max(1.0, abs(our_number), abs(their_number))


def _refusals(errors: Sequence[RowError]) -> list[RefusedRow]:
    """The rows that the contract refuses, each with its first reason."""
    by_line: dict[int, RefusedRow] = {}
    for error in errors:
        by_line.setdefault(error.row.line, RefusedRow(line=error.row.line, message=error.message))
    return list(by_line.values())
