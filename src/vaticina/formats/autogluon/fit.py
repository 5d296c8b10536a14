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
from typing import Any, cast

import pandas as pd
from autogluon.tabular import TabularPredictor

from vaticina.contract import Contract, Project
from vaticina.contract.contract import Model
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.params import Params
from vaticina.datasets.training_data import TrainingData
from vaticina.errors import ProjectError, TrainingError
from vaticina.formats.autogluon import graph
from vaticina.formats.autogluon.frame import frame
from vaticina.formats.autogluon.model import AutogluonModel
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
    """Within the block AutoGluon and its libraries neither warn nor log, which they do of what is on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)  # AutoGluon logs a missing torch as an error
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def table(data: Dataset) -> pd.DataFrame:
    """The rows of ``data`` as AutoGluon takes them, with the target as ``TARGET``: a class, or a number."""
    rows = frame(data.contract, data.matrix)
    classes = data.contract.classes
    if data.target is not None:
        rows[TARGET] = data.target
        if classes:
            rows[TARGET] = [classes[index] for index in data.target.tolist()]
    return rows


def _predictor(contract: Contract) -> TabularPredictor:
    kind = {0: "regression", 2: "binary"}.get(len(contract.classes), "multiclass")
    options: dict[str, Any] = {}
    if kind == "binary":
        options["positive_class"] = contract.classes[contract.positive_index]
    folder = tempfile.mkdtemp(prefix="vaticina-autogluon-")
    try:
        predictor = TabularPredictor(
            label=TARGET,
            problem_type=kind,
            eval_metric=contract.model.eval_metric or METRICS[kind],
            path=str(Path(folder, "runs")),
            verbosity=0,
            **options,
        )
    except (ValueError, AssertionError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ProjectError(f"[model] eval_metric = {contract.model.eval_metric!r}: {_first_line(error)}") from None
    weakref.finalize(predictor, shutil.rmtree, folder, ignore_errors=True)
    return predictor


def _fit(predictor: TabularPredictor, rows: pd.DataFrame, model: Model, params: Params) -> None:
    options: dict[str, Any] = {"num_cpus": "auto", "calibrate_decision_threshold": "auto", "presets": model.presets}
    if len(rows) <= SMALL_TABLE:
        options["num_cpus"] = 1  # see threads.py: a second one only spins
    if model.threshold is not None:
        options["calibrate_decision_threshold"] = False
    if isinstance(model.presets, tuple):
        options["presets"] = list(model.presets)
    members = model.hyperparameters
    if not members and not model.presets:
        members = MEMBERS
    try:
        predictor.fit(
            rows,
            time_limit=model.time_limit,
            hyperparameters=members or None,
            num_gpus=0,
            **options,
            **params.model,
        )
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise ProjectError(f"AutoGluon does not take what [model] says: {_first_line(error)}") from error
    except RuntimeError as error:
        raise TrainingError(f"AutoGluon fitted no model: {_first_line(error)}") from error
    if not predictor.model_names():
        raise TrainingError("AutoGluon fitted no model; give it more time ([model] time_limit), or more rows.")


def _calibrate(predictor: TabularPredictor, contract: Contract) -> None:
    """Sets the decision threshold that is best for the metric asked for. Raises ProjectError."""
    metric = contract.model.threshold_metric
    if metric is None or contract.model.threshold is not None or len(contract.classes) != 2:
        return
    try:
        threshold = predictor.calibrate_decision_threshold(metric=metric, verbose=False)
    except (ValueError, AssertionError) as error:
        raise ProjectError(f"[model] threshold_metric = {metric!r}: {_first_line(error)}") from None
    predictor.set_decision_threshold(threshold)


def _importance(predictor: TabularPredictor, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """How much worse the model's choice metric is with each input shuffled."""
    sample = rows.sample(min(len(rows), IMPORTANCE_ROWS), random_state=seed)
    importance: pd.DataFrame = predictor.feature_importance(sample, num_shuffle_sets=SHUFFLES, silent=True)
    return importance.rename_axis("input").reset_index()


def _with_threshold(contract: Contract, predictor: TabularPredictor) -> Contract:
    """The contract, with the decision threshold that AutoGluon calibrated, if it did."""
    if len(contract.classes) != 2 or contract.model.threshold is not None or predictor.decision_threshold == 0.5:
        return contract
    model = contract.model.model_copy(update={"threshold": float(predictor.decision_threshold)})
    fields = {name: getattr(contract, name) for name in Contract.model_fields}
    fields["model"] = model
    return Contract(**fields)  # checks once more that the outputs and the model fit each other


def _records(table: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    """Those of ``columns`` that the table has, as one dict for each row."""
    present = [name for name in columns if name in table.columns]
    return cast(list[dict[str, Any]], table[present].to_dict("records"))


def _csv(table: pd.DataFrame) -> bytes:
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()


def _first_line(error: Exception) -> str:
    """The first line of what ``error`` says; the name of its class when it says nothing."""
    lines = str(error).strip().splitlines()
    if lines:
        return lines[0]
    return type(error).__name__
