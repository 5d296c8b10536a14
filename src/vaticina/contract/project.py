"""``project.toml``: a project's contract and how it is run."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic import Field as Param

from vaticina.contract.contract import AnyOutput, Contract, Envelope, Model, Output
from vaticina.contract.earlier_keys import view_of_text
from vaticina.contract.fields import AnyInput, Scalar, Text, ZoneName
from vaticina.contract.kinds import KINDS, Kind
from vaticina.contract.messages import Language
from vaticina.contract.notation import TableNotation
from vaticina.contract.unused_keys import drop_unused_keys
from vaticina.contract.windows import Window
from vaticina.errors import FormatTooNew, ProjectError

FORMAT = 1
PROJECT_FILE = "project.toml"


class Section(BaseModel):
    """A table of the file: unknown keys are refused, so that a typing error is not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class About(Section):
    """``[project]``."""

    name: str = Param(pattern=r"^[a-z][a-z0-9_-]{0,62}$")
    title: Text | None = None
    port: int = Param(default=8000, ge=1, le=65_535)
    timezone: ZoneName = "UTC"
    language: Language = "en"
    """The language of messages for callers who ask for none."""


class ContractRules(Section):
    """``[contract]``."""

    unknown: Literal["ignore", "refuse"] = "ignore"
    envelope: Envelope | None = None
    """``{request = "features", answer = "results"}`` takes ``{"features": [rows]}`` too."""


class Data(TableNotation):
    """``[data]``: where training rows come from, and how tables are written. Paths are relative to the project."""

    source: str | None = None
    generator: str | None = None
    """A Python file of the project that writes ``source`` when it is missing."""
    target: str | None = None
    target_kind: Literal["number", "classes"] | None = None
    """What ``target`` is; by default it is found out from its values and from ``[outputs]``."""
    positive: Scalar | None = None
    test_size: float = Param(default=0.2, gt=0, lt=1)
    group: str | None = None
    """A column whose groups are never split between training and held-out rows; with ``time``, each is split by it."""
    time: str | None = None
    """A column by whose order the last rows are held out, those of each group when one is named."""


SqlName = Annotated[str, Param(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]

ViewPart = Literal["id", "input", "label", "score", "time"]


class View(Section):
    """``[history.view]``: a SQL view of this project's predictions."""

    name: SqlName
    columns: dict[ViewPart, SqlName] = Param(
        default={"id": "id", "input": "input", "label": "label", "score": "score", "time": "time"}, min_length=1
    )
    """What each column shows, and its name, in the order of the columns."""

    @model_validator(mode="after")
    def _names_each_column_once(self) -> "View":
        names = list(self.columns.values())
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"two columns are called {twice[0]!r}")
        return self


class HistorySection(Section):
    """``[history]``."""

    url: str | None = None
    durability: Literal["commit", "sync", "background", "off"] = "commit"
    view: View | None = None
    names: dict[str, str] = {}
    """Other names for the keys of ``/predictions`` and its statistics."""

    @field_validator("view", mode="before")
    @classmethod
    def _read_earlier_view(cls, view: object) -> object:
        if isinstance(view, str):
            return view_of_text(view)
        return view


class Gate(Section):
    """``[gate]``: what a new version must reach before it is promoted."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    not_worse_than: str | None = None


class Imports(Section):
    """``[import]``: where models made elsewhere come from."""

    models: str | None = None
    """The folder of the project that holds their files, whose new pairs become new versions, or a bucket's folder:
    ``s3://BUCKET/FOLDER/``."""
    watch: bool = True
    """Whether a server looks for new files there."""
    allow: tuple[str, ...] = ()
    """Names that their pickles may import beside the list: exact ones, ``module.Class``."""
    key: tuple[str, ...] = ()
    """The keys of the parts in a file that holds a dict of them, in the order in which rows pass them."""
    local: str | None = None
    """The folder of this machine where a bucket's files are kept; it must be this user's alone. By default it is one of
    this user's cache."""
    every: int = Param(default=300, ge=1)
    """Seconds between two looks at a bucket for changed files."""
    python: str | None = None
    """The Python that made the pickles, like ``3.9``, where their scikit-learn does not tell enough."""
    versions: tuple[str, ...] = Param(default=(), alias="with")
    """Exact versions of libraries that made them, like ``lightgbm==3.3.5``."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @property
    def bucket(self) -> str | None:
        """The URL of the bucket's folder, when the models are in one."""
        return self.models if self.models and "://" in self.models else None


class Security(Section):
    """``[security]``: ``none`` answers everybody; ``local``, the default, callers on this machine."""

    auth: Literal["none", "local"] = "local"


SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Cache(Section):
    """``[serving.cache]``: the model is not asked again for one of the last ``size`` rows within ``ttl``."""

    size: int = Param(default=1_000, ge=1)
    ttl: str = Param(default="60s", pattern=r"^[1-9]\d{0,8}[smhd]$")

    @property
    def seconds(self) -> float:
        """``ttl`` in seconds."""
        return float(self.ttl[:-1]) * SECONDS[self.ttl[-1]]


