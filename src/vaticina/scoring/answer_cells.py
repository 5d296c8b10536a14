"""From checked rows to the cells that are appended to them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from vaticina.contract import Answers, Contract, Encoder, Matrix, Outputs, SeenRange
from vaticina.errors import PredictionFailed
from vaticina.scoring.answer_columns import AnswerColumns
from vaticina.scoring.checked_rows import CheckedRow
from vaticina.scoring.row_errors import RowError
from vaticina.tables import TableRow


class Version(Protocol):
    """A loaded version of a model."""

    @property
    def contract(self) -> Contract:
        """The contract it was published with."""
        ...

    @property
    def version(self) -> str:
        """Its id."""
        ...

    def outputs(self, matrix: Matrix) -> Outputs:
        """The model's outputs for an encoded batch."""
        ...


class AnsweredRow(NamedTuple):
    """A row of the table, and the cells of its answer."""

    source: TableRow
    answer: list[str]


class RowAnswerer:
    """Answers rows with one version. All rows of a file bear the time when its scoring began."""

    def __init__(self, version: Version) -> None:
        self.columns = AnswerColumns(version.contract)
        self._version = version
        self._encoder = Encoder(version.contract)
        self._answers = Answers(version.contract, version.version)
        self._seen = SeenRange(version.contract)
        self._time = datetime.now(UTC)

    def answer(self, rows: Sequence[CheckedRow]) -> tuple[list[AnsweredRow], list[RowError]]:
        """The rows with their answers, and errors for those on which the model failed.

        When the model fails on a batch, each row is tried alone: one row never fails the others.
        """
        try:
            return self._answer_batch(rows), []
        except Exception:
            if len(rows) > 1:
                return self._answer_each(rows)
            return [], [RowError(rows[0].source, None, PredictionFailed().message)]

    def _answer_each(self, rows: Sequence[CheckedRow]) -> tuple[list[AnsweredRow], list[RowError]]:
        answered: list[AnsweredRow] = []
        errors: list[RowError] = []
        for row in rows:
            row_answered, row_errors = self.answer([row])
            answered += row_answered
            errors += row_errors
        return answered, errors

    def _answer_batch(self, rows: Sequence[CheckedRow]) -> list[AnsweredRow]:
        if not rows:
            return []
        values = [row.values for row in rows]
        matrix = self._encoder.matrix(values)
        outputs = self._version.outputs(matrix)
        answers = self._answers.shape(values, outputs, [""] * len(rows), self._time, self._seen.outside(matrix))
        cells = map(self.columns.cells, answers.rows())
        return [AnsweredRow(row.source, answer) for row, answer in zip(rows, cells, strict=True)]
