"""Trains listings once and publishes it three ways: `python -m benchmarks.gluon.publish FOLDER`.

`FOLDER/predictor` is AutoGluon's own, for the original design; `FOLDER/worker` and `FOLDER/compiled` are projects whose
version in production is served by a worker process and from one graph; `FOLDER/bodies.jsonl` holds rows to ask.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vaticina.bootstrap import Workspace
from vaticina.cli.bundled_examples import copy_example
from vaticina.datasets.training_data import TrainingData, read_training_data
from vaticina.formats.autogluon.fit import fit_project
from vaticina.formats.autogluon.model import FOLDER, AutogluonModel
from vaticina.progress import no_report
from vaticina.tasks import served_form
from vaticina.tasks.examples import answered_examples
from vaticina.tasks.row_training import FittedModel
from vaticina.tasks.served_model import ServedModel

FORMS = ("worker", "compiled")


def main(folder: Path) -> None:
    """Makes all of it."""
    for form in FORMS:
        copy_example("listings", "listings", folder / form)
    project = Workspace(folder / FORMS[0]).project
    data = read_training_data(project, no_report)
    fitted = fit_project(project, data, no_report)
    if not isinstance(fitted.model, AutogluonModel):
        raise SystemExit("AutoGluon fitted no model")
    fitted.model.predictor.clone_for_deployment(str(folder / FOLDER))
    publish(fitted, data, folder / "worker", compiled=False)
    publish(fitted, data, folder / "compiled", compiled=True)
    items = pd.read_parquet(folder / FORMS[0] / "data" / "test_data.parquet").drop(columns="condition")
    items.to_json(folder / "bodies.jsonl", orient="records", lines=True)
    shutil.copytree(folder / FORMS[0] / "data", folder / "compiled" / "data", dirs_exist_ok=True)


def publish(fitted: FittedModel, data: TrainingData, project: Path, compiled: bool) -> None:
    """The version in production. Raises SystemExit when a graph was asked for and not proved."""
    model: Any = fitted.model
    served = ServedModel(model.family, model.files(), {}, model)
    if compiled:
        rows = np.concatenate([data.train.matrix, data.held_out.matrix])
        served = served_form(model, fitted.contract, rows)
        if served.family != "onnx":
            raise SystemExit(f"not compiled: {served.verification}")
    workspace = Workspace(project)
    registry = workspace.registry()
    manifest = registry.publish(
        "listings",
        fitted.contract,
        served.family,
        served.files,
        training=fitted.facts,
        examples=answered_examples(fitted.contract, served.runtime, data.held_out.rows),
    )
    registry.promote("listings", manifest.version)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