class Serving(Section):
    """``[serving]``: the limits of the server, in rows, bytes (``max_body``) and seconds."""

    max_batch: int = Param(default=64, ge=1, le=100_000)
    max_queue: int = Param(default=4_096, ge=1)
    max_rows: int = Param(default=10_000, ge=1)
    max_body: int = Param(default=2 * 2**20, ge=1_024)
    body_timeout: float = Param(default=60.0, gt=0)
    deadline: float = Param(default=30.0, gt=0)
    cache: Cache | None = None


class Project(Section):
    """A whole ``project.toml``. ``folder`` is where it stands."""

    format: Literal[1] = 1
    project: About
    contract: ContractRules = ContractRules()
    data: Data = Data()
    inputs: dict[str, AnyInput] = Param(min_length=1)
    model: Model = Model()
    outputs: dict[str, AnyOutput] = {}
    history: HistorySection = HistorySection()
    gate: Gate | None = None
    imports: Imports = Param(default=Imports(), alias="import")
    security: Security = Security()
    serving: Serving = Serving()
    root: dict[str, Any] = {}
    """The literal answer of ``GET /``."""
    folder: Path = Param(default=Path(), exclude=True)

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _hides_its_target(self) -> "Project":
        if self.kind.has_target and self.data.target in self.inputs:
            raise ValueError(f"data.target {self.data.target!r} is among the inputs: a model would only copy it")
        return self

    @property
    def name(self) -> str:
        """The project's name."""
        return self.project.name

    @property
    def kind(self) -> Kind:
        """What ``[model] kind`` means."""
        return KINDS[self.model.kind]

    def draft(
        self,
        inputs: dict[str, AnyInput] | None = None,
        classes: tuple[Scalar, ...] = (),
        windows: tuple[Window, ...] = (),
    ) -> Contract:
        """The contract this file declares, completed with what training learnt. Raises ProjectError."""
        try:
            return Contract(
                name=self.name,
                title=self.project.title,
                timezone=self.project.timezone,
                unknown=self.contract.unknown,
                envelope=self.contract.envelope,
                inputs=inputs or self.inputs,
                outputs=self.outputs or default_outputs(self.kind, classes),
                model=self.model,
                classes=classes,
                missing=self.data.missing,
                positive=self.data.positive if classes else None,
                windows=windows,
            )
        except ValidationError as error:
            raise ProjectError(f"{self.folder / PROJECT_FILE}: {_first(error)}") from None


def default_outputs(kind: Kind, classes: tuple[Scalar, ...]) -> dict[str, AnyOutput]:
    """What is answered when the file does not say: the label with its probability, the number, or the cluster."""
    quantities = kind.default_outputs(classes)
    return {name: Output.model_validate({"from": quantity}) for name, quantity in quantities.items()}


def load_project(path: Path) -> Project:
    """The project in folder ``path``, or in the file ``path``. Raises ProjectError and FormatTooNew."""
    file = path / PROJECT_FILE if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProjectError(
            f"{file} does not exist; 'vaticina init' writes one, or name the project's folder."
        ) from None
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ProjectError(f"{file} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from None
    return parse_project(text, file)


def parse_project(text: str, file: Path) -> Project:
    """The project written in ``text``; ``file`` is where it stands. Raises ProjectError and FormatTooNew."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{file} is not valid TOML: {error}.") from None
    found = data.get("format", FORMAT)
    if isinstance(found, int) and found > FORMAT:
        raise FormatTooNew(f"{file} has format {found}; this Vaticina reads up to {FORMAT}: update it.")
    drop_unused_keys(data, file)
    inputs = data.get("inputs")
    for field in inputs.values() if isinstance(inputs, dict) else ():
        if isinstance(field, dict):
            field.setdefault("type", "number")
    try:
        project = Project.model_validate({**data, "folder": file.parent.resolve()})
    except ValidationError as error:
        raise ProjectError(f"{file}: {_first(error)}") from None
    project.draft()
    return project


def find_project(start: Path) -> Path:
    """The folder of the nearest project.toml, from ``start`` upwards. Raises ProjectError."""
    for folder in (start, *start.resolve().parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ProjectError(
        f"No {PROJECT_FILE} in {start} or above; 'vaticina init NAME --from data.csv --target COLUMN' writes one."
    )


def _first(error: ValidationError) -> str:
    """The first mistake, on one line, with the key as the file writes it."""
    item = error.errors(include_url=False)[0]
    where = [str(part) for part in item["loc"]]
    if where[:1] == ["inputs"]:
        del where[2:3]  # the type, by which pydantic tells the kinds of inputs apart
    if len(where) > 2 and where[-1] in _SCALARS:
        where.pop()  # the branch of a union
    place = f"[{'.'.join(where)}] " if where else ""
    reason = "there is no such key" if item["type"] == "extra_forbidden" else item["msg"].removeprefix("Value error, ")
    value = "" if isinstance(item["input"], BaseModel | dict) else f", got {item['input']!r:.80}"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}{reason}{value}{more}"


_SCALARS = frozenset({"str", "int", "float", "bool"})
