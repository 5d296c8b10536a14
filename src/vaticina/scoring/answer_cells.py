"""From checked rows to the cells that are appended."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from vaticina.contract import Answers, Contract, Encoder, Matrix, Outputs
from vaticina.errors import PredictionFailed
from vaticina.scoring.answer_columns import AnswerColumns
from vaticina.scoring.checked_rows import Good
from vaticina.scoring.csv_input import Line
from vaticina.scoring.row_errors import Fault


class Version(Protocol):
    """A loaded version."""

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


class Answerer:
    """Answers rows with one version. All rows of a file bear the time its scoring began."""

    def __init__(self, version: Version) -> None:
        self.columns = AnswerColumns(version.contract)
        self._version = version
        self._encoder = Encoder(version.contract)
        self._answers = Answers(version.contract, version.version)
        self._time = datetime.now(UTC)

    def answer(self, goods: Sequence[Good]) -> tuple[list[tuple[Line, list[str]]], list[Fault]]:
        """Each line with its cells, and the lines on which the model failed: one row never fails its neighbours."""
        try:
            return list(self._answered(goods)), []
        except Exception:
            if len(goods) > 1:
                return self._one_by_one(goods)
            return [], [Fault(goods[0].line, None, PredictionFailed().message)]

    def _one_by_one(self, goods: Sequence[Good]) -> tuple[list[tuple[Line, list[str]]], list[Fault]]:
        parts = [self.answer([good]) for good in goods]
        return [pair for pairs, _ in parts for pair in pairs], [fault for _, faults in parts for fault in faults]

    def _answered(self, goods: Sequence[Good]) -> Iterator[tuple[Line, list[str]]]:
        if not goods:
            return
        rows = [good.row for good in goods]
        outputs = self._version.outputs(self._encoder.matrix(rows))
        answers = self._answers.shape(rows, outputs, [""] * len(rows), self._time)
        for good, answered in zip(goods, answers.rows(), strict=True):
            yield good.line, self.columns.cells(answered)
