"""AutoGluon: many models within a time limit, weighed against each other; on the processor, without torch."""

import io
import logging
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from autogluon.tabular import TabularPredictor

from vaticina.contract import Contract, Project
from vaticina.contract.contract import Model
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.params import Params
from vaticina.datasets.training_data import TrainingData
from vaticina.errors import ProjectError, TrainingError
from vaticina.formats.autogluon import graph
from vaticina.formats.autogluon.model import AutogluonModel, frame
from vaticina.progress import Report
from vaticina.tasks.row_training import FittedModel
from vaticina.tasks.threads import SMALL_TABLE

TARGET = "__target__"
"""The name of the target's column; an input may be called anything else."""

MEMBERS: dict[str, Any] = {
    "GBM": [{}, {"extra_trees": True, "ag_args": {"name_suffix": "XT"}}],
    "RF": {"n_estimators": 100, "min_samples_leaf": 3},
    "XT": {"n_estimators": 100, "min_samples_leaf": 3},
    "LR": {"proc.skew_threshold": None},
}
"""What is trained when nothing is asked for: families that all compile."""

METRICS = {"binary": "log_loss", "multiclass": "log_loss", "regression": "root_mean_squared_error"}
"""What models are chosen by unless the project says: answers hold probabilities, so these should be right."""

IMPORTANCE_ROWS = 1_000
SHUFFLES = 3

CONVERTER_FILES = (graph,)
"""Converters of our own classes, registered by being imported."""


def fit_project(_: Project, data: TrainingData, report: Report) -> FittedModel:
    """AutoGluon fitted to the project's training rows.

    Raises:
        ProjectError: ``[model]`` asks for what AutoGluon does not know.
        TrainingError: no model could be fitted.
    """
    report("AutoGluon is training", 0.2)
    return fit_autogluon(data.train, data.held_out, data.params)


def fit_autogluon(data: Dataset, held: Dataset, params: Params) -> FittedModel:
    """Trains on ``data``, of which AutoGluon holds out some rows itself to choose by; ``held`` only tells importance.

    Raises:
        ProjectError: AutoGluon knows no such preset, family, metric or argument.
        TrainingError: no model could be fitted, or the data have no target.
    """
    if data.target is None:
        raise TrainingError("AutoGluon needs a target: write [data] target into project.toml.")
    rows = table(data)
    predictor = _predictor(data.contract)
    with quietly():
        _fit(predictor, rows, data.contract.model, params)
        _calibrate(predictor, data.contract)
        board = predictor.leaderboard(skip_score=True, display=False)
        importance = _importance(predictor, table(held), params.seed)
    contract = _with_threshold(data.contract, predictor)
    facts = {
        "estimator": f"autogluon {predictor.model_best}",
        "threshold": contract.model.threshold,
        "leaderboard": _records(board, ["model", "score_val", "pred_time_val", "fit_time"]),
        "importance": _records(importance, ["input", "importance", "stddev", "p_value"]),
    }
    artefacts = {"leaderboard.csv": _csv(board), "feature_importance.csv": _csv(importance)}
    return FittedModel(AutogluonModel(predictor, contract), contract, facts, artefacts)


@contextmanager
def quietly() -> Iterator[None]:
    """Without what AutoGluon and its libraries warn of, which is what it does on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)  # that torch is not there is told as one
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def table(data: Dataset) -> pd.DataFrame:
    """The rows of ``data`` as AutoGluon takes them, with the target as ``TARGET``: a class, or a number."""
    rows = frame(data.contract, data.matrix)
    classes = data.contract.classes
    if data.target is not None:
        rows[TARGET] = [classes[index] for index in data.target.tolist()] if classes else data.target
    return rows


def _predictor(contract: Contract) -> TabularPredictor:
    kind = {0: "regression", 2: "binary"}.get(len(contract.classes), "multiclass")
    positive = {"positive_class": contract.classes[contract.positive_index]} if kind == "binary" else {}
    folder = tempfile.mkdtemp(prefix="vaticina-autogluon-")
    try:
        predictor = TabularPredictor(
            label=TARGET,
            problem_type=kind,
            eval_metric=contract.model.eval_metric or METRICS[kind],
            path=str(Path(folder, "runs")),
            verbosity=0,
            **positive,
        )
    except (ValueError, AssertionError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ProjectError(f"[model] eval_metric = {contract.model.eval_metric!r}: {_line(error)}") from None
    weakref.finalize(predictor, shutil.rmtree, folder, ignore_errors=True)
    return predictor


def _fit(predictor: TabularPredictor, rows: pd.DataFrame, model: Model, params: Params) -> None:
    members = model.hyperparameters or (None if model.presets else MEMBERS)
    presets = list(model.presets) if isinstance(model.presets, tuple) else model.presets
    try:
        predictor.fit(
            rows,
            time_limit=model.time_limit,
            presets=presets,
            hyperparameters=members,
            num_cpus=1 if len(rows) <= SMALL_TABLE else "auto",  # see threads.py: a second one only spins
            num_gpus=0,
            calibrate_decision_threshold=False if model.threshold is not None else "auto",
            **params.model,
        )
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise ProjectError(f"AutoGluon does not take what [model] says: {_line(error)}") from error
    except RuntimeError as error:
        raise TrainingError(f"AutoGluon fitted no model: {_line(error)}") from error
    if not predictor.model_names():
        raise TrainingError("AutoGluon fitted no model; give it more time ([model] time_limit), or more rows.")


def _calibrate(predictor: TabularPredictor, contract: Contract) -> None:
    """Sets the decision threshold that is best for the metric asked for. Raises ProjectError."""
    metric = contract.model.threshold_metric
    if metric is None or contract.model.threshold is not None or len(contract.classes) != 2:
        return
    try:
        found = predictor.calibrate_decision_threshold(metric=metric, verbose=False)
    except (ValueError, AssertionError) as error:
        raise ProjectError(f"[model] threshold_metric = {metric!r}: {_line(error)}") from None
    predictor.set_decision_threshold(found)


def _importance(predictor: TabularPredictor, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """How much worse the model's choice metric is with each input shuffled."""
    some = rows.sample(min(len(rows), IMPORTANCE_ROWS), random_state=seed)
    found = predictor.feature_importance(some, num_shuffle_sets=SHUFFLES, silent=True)
    return found.rename_axis("input").reset_index()


def _with_threshold(contract: Contract, predictor: TabularPredictor) -> Contract:
    """The contract, with the decision threshold that AutoGluon calibrated, if it did."""
    if len(contract.classes) != 2 or contract.model.threshold is not None or predictor.decision_threshold == 0.5:
        return contract
    found = contract.model.model_copy(update={"threshold": float(predictor.decision_threshold)})
    fields = {name: getattr(contract, name) for name in Contract.model_fields}
    return Contract(**{**fields, "model": found})


def _records(found: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    kept = found[[name for name in columns if name in found.columns]]
    return [{str(name): value for name, value in row.items()} for row in kept.to_dict("records")]


def _csv(found: pd.DataFrame) -> bytes:
    text = io.StringIO()
    found.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
