"""AutoGluon's predictors: folders that AutoGluon saved, and projects of ``kind = "autogluon"`` that train them.

This file is light; AutoGluon itself is imported in a training, in an import and in the worker process alone.
"""

from collections.abc import Collection, Mapping

from vaticina.contract import Bundle, Runtime
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.source import Source
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.task import Task, TrainingRequest

MARKS = frozenset({"predictor.pkl", "version.txt"})
"""The files by which a folder is known as one that AutoGluon saved."""


class AutoGluonFormat:
    """Predictors of ``autogluon.tabular``."""

    name = "autogluon"
    suffixes: tuple[str, ...] = ()
    kind = "imported"
    family = "autogluon"
    keeps_files = False

    def files_among(self, names: Collection[str]) -> Collection[str]:
        """All of a folder that AutoGluon saved."""
        return names if MARKS.issubset(names) else ()

    def recognises(self, source: Source) -> bool:
        """Whether the source is a folder that AutoGluon saved."""
        return source.place.is_dir() and MARKS.issubset(map(source.name, source.files))

    def is_whole(self, source: Source) -> bool:
        """Whether the file that AutoGluon writes last is there, as ``files_among`` demands."""
        return True

    def adopt(self, adoption: Adoption, report: Report) -> AdoptedModel:
        """The predictor, once all of its pickles were audited."""
        from vaticina.formats.autogluon.adopt import adopt_predictor

        return adopt_predictor(adoption, report)

    def train(self, task: Task, request: TrainingRequest, report: Report) -> Candidate:
        """A predictor trained within a time limit on the project's rows, compiled where it verifies, and measured."""
        from vaticina.formats.autogluon.fit import fit_project
        from vaticina.tasks.row_training import train_on_rows
        from vaticina.tasks.table.measure import measure_table

        return train_on_rows(task, request, fit_project, measure_table, report)

    def check_files(self, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
        """Raises PickleRefused unless the worker process would open the predictor's pickles."""
        from vaticina.formats.autogluon.audit import audit_predictor

        audit_predictor(files, allow)

    def load(self, bundle: Bundle, allow: frozenset[str]) -> Runtime:
        """The predictor in a worker process of its own."""
        from vaticina.formats.autogluon.worker import load_worker

        return load_worker(bundle, allow)
