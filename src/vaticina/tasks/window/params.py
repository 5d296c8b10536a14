"""The parameters of a window: what ``[model] params`` may hold for kind ``window``."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Param

from vaticina.contract.windows import MAX_HORIZON, MAX_WINDOW
from vaticina.errors import ProjectError


class WindowParams(BaseModel):
    """The parameters, each with its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_size: int = Param(default=10, ge=1, le=MAX_WINDOW)
    """How many of the last points the model takes."""
    horizon: int = Param(default=1, ge=1, le=MAX_HORIZON)
    """How many steps ahead it predicts."""
    epochs: int = Param(default=100, ge=1, le=10_000)
    """How often all windows are gone through at most; training stops earlier when held-out ones get no better."""
    learning_rate: float = Param(default=0.003, gt=0, le=1)
    hidden: int = Param(default=32, ge=0, le=1_024)
    """Units of the hidden layer; 0 for a linear perceptron."""
    members: int = Param(default=3, ge=1, le=20)
    """Perceptrons from different seeds, whose mean is answered."""
    differencing: bool | Literal["auto"] = "auto"
    """Whether values are differences from the window's last one instead of from its mean; ``auto`` for whichever of the
    two is nearer to the values that follow."""
    seasonality: Annotated[int, Param(ge=0, le=MAX_WINDOW)] | Literal["auto"] = "auto"
    """Points in a season; 0 for none, ``auto`` to find it in the data."""
    logarithm: bool | Literal["auto"] = "auto"
    """Whether logarithms are predicted, so that changes are proportions; ``auto`` where all values are above zero."""
    coverage: float = Param(default=0.9, ge=0.5, le=0.99)
    """The share of cases in which the interval should hold the true value."""


def read_window_params(params: Mapping[str, Any], options: Mapping[str, Any]) -> WindowParams:
    """The parameters of a project's ``params``, replaced by ``options`` where these name them. Raises ProjectError."""
    try:
        return WindowParams.model_validate({**params, **options})
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        name = item["loc"][0]
        if item["type"] == "extra_forbidden":
            names = ", ".join(WindowParams.model_fields)
            raise ProjectError(f"[model] params: there is no {name!r} for kind window; there are {names}.") from None
        raise ProjectError(f"[model] params: {name}: {item['msg']}, got {item['input']!r:.80}.") from None
