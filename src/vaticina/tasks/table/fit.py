"""Fitting a table's model: the estimator that a project names, or the best of those that are compared."""

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
from vaticina.tasks.table.estimator import make_estimator
from vaticina.tasks.table.pipelines import one_hot_pipeline
from vaticina.tasks.table.selection import fit_pipeline, select_model


def fit_table(project: Project, data: TrainingData, report: Report) -> FittedModel:
    """The project's model, fitted to the training rows and calibrated if it asks for that.

    Raises:
        ProjectError: ``[model]`` names what is not there.
        TrainingError: no model could be fitted.
    """
    dataset, params = data.train, data.params
    pipeline, facts = _fit(project, dataset, params, report)
    if not project.model.calibrated:
        return FittedModel(pipeline, dataset.contract, facts)
    if dataset.target is None or not dataset.contract.classes:
        raise TrainingError("[model] calibrated = true needs a target of classes; a number has no probability.")
    report("calibrating", 0.7)
    model = fit_calibrated(pipeline, dataset.matrix, dataset.target, params.seed)
    return FittedModel(model, dataset.contract, {**facts, "calibrated": True})


def _fit(project: Project, dataset: Dataset, params: Params, report: Report) -> tuple[Pipeline, dict[str, Any]]:
    """The fitted pipeline, and how it was chosen."""
    if project.model.estimator == "auto":
        return _fit_selected(dataset, params.seed, report)
    report(f"fitting {project.model.estimator}", 0.2)
    estimator = make_estimator(project.model, params.model, params.seed, bool(dataset.contract.classes))
    pipeline = one_hot_pipeline(dataset.contract.columns, estimator)
    return fit_pipeline(pipeline, dataset.matrix, dataset.target), {"estimator": project.model.estimator}


def _fit_selected(dataset: Dataset, seed: int, report: Report) -> tuple[Pipeline, dict[str, Any]]:
    """The best of the compared pipelines, and what it was compared with."""

    def progress(step: str, done: int, total: int) -> None:
        report(step, 0.1 + 0.6 * done / total)

    selection = select_model(dataset, progress, seed)
    trials = []
    for trial in selection.trials:
        trials.append({"name": trial.name, selection.metric: trial.loss, "spread": trial.spread})
    return selection.model, {
        "estimator": selection.winner,
        "compared": trials,
        "compared_rows": selection.compared_rows,
    }
