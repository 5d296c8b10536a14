"""How a table's model is fitted: the one that a project names, or the best of those that are compared."""

from typing import Any

from sklearn.pipeline import Pipeline

from vaticina.contract import Project
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.params import Params
from vaticina.datasets.training_data import TrainingData
from vaticina.errors import TrainingError
from vaticina.progress import Report
from vaticina.tasks.row_training import FittedModel
from vaticina.tasks.table.calibration import fit_calibrated
from vaticina.tasks.table.candidates import prepared
from vaticina.tasks.table.estimator import make_estimator
from vaticina.tasks.table.selection import choose, fit


def fit_table(project: Project, parts: TrainingData, report: Report) -> FittedModel:
    """The project's model, fitted to the training rows and calibrated if it asks for that.

    Raises:
        ProjectError: ``[model]`` names what is not there.
        TrainingError: no model could be fitted.
    """
    dataset, params = parts.train, parts.params
    pipeline, facts = _pipeline(project, dataset, params, report)
    if not project.model.calibrated:
        return FittedModel(pipeline, dataset.contract, facts)
    if dataset.target is None or not dataset.contract.classes:
        raise TrainingError("[model] calibrated = true needs a target of classes; a number has no probability.")
    report("calibrating", 0.7)
    model = fit_calibrated(pipeline, dataset.matrix, dataset.target, params.seed)
    return FittedModel(model, dataset.contract, {**facts, "calibrated": True})


def _pipeline(project: Project, dataset: Dataset, params: Params, report: Report) -> tuple[Pipeline, dict[str, Any]]:
    """The fitted pipeline, and how it was chosen."""
    if project.model.estimator == "auto":
        return _chosen(dataset, params.seed, report)
    report(f"fitting {project.model.estimator}", 0.2)
    estimator = make_estimator(project.model, params.model, params.seed, bool(dataset.contract.classes))
    pipeline = prepared(dataset.contract.columns, estimator)
    return fit(pipeline, dataset.matrix, dataset.target), {"estimator": project.model.estimator}


def _chosen(dataset: Dataset, seed: int, report: Report) -> tuple[Pipeline, dict[str, Any]]:
    """The best of the candidates, and what it was compared with."""

    def progress(step: str, done: int, total: int) -> None:
        report(step, 0.1 + 0.6 * done / total)

    selection = choose(dataset, progress, seed)
    trials = [{"name": trial.name, selection.metric: trial.loss, "spread": trial.spread} for trial in selection.trials]
    return selection.model, {
        "estimator": selection.winner,
        "compared": trials,
        "compared_rows": selection.compared_rows,
    }
