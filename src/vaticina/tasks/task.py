"""What every task offers: training, compiling, and predicting with a model that is not compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from vaticina.contract import Bundle, Contract, Matrix, Outputs, Project, Readings
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate

if TYPE_CHECKING:  # a server of a compiled model loads no compiler
    from vaticina.exact.compile import Compiled
    from vaticina.exact.verification_rows import VerificationRows
    from vaticina.exact.verify import Ties
    from vaticina.tasks.row_space import Constants


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train: a ``project``, and for a series the ``options`` that replace its ``[model] params``.

    ``readings`` is the series, where it does not come from the project's own file. ``production`` is the version that
    answers now; the windows of a new version stand beside its windows.
    """

    project: Project
    options: Mapping[str, Any] = field(default_factory=dict)
    readings: Readings | None = None
    production: Bundle | None = None


class Task(Protocol):
    """One kind of question that models answer. A ``model`` is any object that the task's training has fitted."""

    def train(self, request: TrainingRequest, report: Report) -> Candidate:
        """A model fitted to the project's data, compiled, verified and measured.

        Raises DataError, ProjectError and TrainingError.
        """
        ...

    def compile(self, model: object, contract: Contract) -> "Compiled":
        """The graph of a fitted ``model``. Raises NotCompilable."""
        ...

    def verification_rows(
        self, contract: Contract, rows: Matrix, compiled: "Compiled | None", constants: "Constants | None" = None
    ) -> "VerificationRows":
        """The rows on which the forms of a model are compared, by the kind of row, made from ``rows`` (n, columns).

        ``compiled`` is the model's graph, if there is one; ``constants`` are numbers that it treats in their own way.
        """
        ...

    def ties(self, model: object, contract: Contract) -> "Ties":
        """The rule that finds the rows where two answers of ``model`` are equally good within rounding."""
        ...

    def output_error(self, outputs: Outputs, contract: Contract) -> str | None:
        """Why ``outputs`` cannot be those of a model of this task, in words; None when they can."""
        ...

    def predict(self, model: object, matrix: Matrix, contract: Contract) -> Outputs:
        """The outputs of a fitted ``model`` that is not compiled, for ``matrix`` (n, columns)."""
        ...
