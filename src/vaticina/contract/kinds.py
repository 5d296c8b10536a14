"""The kinds of model that ``[model] kind`` names: which inputs each takes, and what it can answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vaticina.contract.fields import AnyInput, Identifier, Integer, Scalar, Series

TaskName = Literal["table", "clusters", "window"]

ALWAYS = frozenset({"time", "version", "input", "id", "identifier", "outside"})
"""Quantities that every answer can hold, whatever the model."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of model.

    ``task`` names the question it answers. ``trainer`` says who fits it: the task itself, the format of the kind's
    name, or nobody here, because its models are made elsewhere.
    """

    task: TaskName
    trainer: Literal["task", "format", "nobody"] = "task"

    @property
    def is_trained(self) -> bool:
        """Whether its models are trained here."""
        return self.trainer != "nobody"

    @property
    def names_estimator(self) -> bool:
        """Whether ``[model] estimator`` chooses what is fitted."""
        return self.task == "table" and self.trainer == "task"

    @property
    def takes_series(self) -> bool:
        """Whether a row is a series of points, and the models are trained over HTTP from collections."""
        return self.task == "window"

    @property
    def has_target(self) -> bool:
        """Whether a model learns a target column, which must then be no input."""
        return self.task == "table" and self.is_trained

    def check_inputs(self, inputs: Mapping[str, AnyInput]) -> None:
        """Raises ValueError for inputs that this kind does not take."""
        series = [name for name, field in inputs.items() if isinstance(field, Series)]
        if not self.takes_series:
            if series:
                raise ValueError(f'the input {series[0]!r} is a series, which only [model] kind = "window" takes')
            return
        others = [field for field in inputs.values() if not isinstance(field, Series | Identifier)]
        if len(series) != 1 or len(others) > 1 or not all(isinstance(field, Integer) for field in others):
            raise ValueError(
                "kind window takes one input of type series, at most one integer (the window asked for) and identifiers"
            )

    def quantities(self, classes: tuple[Scalar, ...]) -> frozenset[str]:
        """The quantities that ``[outputs]`` may ask for; ``classes`` is empty where a number is predicted."""
        if self.task == "table":
            return ALWAYS | (CLASS_QUANTITIES if classes else {"value"})
        return ALWAYS | TASK_QUANTITIES[self.task]

    def default_outputs(self, classes: tuple[Scalar, ...]) -> dict[str, str]:
        """The names and quantities that are answered when project.toml declares no outputs."""
        if self.task in DEFAULT_OUTPUTS:
            return DEFAULT_OUTPUTS[self.task]
        if not classes:
            return {"prediction": "value"}
        probability = "positive_probability" if len(classes) == 2 else "probability"
        return {"prediction": "label", "probability": probability}


CLASS_QUANTITIES = frozenset({"label", "probability", "probabilities", "positive_probability"})

TASK_QUANTITIES = {
    "clusters": frozenset({"cluster", "score", "anomaly"}),
    "window": frozenset({"value", "interval", "forecast", "confidence", "metrics"}),
}

DEFAULT_OUTPUTS = {
    "clusters": {"cluster": "cluster", "anomaly": "anomaly", "score": "score"},
    "window": {"prediction": "value", "interval": "interval", "confidence": "confidence"},
}

KINDS: dict[str, Kind] = {
    "table": Kind("table"),
    "clusters": Kind("clusters"),
    "window": Kind("window"),
    "autogluon": Kind("table", trainer="format"),
    "imported": Kind("table", trainer="nobody"),
}
"""Every kind by its name in project.toml."""


def check_kind(name: str) -> str:
    """``name``, when there is such a kind. Raises ValueError, naming those there are."""
    if name not in KINDS:
        raise ValueError(f"there is no kind {name!r}; there are: {', '.join(KINDS)}")
    return name
