"""The task table: a class or a number for each row of a table.

This file is light; what trains and compiles is imported when it is asked for.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.task import TrainingRequest

if TYPE_CHECKING:
    from vaticina.datasets.dataset import Dataset
    from vaticina.exact.compile import Compiled
    from vaticina.exact.verification_rows import VerificationRows
    from vaticina.exact.verify import Ties
    from vaticina.tasks.row_space import Constants
    from vaticina.tasks.table.leaks import LeakSuspect


def find_suspects(dataset: "Dataset", progress: Callable[[str, int, int], None]) -> "Sequence[LeakSuspect]":
    """The inputs that may be leaks of the target, as ``leaks.find_suspects`` says."""
    from vaticina.tasks.table import leaks

    return leaks.find_suspects(dataset, progress)


class TableTask:
    """Classes with their probabilities, or numbers."""

    def train(self, request: TrainingRequest, report: Report) -> Candidate:
        """A model fitted to the project's rows, compiled, verified and measured on held-out rows."""
        from vaticina.tasks.row_training import train_on_rows
        from vaticina.tasks.table.fit import fit_table
        from vaticina.tasks.table.measure import measure_table

        return train_on_rows(self, request, fit_table, measure_table, report)

    def compile(self, model: object, contract: Contract) -> "Compiled":
        """The graph of a fitted ``model``. Raises NotCompilable."""
        from vaticina.tasks.table.compile import compile_model

        return compile_model(model, contract)

    def verification_rows(
        self, contract: Contract, rows: Matrix, compiled: "Compiled | None", constants: "Constants | None" = None
    ) -> "VerificationRows":
        """The rows on which the forms of a model are compared."""
        from vaticina.exact.verification_rows import verification_rows
        from vaticina.tasks.row_space import row_space

        return verification_rows(row_space(contract, constants), rows, compiled)

    def ties(self, model: object, contract: Contract) -> "Ties":
        """The rule that finds the rows between two classes, or at the decision threshold."""
        from vaticina.exact.ties import ties_of
        from vaticina.tasks.row_space import goal_of

        return ties_of(goal_of(contract))

    def output_error(self, outputs: Outputs, contract: Contract) -> str | None:
        """Why the probabilities in ``outputs`` are not probabilities."""
        from vaticina.tasks.table.probabilities import improper_probabilities

        return improper_probabilities(outputs, contract)

    def predict(self, model: object, matrix: Matrix, contract: Contract) -> Outputs:
        """The labels and probabilities, or the values, of a fitted ``model``."""
        from vaticina.tasks.table.predict import predict_table

        return predict_table(model, matrix, contract)
