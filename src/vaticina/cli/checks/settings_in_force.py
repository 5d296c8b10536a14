"""The settings that are in force, and where each came from."""

from typing import NamedTuple
from urllib.parse import urlsplit

from vaticina.bootstrap import Workspace
from vaticina.settings import read_settings

SECRET = "***"  # noqa: S105 -- stands for one


class Setting(NamedTuple):
    """A setting with its value, secrets masked, and what it was taken from."""

    name: str
    value: str
    source: str


def settings_in_force(workspace: Workspace) -> list[Setting]:
    """The settings of ``workspace``, by the precedence environment > .env > project.toml > default."""
    project, settings, places = workspace.project, workspace.settings, workspace.places
    given = _Given(workspace)
    url = project.history.url
    kept = url is not None and not (settings.home and url.startswith("sqlite:"))
    port = "project.toml" if "port" in project.project.model_fields_set else "default"
    auth = "project.toml" if "auth" in project.security.model_fields_set else "default"
    return [
        Setting("port", str(settings.port or project.project.port), given("port") or port),
        Setting(
            "store", masked(places.store), given("store") or _saved(workspace, given) or given("home") or "default"
        ),
        Setting(
            "history",
            masked(places.history),
            given("database_url") or ("project.toml" if kept else given("home") or "default"),
        ),
        Setting("cache", str(places.cache), given("home") or "default"),
        Setting("log level", settings.log_level, given("log_level") or "default"),
        Setting("auth", project.security.auth, auth),
        Setting("environment", settings.environment, given("environment") or "default"),
        *(_of_series(workspace, given) if project.kind.takes_series else ()),
    ]


def _of_series(workspace: Workspace, given: "_Given") -> list[Setting]:
    """The settings of a project that trains on collections."""
    settings, params = workspace.settings, workspace.project.model.params
    url = settings.mongodb_url.get_secret_value() if settings.mongodb_url else str(workspace.places.collections)
    own: dict[str, str] = {
        name: str(params[name]) for name in ("window_size", "epochs") if not isinstance(params, str) and name in params
    }

    def number(name: str, field: str, value: int | None, otherwise: int) -> Setting:
        origin = given(field) or ("project.toml" if name in own else "default")
        return Setting(name.replace("_", " "), str(own.get(name, otherwise) if value is None else value), origin)

    return [
        Setting("collections", masked(url), given("mongodb_url") or given("home") or "default"),
        Setting("database", settings.mongodb_database or "none", given("mongodb_database") or "default"),
        number("window_size", "default_window_size", settings.default_window_size, 10),
        number("epochs", "default_epochs", settings.default_epochs, 100),
    ]


def _saved(workspace: Workspace, given: "_Given") -> str | None:
    return given("model_save_path") if workspace.project.kind.takes_series else None


def masked(url: str) -> str:
    """``url`` without its password and its parameters, which may hold one."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    secret = SECRET if colon else ""
    return parts._replace(netloc=f"{name}{colon}{secret}{at}{host}", query=SECRET if parts.query else "").geturl()


class _Given:
    """Tells which variables are set, and where: in the environment, or in the project's .env."""

    def __init__(self, workspace: Workspace) -> None:
        self._environment = read_settings().model_fields_set
        self._file = workspace.settings.model_fields_set

    def __call__(self, field: str) -> str | None:
        if field in self._environment:
            return f"environment ({VARIABLES[field]})"
        return f".env ({VARIABLES[field]})" if field in self._file else None


VARIABLES = {
    "port": "APP_PORT or PORT",
    "store": "VATICINA_STORE",
    "home": "VATICINA_HOME",
    "database_url": "DATABASE_URL",
    "log_level": "LOG_LEVEL",
    "environment": "ENVIRONMENT",
    "mongodb_url": "MONGODB_URL",
    "mongodb_database": "MONGODB_DATABASE",
    "default_window_size": "DEFAULT_WINDOW_SIZE",
    "default_epochs": "DEFAULT_EPOCHS",
    "model_save_path": "MODEL_SAVE_PATH",
    "server_host": "SERVER_HOST",
}
"""The variable behind each field of the settings."""
