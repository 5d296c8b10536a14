"""The contract: what a version takes, what it answers, and what kind of model stands between."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from operator import not_
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic import Field as Param

from vaticina.contract.fields import (
    AnyInput,
    Category,
    Flag,
    Identifier,
    Instant,
    Integer,
    Number,
    Scalar,
    Series,
    Text,
    ZoneName,
)
from vaticina.contract.kinds import KINDS, Kind, check_kind
from vaticina.contract.series_points import example_points
from vaticina.contract.windows import Window, WindowCheck
from vaticina.errors import ProjectError

Quantity = Literal[
    "label",
    "probability",
    "positive_probability",
    "probabilities",
    "value",
    "interval",
    "forecast",
    "confidence",
    "metrics",
    "score",
    "cluster",
    "anomaly",
    "time",
    "version",
    "input",
    "id",
    "identifier",
    "outside",
]
"""What an answer may hold; the reference page ``outputs`` explains each."""

INSTANT_PARTS = ("epoch", "hour", "weekday", "month")
"""The columns an instant becomes: seconds since 1970 (UTC), then calendar parts in the contract's time zone."""


class Output(BaseModel):
    """One field of the answer. ``offset = false`` writes a time without its Z; ``input`` names an identifier."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    quantity: Quantity = Param(alias="from")
    offset: bool = True
    input: str | None = None
    """For ``identifier``: which one is given back; the first when not said."""


def _spelled_out(value: object) -> object:
    return {"from": value} if isinstance(value, str) else value


AnyOutput = Annotated[Output, BeforeValidator(_spelled_out)]


class Model(BaseModel):
    """``[model]``: the kind of model and how it is fitted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, AfterValidator(check_kind)] = "table"
    """One of ``kinds.KINDS``."""
    estimator: str = "auto"
    """A scikit-learn class by its full name, or ``auto``: linear, forest and boosting compared by cross-validation."""
    calibrated: bool = False
    threshold: float | None = Param(default=None, gt=0, lt=1)
    """With two classes, the positive one is answered from this probability on; without it, the likelier one is."""
    clusters: int = Param(default=5, ge=1, le=100)
    params: str | dict[str, Any] = {}
    """Hyper-parameters, or the YAML file in the project that holds them."""
    time_limit: float | None = Param(default=None, gt=0)
    """Seconds that AutoGluon may take to train; without it, as long as it needs."""
    presets: str | tuple[str, ...] | None = None
    """AutoGluon's presets, such as ``medium_quality``."""
    hyperparameters: str | dict[str, Any] | None = None
    """AutoGluon's families of models with their settings; without it and without presets, those that compile."""
    eval_metric: str | None = None
    """What AutoGluon's models are chosen by."""
    threshold_metric: str | None = None
    """What AutoGluon calibrates the decision threshold for; without it, ``eval_metric`` if that judges labels."""


class Envelope(BaseModel):
    """The keys under which a body may hold its rows, and under which these are then answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: str = Param(min_length=1)
    answer: str = Param(min_length=1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the encoded matrix."""

    name: str
    input: str
    kind: Literal["number", "category"]
    size: int = 0
    """How many categories are known; codes run from 0 to ``size`` - 1, and ``size`` stands for any other."""


