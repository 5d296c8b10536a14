"""The task clusters: anomalies, judged within the cluster that a row belongs to.

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


class ClustersTask:
    """The cluster, the score and the anomaly of each row."""

    def train(self, request: TrainingRequest, report: Report) -> Candidate:
        """Clusters and their detectors fitted to the project's rows, compiled, verified and measured."""
        from vaticina.tasks.clusters.fit import fit_project_clusters
        from vaticina.tasks.clusters.measure import measure_clusters
        from vaticina.tasks.row_training import train_on_rows

        return train_on_rows(self, request, fit_project_clusters, measure_clusters, report)

    def compile(self, model: Any, contract: Contract) -> "Compiled":
        """The graph of fitted clusters. Raises NotCompilable."""
        from vaticina.tasks.clusters.graph import compile_clusters

        return compile_clusters(model, len(contract.columns))

    def verification_rows(
        self, contract: Contract, rows: Matrix, compiled: "Compiled | None", constants: "Constants | None" = None
    ) -> "VerificationRows":
        """The rows on which the forms of a model are compared."""
        from vaticina.exact.verification_rows import verification_rows
        from vaticina.tasks.row_space import row_space

        return verification_rows(row_space(contract, constants), rows, compiled)

    def ties(self, model: Any, contract: Contract) -> "Ties":
        """The rule that finds the rows at a threshold, or between two clusters."""
        from vaticina.tasks.clusters.graph import cluster_ties

        return cluster_ties(model)

    def output_error(self, outputs: Outputs, contract: Contract) -> str | None:
        """None: outputs must only be finite, which serving checks for each batch."""
        return None

    def predict(self, model: Any, matrix: Matrix, contract: Contract) -> Outputs:
        """The cluster, score and anomaly that fitted clusters give for each row."""
        cluster, score, anomaly = model.predict(matrix)
        return Outputs(len(matrix), {"cluster": cluster, "score": score, "anomaly": anomaly})
