"""What the environment says: the only place that reads it.

Precedence: flag > environment > ``.env`` of the project > ``project.toml`` > default.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, SecretStr, ValidationError, field_validator
from pydantic import Field as Param
from pydantic_settings import BaseSettings, SettingsConfigDict

from vaticina.contract.fields import Integer
from vaticina.contract.project import About, Project, find_project, load_project
from vaticina.contract.windows import MAX_WINDOW
from vaticina.errors import ProjectError, SettingsError

STATE = ".vaticina"
"""The folder of a project that holds its registry, cache and history."""

PROJECTS = "VATICINA_PROJECTS"
"""How ``vaticina serve`` tells the server process which folders to serve."""


PRODUCTION = frozenset({"production", "prod"})

MAX_EPOCHS = 10_000


class Settings(BaseSettings):
    """The environment's variables, with ``.env`` below them."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    database_url: SecretStr | None = None
    home: Path | None = Param(default=None, validation_alias="VATICINA_HOME")
    store: str | None = Param(default=None, validation_alias="VATICINA_STORE")
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    port: int | None = Param(default=None, validation_alias=AliasChoices("APP_PORT", "PORT"), ge=1, le=65_535)
    server_host: str = "localhost"
    kept: Path | None = Param(default=None, validation_alias="VATICINA_CACHE")
    import_memory: float | None = Param(default=None, validation_alias="VATICINA_IMPORT_MEMORY", gt=0)
    """GiB."""
    import_minutes: float = Param(default=60.0, validation_alias="VATICINA_IMPORT_MINUTES", gt=0)
    xdg_cache_home: Path | None = None
    pyenv_root: Path | None = None

    environment: str = "development"
    """``production`` makes the difference; any other name is that of a place to try things."""
    mongodb_url: SecretStr | None = None
    mongodb_database: str | None = None
    default_window_size: int | None = Param(default=None, ge=1, le=MAX_WINDOW)
    default_epochs: int | None = Param(default=None, ge=1, le=MAX_EPOCHS)
    model_save_path: Path | None = None

    @field_validator("log_level", "environment", mode="before")
    @classmethod
    def _lower(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @property
    def in_production(self) -> bool:
        """Whether ``ENVIRONMENT`` says so: JSON logs, no reload, no embedded collections."""
        return self.environment in PRODUCTION


def read_settings(folder: Path | None = None) -> Settings:
    """The settings for the project in ``folder``. Raises SettingsError, naming the variable but never its value."""
    try:
        return Settings(_env_file=folder / ".env" if folder else None)  # type: ignore[call-arg]
    except ValidationError as error:
        item = error.errors(include_url=False, include_input=False)[0]
        name = str(item["loc"][0]).upper()
        raise SettingsError(f"The variable {name} cannot be used: {item['msg']}.") from None


class Aws(BaseSettings):
    """The variables of AWS that tell where credentials, region and endpoint are; obstore and boto3 read them too."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    aws_access_key_id: SecretStr | None = None
    aws_web_identity_token_file: Path | None = None
    aws_container_credentials_relative_uri: str | None = None
    aws_container_credentials_full_uri: str | None = None
    aws_profile: str | None = None
    aws_default_profile: str | None = None
    aws_shared_credentials_file: Path = Path("~/.aws/credentials")
    aws_config_file: Path = Path("~/.aws/config")
    aws_region: str | None = None
    aws_default_region: str | None = None
    aws_endpoint: str | None = None
    aws_endpoint_url: str | None = None
    aws_endpoint_url_s3: str | None = None
    aws_ignore_configured_endpoint_urls: str = ""

    @property
    def profile(self) -> str:
        """The name of the profile in use; like botocore, the older variable comes first."""
        return self.aws_default_profile or self.aws_profile or "default"

    @property
    def has_region(self) -> bool:
        """Whether a variable names the region."""
        return bool(self.aws_region or self.aws_default_region)

    @property
    def has_endpoint(self) -> bool:
        """Whether a variable names the endpoint of S3, or says that none of a profile counts."""
        is_ignored = self.aws_ignore_configured_endpoint_urls.lower() == "true"
        return is_ignored or bool(self.aws_endpoint or self.aws_endpoint_url or self.aws_endpoint_url_s3)


def has_aws_profile() -> bool:
    """Whether credentials are to be taken from what ``aws configure`` wrote: the environment holds none."""
    aws = Aws()
    if (
        aws.aws_access_key_id
        or aws.aws_web_identity_token_file
        or aws.aws_container_credentials_relative_uri
        or aws.aws_container_credentials_full_uri
    ):
        return False
    files = (aws.aws_shared_credentials_file, aws.aws_config_file)
    return aws.aws_profile is not None or any(file.expanduser().is_file() for file in files)


def user_cache(settings: Settings) -> Path:
    """The folder of what is kept for all projects of this user and can be made anew."""
    if settings.kept:
        return settings.kept.expanduser().absolute()
    return (settings.xdg_cache_home or Path.home() / ".cache") / "vaticina"


def pyenv_root(settings: Settings) -> Path:
    """Where pyenv keeps its interpreters, if it is used."""
    return settings.pyenv_root or Path.home() / ".pyenv"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a project's state lives: ``state`` is the folder of what is not put elsewhere."""

    state: Path
    store: str
    cache: Path
    history: str
    collections: Path
    """The embedded database of time series."""


def with_defaults(project: Project, settings: Settings) -> Project:
    """``project`` as ``DEFAULT_WINDOW_SIZE`` has it: what a prediction that names no window asks for."""
    size = settings.default_window_size
    asked = next((name for name, field in project.inputs.items() if isinstance(field, Integer)), None)
    if size is None or asked is None or not project.kind.takes_series:
        return project
    field = project.inputs[asked].model_copy(update={"default": size})
    return project.model_copy(update={"inputs": {**project.inputs, asked: field}})


def places(project: Project, settings: Settings) -> Places:
    """The registry's URL, the local cache and the history's URL of ``project``."""
    home = settings.home.expanduser().resolve() if settings.home else project.folder / STATE
    store = settings.store or _saved(project, settings) or (home / "registry").as_posix()
    return Places(home, store, home / "cache", _history_url(project, settings, home), home / "collections.db")


def _saved(project: Project, settings: Settings) -> str | None:
    """Where ``MODEL_SAVE_PATH`` puts the versions of a project that trains over HTTP.

    The document names a file; versions are folders, so ``models/saved_model.pkl`` means the folder
    ``models/saved_model``. It starts at the project's folder, wherever the server was started.
    """
    if settings.model_save_path is None or not project.kind.takes_series:
        return None
    return (project.folder / settings.model_save_path.expanduser().with_suffix("")).as_posix()


def _history_url(project: Project, settings: Settings, home: Path) -> str:
    if settings.database_url:
        return settings.database_url.get_secret_value()
    url = project.history.url
    if url is None or (settings.home and url.startswith("sqlite:///")):
        return f"sqlite:///{(home / 'history.db').as_posix()}"
    relative = url.removeprefix("sqlite:///")
    if relative != url and not relative.startswith("/"):
        return f"sqlite:///{(project.folder / relative).as_posix()}"
    return url


def usual_server(folder: Path) -> str:
    """Where a client in ``folder`` finds its server, when nobody says.

    ``SERVER_HOST``, which may name a port or be a whole URL; else the port is ``APP_PORT``, ``PORT``, that of the
    project in or above the folder, or 8000. Raises SettingsError.
    """
    try:
        project = load_project(find_project(folder))
    except ProjectError:
        return _url(read_settings(), About.model_fields["port"].default)
    return _url(read_settings(project.folder), project.project.port)


def _url(settings: Settings, port: int) -> str:
    host = settings.server_host.strip()
    if "://" in host:
        return host
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"  # an IPv6 address
    has_port = host.rpartition("]")[2].count(":") == 1
    return f"http://{host}" if has_port else f"http://{host}:{settings.port or port}"


def served_folders() -> list[Path]:
    """The folders ``vaticina serve`` handed over. Raises SettingsError when there is none."""
    value = os.environ.get(PROJECTS, "")
    if not value:
        raise SettingsError(f"{PROJECTS} is empty; start the server with 'vaticina serve PROJECT'.")
    return [Path(part) for part in value.split(os.pathsep)]


def own_command(*words: str | Path) -> list[str]:
    """This command line with ``words``, for a process of its own.

    ``-P``: a file of the current folder must not take the place of a library.
    """
    return [sys.executable, "-P", "-m", "vaticina", *map(str, words)]


PLAIN_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "SYSTEMROOT",
)
"""What an interpreter needs to run; none of them holds a secret."""


def plain_environment(home: Path) -> dict[str, str]:
    """The environment of a process that opens a stranger's files: no credentials, and ``home`` for its own files."""
    environment = {"HOME": str(home), "TMPDIR": str(home)}
    for name in PLAIN_VARIABLES:
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment


def environment_with(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``changes``, for a process that it starts."""
    return {**os.environ, **changes}


def hand_over(folders: Sequence[Path]) -> None:
    """Names the folders to serve, for this process and those it starts."""
    os.environ[PROJECTS] = os.pathsep.join(map(str, folders))
