"""Trains listings once and publishes it three ways: `python -m benchmarks.gluon.publish FOLDER`.

`FOLDER/predictor` is AutoGluon's own, for the original design; `FOLDER/worker` and `FOLDER/compiled` are projects whose
version in production is served by a worker process and from one graph; `FOLDER/bodies.jsonl` holds rows to ask.
"""

import shutil
import sys
from pathlib import Path

import pandas as pd

from vaticina.bootstrap import Workspace, quietly
from vaticina.cli.bundled_examples import copy_example
from vaticina.formats.autogluon.fit import train
from vaticina.formats.autogluon.model import FOLDER
from vaticina.serving.slot import examples
from vaticina.usecases.compile import served_form
from vaticina.usecases.train import Trained

FORMS = ("worker", "compiled")


def main(folder: Path) -> None:
    """Makes all of it."""
    for form in FORMS:
        copy_example("listings", "listings", folder / form)
    trained = train(Workspace(folder / FORMS[0]).project, quietly)
    trained.model.predictor.clone_for_deployment(str(folder / FOLDER))
    publish(trained, folder / "worker", compiled=False)
    publish(trained, folder / "compiled", compiled=True)
    items = pd.read_parquet(folder / FORMS[0] / "data" / "test_data.parquet").drop(columns="condition")
    items.to_json(folder / "bodies.jsonl", orient="records", lines=True)
    shutil.copytree(folder / FORMS[0] / "data", folder / "compiled" / "data", dirs_exist_ok=True)


def publish(trained: Trained, project: Path, compiled: bool) -> None:
    """The version in production. Raises SystemExit when a graph was asked for and not proved."""
    family, files, opened = trained.model.family, None, trained.model
    if compiled:
        served = served_form(trained.model, trained.contract, trained.rows)
        family, files, opened = served.runtime, served.files, served.opened
        if family != "onnx":
            raise SystemExit(f"not compiled: {served.verification}")
    workspace = Workspace(project)
    registry = workspace.registry()
    shown = examples(trained.contract, opened, trained.held.rows)
    manifest = registry.publish(
        "listings", trained.contract, family, files or trained.model.files(), training=trained.facts, examples=shown
    )
    registry.promote("listings", manifest.version)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
