"""The task window: the next values of a series from its last ones.

This file is light; what trains and compiles is imported when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.task import TrainingRequest

if TYPE_CHECKING:
    from vaticina.exact.compile import Compiled
    from vaticina.exact.verification_rows import VerificationRows
    from vaticina.exact.verify import Ties
    from vaticina.tasks.row_space import Constants


class WindowTask:
    """Forecasts with an interval and a confidence; one model for each size of window."""

    def train(self, request: TrainingRequest, report: Report) -> Candidate:
        """A version with the window just trained, beside the windows of the version in production."""
        from vaticina.tasks.window.train import train_window_version

        return train_window_version(self, request, report)

    def compile(self, model: Any, contract: Contract) -> "Compiled":
        """The graph of the fitted model of one window."""
        from vaticina.tasks.window.graph import compile_window

        return compile_window(model)

    def verification_rows(
        self, contract: Contract, rows: Matrix, compiled: "Compiled | None", constants: "Constants | None" = None
    ) -> "VerificationRows":
        """The windows on which a graph is compared with its model."""
        from vaticina.exact.verification_rows import VerificationRows
        from vaticina.tasks.window.graph import window_rows

        return VerificationRows(window_rows(rows))

    def ties(self, model: object, contract: Contract) -> "Ties":
        """A forecast is a number, so no row is a tie."""
        from vaticina.tasks.window.graph import no_ties

        return no_ties

    def output_error(self, outputs: Outputs, contract: Contract) -> str | None:
        """None: outputs must only be finite, which serving checks for each batch."""
        return None

    def predict(self, model: Any, matrix: Matrix, contract: Contract) -> Outputs:
        """The forecast of the fitted model of one window."""
        outputs: Outputs = model.predict(matrix)
        return outputs
