"""The composition root: the only place that knows which part stands behind which name.

Heavy parts are named in tables and imported when asked for, so that a server of a compiled model loads no training
library and a training run no server.
"""

import asyncio
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vaticina.contract import Bundle, Manifest, Project, Readings, Runtime, load_project
from vaticina.errors import (
    BundleCorrupt,
    HistoryUnavailable,
    MissingExtra,
    ModelUnavailable,
    NotTrained,
    PickleRefused,
    RegistryError,
    SettingsError,
    VersionNotFound,
)
from vaticina.evaluation.gate import judge
from vaticina.history import History
from vaticina.history.deferred_sql import DeferredSqlHistory
from vaticina.history.journal import SqliteJournal
from vaticina.jobs.lock import file_lock
from vaticina.registry import Registry, open_registry
from vaticina.serving.engine import Engine
from vaticina.serving.recorder import Recorder
from vaticina.serving.registry_versions import ALIAS, RegistryVersions
from vaticina.serving.slot import examples
from vaticina.settings import Places, Settings, own_command, places, read_settings, with_defaults
from vaticina.sources import Collections
from vaticina.sources.collection_series import CollectionSeries, SeriesQuery, read_series

RUNTIMES = {
    "onnx": "vaticina.formats.onnx.compiled:load",
    "native": "vaticina.formats.sklearn.native:load",
    "autogluon": "vaticina.formats.autogluon.worker:load",
    "graph": "vaticina.formats.onnx.file_runtime:load",
    "window": "vaticina.tasks.window.runtime:load",
}
"""Runtime families by the name in a manifest, and who loads them: a function of the bundle and of its ``RULES``."""

RULES = {
    "onnx": "vaticina.pickles.audit:load_pickle",
    "native": "vaticina.pickles.audit:load_pickle",
    "autogluon": "vaticina.formats.autogluon.audit:audited",
    "graph": "vaticina.pickles.audit:load_pickle",
    "window": "vaticina.pickles.audit:load_pickle",
}
"""What opens a family's pickles, or says which may be opened."""

OPEN_HISTORY = "vaticina.history.sql:open_history"
MIGRATE = "vaticina.history.migrate:upgrade"
TRAIN = "vaticina.usecases.train:train"
TRAINERS = {"autogluon": "vaticina.formats.autogluon.fit:train"}
"""Who trains a kind of model that ``TRAIN`` does not, and needs an extra of the same name."""
MEASURE = "vaticina.evaluation.measure:measure"
MEASURE_CHAMPION = "vaticina.evaluation.measure:measure_champion"
BASELINE = "vaticina.evaluation.baseline:make_baseline"
SERVED_FORM = "vaticina.usecases.compile:served_form"
CHECK_OPENABLE = "vaticina.formats.openable:check_openable"
OTHERWISE = "Choose another, or params that do without (neighbours: algorithm = 'brute'), or allow it: [import] allow."
"""What to do about a model that no server would open."""
OPEN_MONGODB = "vaticina.sources.mongodb:open_mongodb"
OPEN_EMBEDDED = "vaticina.sources.embedded:open_embedded"
IMPORT = "vaticina.formats.sklearn.adopt:import_model"
ISOLATION = "vaticina.foreign.isolation:Isolation"
REPLAY = "vaticina.client.replay:replay"
READ_SERIES = "vaticina.datasets.series_file:read_series"
TRAIN_WINDOW = "vaticina.tasks.window.fit:train_project_window"
WINDOW_VERSION = "vaticina.tasks.window.version:window_version"
BESIDE_CHAMPION = "vaticina.tasks.window.evaluation:beside_champion"
COMPILED_WINDOW = "vaticina.tasks.window.graph:compiled_window"
WINDOW_RUNTIME = "vaticina.tasks.window.runtime:WindowRuntime"


Report = Callable[[str, float], None]
"""Told the step at work and the share done, from 0 to 1."""


def quietly(step: str, share: float) -> None:
    """Tells nobody."""


def resolve(target: str, extra: str = "train") -> Any:
    """The object ``module:name``. Raises MissingExtra when a library of that part is not installed."""
    module, _, name = target.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vaticina"):
            raise
        raise MissingExtra(f"This needs {error.name}; install it with: pip install 'vaticina[{extra}]'") from None


