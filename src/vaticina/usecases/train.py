"""Training a project: fit, compile, verify, measure, publish, promote."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vaticina.bootstrap import Workspace, missing_libraries_named
from vaticina.contract import Bundle, Readings
from vaticina.errors import PickleRefused, ProjectError, VersionNotFound
from vaticina.formats import TRAINERS, check_servable
from vaticina.jobs.lock import file_lock
from vaticina.progress import Report, no_report
from vaticina.serving.registry_versions import ALIAS
from vaticina.sources.collection_series import CollectionSeries, read_series
from vaticina.tasks import TASKS
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.task import TrainingRequest
from vaticina.usecases.release import Published, release

ADVICE = "Choose another, or allow it: [import] allow."
"""What to do about a model that no server would open."""


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What a training asks for beside its collection: the column, how many documents, and the model's options."""

    parameter: str | None = None
    limit: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def train(
    workspace: Workspace,
    report: Report = no_report,
    options: Mapping[str, Any] | None = None,
    *,
    promote: bool = True,
) -> Published:
    """Trains on the project's data and publishes a version, which is promoted if it passes the gate.

    ``options`` and ``promote`` are for series, as in ``train_series``.

    Raises:
        DataError: the data cannot be used.
        ProjectError: the project's models are made elsewhere, or ``[model]`` names what is not there.
        TrainingError, PickleRefused: no model could be fitted to them, or none that a server opens.
    """
    project = workspace.project
    if project.kind.takes_series:
        return train_series(workspace, None, options, report, promote=promote)
    if not project.kind.is_trained:
        raise ProjectError(
            f"The models of {project.name} are made elsewhere, so nothing is trained here; "
            f"run: vaticina import MODEL --into {project.folder}"
        )
    return _released(workspace, _candidate(workspace, TrainingRequest(project), report), report, "trained", promote)


def _candidate(workspace: Workspace, request: TrainingRequest, report: Report) -> Candidate:
    """The trained model, by the format that ``[model] kind`` names, else by the task itself."""
    project = workspace.project
    task = TASKS[project.kind.task]
    if project.kind.trainer == "format":
        with missing_libraries_named():
            return TRAINERS[project.model.kind](task, request, report)
    with missing_libraries_named():
        return task.train(request, report)


def train_collection(
    workspace: Workspace, collection: str, request: SeriesRequest, report: Report = no_report, *, promote: bool = True
) -> tuple[Published, CollectionSeries]:
    """The same on a series of the project's collections, which is given back.

    Raises NoData, UnknownParameter, TooFewPoints, CollectionsUnavailable, SettingsError and ProjectError.
    """
    report("reading the series", 0.0)
    series = asyncio.run(_read(workspace, collection, request))
    return train_series(workspace, series.readings, request.options, report, promote=promote), series


async def _read(workspace: Workspace, collection: str, request: SeriesRequest) -> CollectionSeries:
    collections = workspace.collections()
    try:
        return await read_series(collections, workspace.series_request(collection, request.parameter, request.limit))
    finally:
        await collections.close()


def train_series(
    workspace: Workspace,
    readings: Readings | None,
    options: Mapping[str, Any] | None = None,
    report: Report = no_report,
    *,
    promote: bool = True,
) -> Published:
    """Trains one window on ``readings``, or on the project's own file, and publishes a version that keeps the windows
    of the one in production.

    ``options`` are those of ``[model] params`` (``window_size``, ``epochs``, ``learning_rate``, ``hidden``,
    ``horizon`` …) and win over them. The window's metrics, plain numbers, are the manifest's
    ``metrics["windows"][str(window_size)]``.

    Raises:
        TooFewPoints: the series is too short for the window; the message says how many points are needed.
        ProjectError: there is no such option, or it has a value that cannot be used.
    """
    with file_lock(workspace.places.state / "training.lock"):  # else two trainings would each drop the other's window
        request = TrainingRequest(
            workspace.project, {**_default_options(workspace), **(options or {})}, readings, _production(workspace)
        )
        candidate = _candidate(workspace, request, report)
        note = f"trained window {candidate.contract.windows[-1].size}"
        return _released(workspace, candidate, report, note, promote)


def _default_options(workspace: Workspace) -> dict[str, Any]:
    """What the environment says where a training does not."""
    settings = workspace.settings
    defaults = {"window_size": settings.default_window_size, "epochs": settings.default_epochs}
    return {name: value for name, value in defaults.items() if value is not None}


def _production(workspace: Workspace) -> Bundle | None:
    """The version in production, if there is one."""
    registry, name = workspace.registry(), workspace.project.name
    try:
        return registry.fetch(name, registry.resolve(name, ALIAS))
    except VersionNotFound:
        return None


def _released(workspace: Workspace, candidate: Candidate, report: Report, note: str, promote: bool) -> Published:
    """The published candidate. Raises PickleRefused, naming what of ``[model]`` asked for it."""
    try:
        check_servable(candidate.served.family, candidate.served.files, frozenset(workspace.project.imports.allow))
    except PickleRefused as error:
        model = workspace.project.model
        choice = f"kind = {model.kind!r}"
        if workspace.project.kind.names_estimator:
            choice = f"estimator = {model.estimator!r}"
        raise PickleRefused(f"[model] {choice} is not published: {error.message} {ADVICE}") from None
    return release(workspace, candidate, report, note=note, promote=promote)


def train_project(folder: str | Path) -> Published:
    """Trains the project in ``folder``, publishes the version and promotes it if it passes the gate."""
    return train(Workspace(Path(folder)))
