"""The composition root: opens what stands behind a project.

Heavy parts are imported inside the functions that need them, so that a server of a compiled model loads no training
library, and the command line no server.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from vaticina.contract import Bundle, Project, Runtime, load_project
from vaticina.errors import MissingExtra, ModelUnavailable, NotTrained, SettingsError
from vaticina.history import History
from vaticina.history.deferred_sql import DeferredSqlHistory
from vaticina.history.journal import SqliteJournal
from vaticina.registry import Registry, open_registry
from vaticina.serving.engine import Engine
from vaticina.serving.recorder import Recorder
from vaticina.serving.registry_versions import RegistryVersions
from vaticina.settings import Places, Settings, places, read_settings, with_defaults
from vaticina.sources import Collections
from vaticina.sources.collection_series import SeriesQuery


@contextmanager
def missing_libraries_named() -> Iterator[None]:
    """Raises MissingExtra, which tells how to install it, where a library is missing within the block."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vaticina"):
            raise
        raise MissingExtra.of(error.name, "This") from None


def open_runtime(bundle: Bundle, allow: frozenset[str] = frozenset()) -> Runtime:
    """The runtime of ``bundle``; ``allow`` are names that its pickle may import beside the list.

    Raises BundleCorrupt, PickleRefused and MissingExtra.
    """
    family = bundle.manifest.runtime
    if family in COMPILED:
        return COMPILED[family](bundle)
    from vaticina.formats import load

    with missing_libraries_named():
        return load(bundle, allow)


def _graph(bundle: Bundle) -> Runtime:
    from vaticina.tasks.graph_runtime import load_graph

    return load_graph(bundle)


def _windows(bundle: Bundle) -> Runtime:
    from vaticina.tasks.window.runtime import load_windows

    return load_windows(bundle)


COMPILED: dict[str, Callable[[Bundle], Runtime]] = {"onnx": _graph, "window": _windows}
"""Who loads the families that we compile; every other family is a format's."""


class Workspace:
    """A project folder, or a ``project`` whose project.toml is not written yet; opens what stands behind it."""

    def __init__(self, folder: Path, settings: Settings | None = None, project: Project | None = None) -> None:
        project = project or load_project(folder)
        self.settings = settings or read_settings(project.folder)
        self.project: Project = with_defaults(project, self.settings)
        self.places: Places = places(self.project, self.settings)

    def registry(self) -> Registry:
        """The registry of versions. Raises RegistryError."""
        return open_registry(self.places.store, self.places.cache)

    def history(self) -> History:
        """The history, its schema brought up to date when it is behind. Raises HistoryUnavailable."""
        self.places.state.mkdir(parents=True, exist_ok=True)
        history = self.open_history()
        if not history.is_current():
            from vaticina.history.migrate import upgrade

            with missing_libraries_named():
                upgrade(self.places.history)
        view = self.project.history.view
        if view is not None:  # a database may have been made for another project
            history.ensure_view(self.project.name, view.name, dict(view.columns.items()))
        return history

    def open_history(self) -> History:
        """The history with its tables as they are. A SQLite file is only written until somebody reads."""
        url, durability = self.places.history, self.project.history.durability
        path = url.removeprefix("sqlite:///")

        def whole() -> History:
            with missing_libraries_named():
                from vaticina.history.sql import open_history

                return open_history(url, durability=durability)

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
            with missing_libraries_named():
                from vaticina.sources.mongodb import open_mongodb

                return open_mongodb(url.get_secret_value(), self.settings.mongodb_database, time, zone)
        if self.settings.in_production:
            raise SettingsError(
                "MONGODB_URL is not set, and with ENVIRONMENT=production no series are kept in the embedded database: "
                "a cloud's disk forgets. Set MONGODB_URL and MONGODB_DATABASE."
            )
        from vaticina.sources.embedded import open_embedded

        return open_embedded(self.places.collections, time, zone)

    def series_request(self, collection: str, parameter: str | None = None, limit: int | None = None) -> SeriesQuery:
        """The series of ``collection`` as the project's ``[data]`` says: its column, and the field of its moments."""
        data, zone = self.project.data, ZoneInfo(self.project.project.timezone)
        return SeriesQuery(collection, parameter or data.target or "value", limit, data.time or "timestamp", zone)

    def engine(self, history: History) -> Engine:
        """The engine that answers for this project, recording in ``history``."""
        recorder = Recorder(history, self.project.history.durability)
        absent = NotTrained if self.project.kind.takes_series else ModelUnavailable
        return Engine(recorder, self.project.serving, absent)

    def versions(self) -> RegistryVersions:
        """The versions in the registry. Raises RegistryError."""
        opener = partial(open_runtime, allow=frozenset(self.project.imports.allow))
        return RegistryVersions(self.registry(), self.project.name, opener, self.project.serving)

    def reset(self) -> bool:
        """Lets no version answer any more until the next training; False when none did. Raises RegistryError."""
        return self.registry().withdraw(self.project.name, note="reset") is not None