class Contract(BaseModel):
    """Everything serving needs to know about a version; it travels in the bundle."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, ignored_types=(cached_property,))

    name: str = Param(pattern=r"^[a-z][a-z0-9_-]{0,62}$")
    title: Text | None = None
    timezone: ZoneName = "UTC"
    unknown: Literal["ignore", "refuse"] = "ignore"
    """What happens to fields the contract does not name."""
    envelope: Envelope | None = None
    inputs: dict[str, AnyInput] = Param(min_length=1)
    outputs: dict[str, AnyOutput] = {}
    model: Model = Model()
    missing: tuple[str, ...] = Param(default=(), exclude_if=not_)
    """Texts that mean that there is no value, beside those that always do: ``missing`` of ``[data]``."""
    classes: tuple[Scalar, ...] = ()
    """The labels, in the order of the model's probabilities; empty when a number is predicted."""
    positive: Scalar | None = None
    """The class ``positive_probability`` speaks of; the last one when not said."""
    windows: tuple[Window, ...] = ()
    """The windows for which kind ``window`` has a model, the last trained at the end."""

    @model_validator(mode="after")
    def _has_features(self) -> "Contract":
        if all(isinstance(field, Identifier) for field in self.inputs.values()):
            raise ValueError(
                "every input is an identifier; a model needs at least one number, category, flag or instant"
            )
        return self

    @model_validator(mode="after")
    def _has_the_inputs_of_its_kind(self) -> "Contract":
        self.kind.check_inputs(self.inputs)
        return self

    @model_validator(mode="after")
    def _has_its_classes(self) -> "Contract":
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("a class is listed twice")
        if self.positive is not None and self.positive not in self.classes:
            raise ValueError(f"the positive class {self.positive!r} is not among the classes {list(self.classes)}")
        return self

    @model_validator(mode="after")
    def _gives_back_what_it_takes(self) -> "Contract":
        for name, output in self.outputs.items():
            if output.quantity == "identifier" and self.identifier(output) is None:
                raise ValueError(f"the output {name!r} gives back an identifier that is not among the inputs")
        return self

    @property
    def kind(self) -> Kind:
        """What ``model.kind`` means."""
        return KINDS[self.model.kind]

    def check_outputs(self) -> None:
        """Raises ProjectError for an output that a model of this kind does not give."""
        quantities = self.kind.quantities(self.classes)
        for name, output in self.outputs.items():
            if output.quantity not in quantities:
                raise ProjectError(
                    f"[outputs] {name} asks for {output.quantity!r}, which this model does not give; "
                    f"choose among {', '.join(sorted(quantities))}."
                )

    def identifier(self, output: Output) -> str | None:
        """The input that ``output`` gives back; None when there is no such identifier."""
        names = [name for name, field in self.inputs.items() if isinstance(field, Identifier)]
        wanted = names[:1] if output.input is None else [output.input]
        return next((name for name in wanted if name in names), None)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the encoded matrix, in order; identifiers have none."""
        columns: list[Column] = []
        for name, field in self.inputs.items():
            columns += _columns(name, field, self.longest)
        return tuple(columns)

    @cached_property
    def longest(self) -> int:
        """How many of a series' last values the matrix holds: those of the longest window trained."""
        return max((window.size for window in self.windows), default=0)

    @cached_property
    def window_check(self) -> WindowCheck | None:
        """What a row of kind ``window`` must satisfy beyond its inputs' types; None before a window was trained."""
        if not self.windows:
            return None
        names = {type(field): name for name, field in self.inputs.items()}
        return WindowCheck(names[Series], names.get(Integer), self.windows)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of instants that name none."""
        return ZoneInfo(self.timezone)

    @cached_property
    def positive_index(self) -> int:
        """The index of the positive class in ``classes``."""
        return self.classes.index(self.positive) if self.positive is not None else len(self.classes) - 1

    @cached_property
    def hash(self) -> str:
        """sha256 of the contract's canonical JSON."""
        return canonical_hash(self.model_dump(mode="json", by_alias=True))

    def example(self) -> dict[str, Any]:
        """A row that satisfies the contract: each input's example, else its default, else a value in its range."""
        return {name: example_of(field) for name, field in self.inputs.items() if not _left_out(field)}


def canonical_hash(document: object) -> str:
    """sha256 of a JSON document, however it is spaced. Order counts: the inputs' is that of the model's columns."""
    return hashlib.sha256(orjson.dumps(document)).hexdigest()


def _left_out(field: AnyInput) -> bool:
    return field.optional and field.example is None


def _columns(name: str, field: AnyInput, longest: int) -> list[Column]:
    if isinstance(field, Identifier):
        return []
    if isinstance(field, Series):
        return [Column(f"{name}.end", name, "number"), *_last_values(name, longest)]
    if isinstance(field, Instant):
        return [Column(f"{name}.{part}", name, "number") for part in INSTANT_PARTS]
    if isinstance(field, Category):
        return [Column(name, name, "category", len(field.known))]
    return [Column(name, name, "number")]


def _last_values(name: str, longest: int) -> list[Column]:
    return [Column(f"{name}.{back}", name, "number") for back in range(-longest, 0)]


def example_of(field: AnyInput) -> Any:
    """A value of ``field`` as it would stand in a JSON body."""
    if isinstance(field, Series):
        return _points_of(field)
    if isinstance(field, Instant):
        moment = field.example or field.default or (field.seen[0] if field.seen else None)
        return moment.isoformat() if moment else "2026-01-01T00:00:00Z"
    for value in (field.example, field.default):
        if value is not None:
            return value
    if isinstance(field, Category):
        return field.known[0] if field.known else "text"
    if isinstance(field, Flag):
        return False
    if isinstance(field, Identifier):
        return "A-1"[: field.max_length]
    return _middle(field)


def _points_of(field: Series) -> list[dict[str, Any]]:
    return [point.model_dump(mode="json", exclude_none=True) for point in field.example or ()] or example_points()


def _middle(field: Number | Integer) -> float | int:
    """The middle of what was seen, else of what was declared; always within what was declared."""
    low, high = field.bounds
    ends = [end for end in field.seen or (field.min, field.max) if end is not None]
    middle = min(max(sum(ends) / len(ends) if ends else 0, low), high)
    return int(middle) if isinstance(field, Integer) else float(middle)
