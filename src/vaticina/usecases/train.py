"""Training: from a project to a fitted model that was measured on rows it never saw."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from vaticina.contract import Contract, Matrix, Project
from vaticina.contract.quantities import check_outputs
from vaticina.datasets.dataset import Dataset, read_dataset
from vaticina.datasets.params import Params, read_params
from vaticina.errors import DataError, ProjectError, TrainingError
from vaticina.tasks.clusters.fit import fit_clusters, read_recipe
from vaticina.tasks.table.calibration import fit_calibrated
from vaticina.tasks.table.candidates import prepared
from vaticina.tasks.table.estimator import make_estimator
from vaticina.tasks.table.selection import choose, fit

Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model with the rows it saw (``train``) and those it did not (``held``).

    ``facts`` tell how the model came to be, ``data`` what it was made of; ``artefacts`` are more files to be kept.
    """

    model: Any
    contract: Contract
    train: Dataset
    held: Dataset
    facts: dict[str, Any]
    data: dict[str, Any]
    artefacts: dict[str, bytes] = field(default_factory=dict)

    @property
    def rows(self) -> Matrix:
        """All encoded rows there are, training and held-out."""
        return np.concatenate([self.train.matrix, self.held.matrix])


def train(project: Project, report: Report) -> Trained:
    """Fits the project's model on its training rows; the held-out ones are left for measuring.

    Raises:
        DataError: the data cannot be read or used.
        ProjectError: ``[model]`` names what is not there.
        TrainingError: no model could be fitted.
    """
    if project.model.kind == "imported":
        raise ProjectError(
            f"The models of {project.name} are made elsewhere, so nothing is trained here; "
            f"run: vaticina import MODEL --into {project.folder}"
        )
    parts = read_parts(project, report)
    fitters = {"table": _fit_table, "clusters": _fit_clusters}
    if project.model.kind not in fitters:
        raise ProjectError(f"[model] kind = {project.model.kind!r} cannot be trained here; use table or clusters.")
    model, facts = fitters[project.model.kind](project, parts.train, parts.params, report)
    return Trained(model, parts.train.contract, parts.train, parts.held, {**facts, **parts.facts}, parts.data)


@dataclass(frozen=True, slots=True)
class Parts:
    """A project's rows to train on and those held out, with its parameters.

    ``data`` tells what they were made of; ``facts`` are the parameters as a version keeps them.
    """

    train: Dataset
    held: Dataset
    params: Params
    data: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """What makes a run repeatable."""
        return {"seed": self.params.seed, "params": dict(self.params.model)}


def read_parts(project: Project, report: Report) -> Parts:
    """The project's data, generated if need be, read and divided. Raises DataError and ProjectError."""
    report("reading the data", 0.0)
    generate(project)
    params = read_params(project)
    data = read_dataset(project)
    check_outputs(data.contract)
    parts = data.split(params.test_size, params.seed)
    seen, held = data.take(parts.train), data.take(parts.held)
    told = {"rows": data.size, "train_rows": seen.size, "held_rows": held.size, "fingerprint": data.fingerprint}
    return Parts(seen, held, params, {**told, "target": project.data.target, "notes": data.notes})


def generate(project: Project) -> None:
    """Runs the project's own generator when its source is not there yet. Raises DataError."""
    source, script = project.data.source, project.data.generator
    if source is None or script is None or (project.folder / source).exists():
        return
    ran = subprocess.run([sys.executable, script], cwd=project.folder, capture_output=True, text=True, check=False)  # noqa: S603 -- the project's own script
    if ran.returncode or not (project.folder / source).exists():
        why = (ran.stderr.strip().splitlines() or ["it wrote no such file"])[-1]
        raise DataError(f"{script} did not make {source}: {why}")


def _fit_table(project: Project, data: Dataset, params: Params, report: Report) -> tuple[Any, dict[str, Any]]:
    pipeline, facts = _pipeline(project, data, params, report)
    if not project.model.calibrated:
        return pipeline, facts
    if data.target is None or not data.contract.classes:
        raise TrainingError("[model] calibrated = true needs a target of classes; a number has no probability.")
    report("calibrating", 0.7)
    return fit_calibrated(pipeline, data.matrix, data.target, params.seed), {**facts, "calibrated": True}


def _pipeline(project: Project, data: Dataset, params: Params, report: Report) -> tuple[Pipeline, dict[str, Any]]:
    if project.model.estimator == "auto":
        selection = choose(data, lambda step, done, total: report(step, 0.1 + 0.6 * done / total), params.seed)
        trials = [{"name": t.name, selection.metric: t.loss, "spread": t.spread} for t in selection.trials]
        return selection.model, {
            "estimator": selection.winner,
            "compared": trials,
            "compared_rows": selection.compared_rows,
        }
    report(f"fitting {project.model.estimator}", 0.2)
    estimator = make_estimator(project.model, params.model, params.seed, bool(data.contract.classes))
    pipeline = prepared(data.contract.columns, estimator)
    return fit(pipeline, data.matrix, data.target), {"estimator": project.model.estimator}


def _fit_clusters(project: Project, data: Dataset, params: Params, report: Report) -> tuple[Any, dict[str, Any]]:
    report("finding clusters", 0.2)
    names = [column.name for column in data.contract.columns]
    recipe = read_recipe(project.model.clusters, {"random_state": params.seed, **params.model}, names)
    model = fit_clusters(data.matrix, recipe, data.target)
    return model, {"estimator": "clusters", "clusters": len(model.members)}
