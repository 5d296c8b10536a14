"""What a model gives for a batch, in columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from vaticina.contract.encoder import Matrix


@dataclass(frozen=True, slots=True)
class Outputs:
    """Columns of ``size`` rows each.

    ``label`` (n,) int: index into the contract's classes. ``probabilities`` (n, classes) float. ``value`` (n,) float.
    ``score`` (n,) float. ``cluster`` (n,) int. ``anomaly`` (n,) int, 1 = anomaly.

    Of a series also: ``window`` (n,) int, index into the contract's windows; ``forecast`` (n, steps, 3) float, each
    step's value, low and high, of which only the window's own horizon counts; ``interval`` (n, 2) float, low and high
    of ``value``, which is the first step's; ``confidence`` (n,) float from 0 to 1.
    """

    size: int
    columns: Mapping[str, NDArray[Any]]

    def row(self, index: int) -> dict[str, Any]:
        """Row ``index`` as plain Python values, as a manifest's examples hold them."""
        return {name: column[index].tolist() for name, column in self.columns.items()}


class Runtime(Protocol):
    """A loaded model of one family. ``predict`` may be called from one thread at a time."""

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for an encoded batch of shape (n, columns)."""
        ...

    def close(self) -> None:
        """Lets go of what the model holds."""
        ...