def open_runtime(bundle: Bundle, allow: frozenset[str] = frozenset()) -> Runtime:
    """The runtime of ``bundle``; ``allow`` are names that its pickle may import beside the list.

    Raises BundleCorrupt, PickleRefused and MissingExtra.
    """
    family = bundle.manifest.runtime
    if family not in RUNTIMES:
        raise BundleCorrupt(f"Version {bundle.version} needs the runtime {family!r}, which this Vaticina has not.")
    rule = resolve(RULES[family])
    runtime: Runtime = resolve(RUNTIMES[family])(bundle, partial(rule, allow=allow) if allow else rule)
    return runtime


@dataclass(frozen=True, slots=True)
class Asked:
    """What a training asks for beside its collection: the column, how many documents, and the model's options."""

    parameter: str | None = None
    limit: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Workspace:
    """A project folder with its settings and places; opens what stands behind them."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        project = load_project(folder)
        self.settings = settings or read_settings(project.folder)
        self.project: Project = with_defaults(project, self.settings)
        self.places: Places = places(self.project, self.settings)

    def registry(self) -> Registry:
        """The registry of versions. Raises RegistryError."""
        return open_registry(self.places.store, self.places.cache)

    def history(self) -> History:
        """The history, its schema brought up to date when it is behind. Raises HistoryUnavailable."""
        self.places.state.mkdir(parents=True, exist_ok=True)
        history = self._open_history()
        if not history.is_current():
            resolve(MIGRATE, "postgres")(self.places.history)
        if self.project.history.view:  # a database may have been made for another project
            history.ensure_view(self.project.name, self.project.history.view)
        return history

    def upgrade_history(self) -> None:
        """Brings the history's tables up to date in a process of its own: Alembic is not to stay in a server's memory.

        Raises HistoryUnavailable, with what that process said.
        """
        self.places.state.mkdir(parents=True, exist_ok=True)
        history = self._open_history()
        current = history.is_current()
        history.close()
        if current:
            return
        command = own_command("history", "upgrade", self.project.folder)
        ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own module
        if ran.returncode:
            raise HistoryUnavailable(ran.stderr.strip().removeprefix("error: ") or None)

    def _open_history(self) -> History:
        """A SQLite file is written by its journal alone until somebody reads; any other database is opened whole."""
        url, durability = self.places.history, self.project.history.durability
        path = url.removeprefix("sqlite:///")

        def whole() -> History:
            opened: History = resolve(OPEN_HISTORY, "postgres")(url, durability=durability)
            return opened

        if path == url or not path or "?" in path or path == ":memory:":
            return whole()
        return DeferredSqlHistory(SqliteJournal(Path(path), sync=durability == "sync"), whole)

    def collections(self) -> Collections:
        """The project's collections of time series: in MongoDB, or in a file of its own; connected when first used.

        Raises SettingsError for variables that cannot be used, and in production without MONGODB_URL; and MissingExtra.
        """
        zone = ZoneInfo(self.project.project.timezone)
        time = self.project.data.time or "timestamp"
        url = self.settings.mongodb_url
        if url is not None:
            secret = url.get_secret_value()
            found = resolve(OPEN_MONGODB, "mongodb")(secret, self.settings.mongodb_database, time, zone)
        elif self.settings.in_production:
            raise SettingsError(
                "MONGODB_URL is not set, and with ENVIRONMENT=production no series are kept in the embedded database: "
                "a cloud's disk forgets. Set MONGODB_URL and MONGODB_DATABASE."
            )
        else:
            found = resolve(OPEN_EMBEDDED)(self.places.collections, time, zone)
        collections: Collections = found
        return collections

    def engine(self, history: History) -> Engine:
        """The engine that answers for this project, recording in ``history``."""
        recorder = Recorder(history, self.project.history.durability)
        absent = NotTrained if self.project.model.kind == "window" else ModelUnavailable
        return Engine(recorder, self.project.serving, absent)

    def reset(self) -> bool:
        """Lets no version answer any more until the next training; False when none did. Raises RegistryError."""
        return self.registry().withdraw(self.project.name, note="reset") is not None

    def versions(self) -> RegistryVersions:
        """Where the engine's versions come from. Raises RegistryError."""
        opener = partial(open_runtime, allow=frozenset(self.project.imports.allow))
        return RegistryVersions(self.registry(), self.project.name, opener, self.project.serving)

    def train(
        self, report: Report = quietly, options: Mapping[str, Any] | None = None, *, promote: bool = True
    ) -> "Published":
        """Trains on the project's data and publishes a version, which is promoted if it passes the gate.

        ``options`` and ``promote`` are for kind ``window``, as in ``train_window``.

        Raises:
            DataError: the data cannot be used.
            TrainingError, PickleRefused: no model could be fitted to them, or none that a server opens.
        """
        kind = self.project.model.kind
        if kind == "window":
            report("reading the series", 0.0)
            return self.train_window(resolve(READ_SERIES)(self.project), options, report, promote=promote)
        trained = resolve(TRAINERS.get(kind, TRAIN), kind if kind in TRAINERS else "train")(self.project, report)
        report("compiling and verifying", 0.75)
        served = resolve(SERVED_FORM)(trained.model, trained.contract, trained.rows)
        self._check_openable(served)
        report("measuring on held-out rows", 0.9)
        metrics = resolve(MEASURE)(served.opened.predict(trained.held.matrix), trained.held)
        registry = self.registry()
        report("publishing", 0.95)
        manifest = registry.publish(
            self.project.name,
            trained.contract,
            served.runtime,
            {**served.files, **trained.artefacts},
            metrics=metrics,
            verification=served.verification,
            training=trained.facts,
            data=trained.data,
            git_commit=git_commit(self.project.folder),
            baseline=resolve(BASELINE)(trained.train, served.opened.predict(trained.train.matrix)),
            examples=examples(trained.contract, served.opened, trained.held.rows),
        )
        refusal = self._refusal(registry, manifest, trained.held)
        if refusal is None:
            registry.promote(self.project.name, manifest.version, note="trained")
        report("done", 1.0)
        return Published(manifest, refusal)

    def _check_openable(self, served: Any) -> None:
        """What a server would refuse to open is not published. Raises PickleRefused."""
        try:
            resolve(CHECK_OPENABLE)(served.runtime, served.files, frozenset(self.project.imports.allow))
        except PickleRefused as error:
            model = self.project.model
            asked = f"estimator = {model.estimator!r}" if model.kind == "table" else f"kind = {model.kind!r}"
            raise PickleRefused(f"[model] {asked} is not published: {error.message} {OTHERWISE}") from None

    def train_collection(
        self, collection: str, asked: Asked, report: Report = quietly, *, promote: bool = True
    ) -> tuple["Published", CollectionSeries]:
        """The same on a series of the project's collections, which is given back.

        Raises NoData, UnknownParameter, TooFewPoints, CollectionsUnavailable, SettingsError and ProjectError.
        """
        report("reading the series", 0.0)
        series = asyncio.run(self._read(self.wanted(collection, asked.parameter, asked.limit)))
        return self.train_window(series.readings, asked.options, report, promote=promote), series

    def wanted(self, collection: str, parameter: str | None = None, limit: int | None = None) -> SeriesQuery:
        """The series of ``collection`` as the project's ``[data]`` says: its column, and the field of its moments."""
        data, zone = self.project.data, ZoneInfo(self.project.project.timezone)
        return SeriesQuery(collection, parameter or data.target or "value", limit, data.time or "timestamp", zone)

    async def _read(self, wanted: SeriesQuery) -> CollectionSeries:
        collections = self.collections()
        try:
            return await read_series(collections, wanted)
        finally:
            await collections.close()

    def train_window(
        self,
        series: Readings,
        options: Mapping[str, Any] | None = None,
        report: Report = quietly,
        *,
        promote: bool = True,
    ) -> "Published":
        """Trains one window on ``series`` and publishes a version that keeps the windows of the one in production.

        ``options`` are those of ``[model] params`` (``window_size``, ``epochs``, ``learning_rate``, ``hidden``,
        ``horizon`` …) and win over them. The window's metrics, plain numbers, are the manifest's
        ``metrics["windows"][str(window_size)]``.

        Raises:
            TooFewPoints: the series is too short for the window; the message says how many points are needed.
            ProjectError: there is no such option, or it has a value that cannot be used.
        """
        given = {**self._defaults(), **(options or {})}
        with file_lock(self.places.state / "training.lock"):  # else two trainings would each drop the other's window
            return self._train_window(series, given, report, promote)

    def _defaults(self) -> dict[str, Any]:
        """What the environment says where a training does not."""
        found = {"window_size": self.settings.default_window_size, "epochs": self.settings.default_epochs}
        return {name: value for name, value in found.items() if value is not None}

    def _train_window(self, series: Readings, options: Mapping[str, Any], report: Report, promote: bool) -> "Published":
        trained = resolve(TRAIN_WINDOW)(self.project, series, options, report)
        report("compiling and verifying", 0.8)
        graph, verification = resolve(COMPILED_WINDOW)(trained.model, trained.samples.rows)
        registry = self.registry()
        earlier = self._earlier(registry)
        made = resolve(WINDOW_VERSION)(self.project, trained, series, graph, earlier)
        runtime = resolve(WINDOW_RUNTIME)(made.contract, [made.files[name] for name in made.names])
        report("publishing", 0.95)
        manifest = registry.publish(
            self.project.name,
            made.contract,
            "window",
            made.files,
            metrics=made.metrics,
            verification=verification,
            training=made.training,
            data=made.data,
            git_commit=git_commit(self.project.folder),
            examples=examples(made.contract, runtime, made.rows),
        )
        refusal = self._window_refusal(manifest, resolve(BESIDE_CHAMPION)(trained, series, earlier))
        if not promote:
            refusal = refusal or "it was not asked for"
        if refusal is None:
            registry.promote(self.project.name, manifest.version, note=f"trained window {trained.recipe.window_size}")
        report("done", 1.0)
        return Published(manifest, refusal)

    def _window_refusal(self, manifest: Manifest, both: tuple[dict[str, Any], dict[str, Any]] | None) -> str | None:
        """Why the gate keeps ``manifest`` from production; ``both`` are its and the champion's metrics on new rows."""
        gate = self.project.gate
        refusal = judge(gate, manifest.metrics, None) if gate else None
        if gate is None or refusal or both is None:
            return refusal
        return judge(gate.model_copy(update={"at_least": None, "at_most": None}), *both)

    def _earlier(self, registry: Registry) -> Bundle | None:
        """The version in production, if there is one."""
        try:
            return registry.fetch(self.project.name, registry.resolve(self.project.name, ALIAS))
        except VersionNotFound:
            return None

    def _refusal(self, registry: Registry, manifest: Manifest, held: Any) -> str | None:
        """Why the gate keeps ``manifest`` from production; None when it may go there."""
        if self.project.gate is None:
            return None
        return judge(self.project.gate, manifest.metrics, self._champion(registry, held))

    def _champion(self, registry: Registry, held: Any) -> dict[str, Any] | None:
        """The metrics of the version in production on the same held-out rows, if there is one to compare with."""
        try:
            version = registry.resolve(self.project.name, ALIAS)
            bundle = registry.fetch(self.project.name, version)
            runtime = open_runtime(bundle, frozenset(self.project.imports.allow))
        except RegistryError:
            return None
        found: dict[str, Any] | None = resolve(MEASURE_CHAMPION)(bundle, runtime, held)
        runtime.close()
        return found


@dataclass(frozen=True, slots=True)
class Published:
    """A version that was trained and published. ``refusal`` is why it was not promoted; None when it was."""

    manifest: Manifest
    refusal: str | None


def git_commit(folder: Path) -> str | None:
    """The commit of the project's checkout, if it is one."""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 -- git on PATH
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout.strip() or None


def train_project(folder: str | Path) -> Published:
    """Trains the project in ``folder``, publishes the version and promotes it if it passes the gate."""
    return Workspace(Path(folder)).train()
