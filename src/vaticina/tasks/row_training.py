"""Training on rows: from a project's data to a candidate that was measured on held-out rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vaticina.contract import Bundle, Contract, Encoder, Matrix, Outputs, Project, Runtime
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.training_data import TrainingData, read_training_data
from vaticina.errors import TrainingError
from vaticina.evaluation.baseline import make_baseline
from vaticina.progress import Report
from vaticina.tasks.candidate import Candidate, Compare, Measurements
from vaticina.tasks.compilation import ImproperAnswers, served_form
from vaticina.tasks.examples import answered_examples
from vaticina.tasks.served_model import ServedModel
from vaticina.tasks.task import Task, TrainingRequest


@dataclass(frozen=True, slots=True)
class FittedModel:
    """A model fitted to training rows, and the contract that it answers to.

    ``facts`` say how it was made; ``artefacts`` are more files for its bundle.
    """

    model: object
    contract: Contract
    facts: dict[str, Any]
    artefacts: dict[str, bytes] = field(default_factory=dict)


Fit = Callable[[Project, TrainingData, Report], FittedModel]
"""Fits a model to a project's training rows."""

Measure = Callable[[Outputs, Dataset], Measurements]
"""The metrics of outputs for the rows of a dataset."""


def train_on_rows(task: Task, request: TrainingRequest, fit: Fit, measure: Measure, report: Report) -> Candidate:
    """The model that ``fit`` makes of the project's training rows, measured on the held-out ones.

    Raises:
        DataError: the data cannot be read or used.
        ProjectError: ``[model]`` names what is not there.
        TrainingError: no model could be fitted.
    """
    data = read_training_data(request.project, report)
    fitted = fit(request.project, data, report)
    report("compiling and verifying", 0.75)
    rows = np.concatenate([data.train.matrix, data.held_out.matrix])
    served = _served_form(task, fitted, rows)
    report("measuring on held-out rows", 0.9)
    train, held_out = data.train.with_contract(fitted.contract), data.held_out.with_contract(fitted.contract)
    metrics = measure(served.runtime.predict(held_out.matrix), held_out)
    return Candidate(
        contract=fitted.contract,
        served=served,
        examples=answered_examples(fitted.contract, served.runtime, held_out.rows),
        training={**fitted.facts, **data.facts},
        data=data.summary,
        metrics=metrics,
        baseline=make_baseline(train, served.runtime.predict(train.matrix)),
        artefacts=fitted.artefacts,
        compare=_comparison(metrics, measure, held_out),
    )


def _served_form(task: Task, fitted: FittedModel, rows: Matrix) -> ServedModel:
    """The form in which the fitted model is served. Raises TrainingError when it gives no probabilities."""
    try:
        return served_form(task, fitted.model, fitted.contract, rows)
    except ImproperAnswers as error:
        raise TrainingError(
            f"The model does not give probabilities: {error}; name another [model] estimator, or set calibrated = true."
        ) from None


def _comparison(metrics: Measurements, measure: Measure, held_out: Dataset) -> Compare:
    """Measures another version on the same held-out rows, unless it takes or answers something else."""

    def compare(bundle: Bundle, runtime: Runtime) -> tuple[Measurements, Measurements] | None:
        contract = bundle.manifest.contract
        has_same_classes = contract.classes == held_out.contract.classes
        if not has_same_classes or not contract.inputs.keys() <= held_out.contract.inputs.keys():
            return None
        return metrics, measure(runtime.predict(Encoder(contract).matrix(held_out.rows)), held_out)

    return compare
