"""Windows: how many of a series' last points a model of kind ``window`` takes, and which of them were trained."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Param

from vaticina.contract.sentence import Sentence
from vaticina.errors import TooFewPoints, WindowNotTrained

MAX_WINDOW = 10_000
MAX_HORIZON = 1_000


class Window(BaseModel):
    """A trained window: from its ``size`` last points the model tells the ``horizon`` next ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Param(ge=1, le=MAX_WINDOW)
    horizon: int = Param(default=1, ge=1, le=MAX_HORIZON)


class WindowCheck:
    """Checks that a validated row asks for a window that was trained, and brings the points it needs.

    ``series`` and ``asked`` are the names of the inputs that hold the points and the window; without ``asked`` every
    row asks for the last window trained.
    """

    def __init__(self, series: str, asked: str | None, windows: Sequence[Window]) -> None:
        self._series = series
        self._asked = asked
        self._sizes = [window.size for window in windows]

    def check(self, row: Mapping[str, Any], at: int | None = None) -> None:
        """Raises WindowNotTrained and TooFewPoints; ``at`` is the row's position in a list."""
        size = self._sizes[-1] if self._asked is None else row[self._asked]
        if size not in self._sizes:
            trained = ", ".join(map(str, sorted(self._sizes)))
            raise WindowNotTrained(_placed("window_not_trained", at, field=self._asked, value=size, trained=trained))
        count = len(row[self._series])
        if count < size:
            raise TooFewPoints(_placed("points_needed", at, field=self._series, value=count, min=size))


def _placed(key: str, row: int | None, **facts: Any) -> Sentence:
    """The sentence ``key``, and for a row of a list the one that names its position."""
    if row is None:
        return Sentence(key, **facts)
    return Sentence(f"row_{key}", row=row, **facts)
