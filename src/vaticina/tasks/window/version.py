"""A version of windows: the one just trained beside those that were there."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from vaticina.contract import Bundle, Contract, Readings, Validator
from vaticina.contract.answers import WINDOWS
from vaticina.contract.fields import AnyInput, Integer, Series
from vaticina.contract.windows import Window
from vaticina.tasks.window.evaluation import measured, window_metrics, worse_than
from vaticina.tasks.window.fit import TrainedWindow
from vaticina.tasks.window.runtime import file_of

EXAMPLES = 3
"""Held-out windows that go into the manifest."""


@dataclass(frozen=True, slots=True)
class WindowVersion:
    """What is published; ``rows`` are held-out ones, for the manifest's examples."""

    contract: Contract
    files: dict[str, bytes]
    metrics: dict[str, Any]
    training: dict[str, Any]
    data: dict[str, Any]
    rows: list[dict[str, Any]]

    @property
    def names(self) -> list[str]:
        """The files of the windows, in the contract's order."""
        return [file_of(window.size) for window in self.contract.windows]


def window_version(
    base: Contract, trained: TrainedWindow, readings: Readings, graph: bytes, earlier: Bundle | None
) -> WindowVersion:
    """``graph`` as the window just trained, after those of ``earlier`` but one of the same size.

    ``base`` is the contract that the project declares.

    Raises BundleCorrupt when a file of ``earlier`` was changed.
    """
    size = trained.recipe.window_size
    kept = [window for window in earlier.manifest.contract.windows if window.size != size] if earlier else []
    contract = _contract(base, trained, readings, kept)
    files = {file_of(window.size): earlier.read(file_of(window.size)) for window in kept} if earlier else {}
    worse = worse_than(trained)
    before = _kept(earlier, kept)
    return WindowVersion(
        contract=contract,
        files={**files, file_of(size): graph},
        metrics={
            **measured(trained),
            WINDOWS: {**before["metrics"], str(size): window_metrics(trained, readings.parameter)},
        },
        training={"estimator": "window", WINDOWS: {**before["training"], str(size): _facts(trained, readings, worse)}},
        data=_data(readings, [note for note in (worse, _left_out(trained, readings), _stopped(trained)) if note]),
        rows=_rows(contract, readings, trained),
    )


def _kept(earlier: Bundle | None, kept: list[Window]) -> dict[str, dict[str, Any]]:
    """What ``earlier`` says of the windows that are kept."""
    told = {"metrics": earlier.manifest.metrics, "training": earlier.manifest.training} if earlier else {}
    names = {str(window.size) for window in kept}
    return {
        part: {name: facts for name, facts in told.get(part, {}).get(WINDOWS, {}).items() if name in names}
        for part in ("metrics", "training")
    }


def _contract(base: Contract, trained: TrainedWindow, readings: Readings, kept: list[Window]) -> Contract:
    """The project's contract with all windows, the values seen, and an example that the new window can answer."""
    recipe = trained.recipe
    windows = (*kept, Window(size=recipe.window_size, horizon=recipe.horizon))
    inputs = {name: _learnt(field, readings, recipe.window_size) for name, field in base.inputs.items()}
    fields = {name: getattr(base, name) for name in Contract.model_fields}
    return Contract(**{**fields, "inputs": inputs, "windows": windows})


def _learnt(field: AnyInput, readings: Readings, size: int) -> AnyInput:
    if isinstance(field, Series):
        seen = (float(readings.values.min()), float(readings.values.max()))
        example = _points(readings, readings.size - 1, size)
        return Series.model_validate({**field.model_dump(exclude_unset=True), "seen": seen, "example": example})
    if isinstance(field, Integer):
        return Integer.model_validate({**field.model_dump(exclude_unset=True), "example": size})
    return field


def _points(readings: Readings, last: int, size: int) -> list[dict[str, Any]]:
    """The ``size`` points up to the place ``last``."""
    part = slice(last - size + 1, last + 1)
    return [
        {"timestamp": datetime.fromtimestamp(moment, UTC).isoformat(), "value": value}
        for moment, value in zip(readings.moments[part].tolist(), readings.values[part].tolist(), strict=True)
    ]


def _rows(contract: Contract, readings: Readings, trained: TrainedWindow) -> list[dict[str, Any]]:
    """A few held-out windows, as the contract's validator gives them."""
    size, places = trained.recipe.window_size, trained.held.places
    chosen = places[np.unique(np.linspace(0, len(places) - 1, EXAMPLES).round().astype(int))]
    name = next(name for name, field in contract.inputs.items() if isinstance(field, Series))
    validator = Validator(contract)
    return [validator.check({**contract.example(), name: _points(readings, int(last), size)}) for last in chosen]


def _facts(trained: TrainedWindow, readings: Readings, worse: str) -> dict[str, Any]:
    """How the window came to be; the keys of the first four are those of the original service."""
    layers = trained.model.layers
    weights = np.concatenate([layers.linear.ravel(), layers.inner.ravel(), layers.outer.ravel()])
    return {
        "learning_rate": trained.recipe.learning_rate,
        "n_weights": len(weights),
        "bias": float(layers.bias[0]),
        "weights_mean": float(weights.mean()),
        "weights_std": float(weights.std()),
        **trained.recipe.model_dump(),
        **trained.facts,
        "parameter": readings.parameter,
        "last_moment": float(readings.moments[-1]),
        **({"note": worse} if worse else {}),
    }


def _left_out(trained: TrainedWindow, readings: Readings) -> str:
    """A sentence on the windows that were not learnt from; empty when there are none."""
    count = readings.size - trained.recipe.window_size - trained.recipe.horizon + 1 - trained.samples.count
    return f"{count} windows are left out: a gap in time is within them, or later ones are enough" if count else ""


def _stopped(trained: TrainedWindow) -> str:
    """A sentence on a training that took fewer epochs than it might; empty when it took them all."""
    taken, most = trained.facts["epochs_trained"], trained.recipe.epochs
    return (
        f"{taken} of {most} epochs were enough: more did not lessen the error on later values" if taken < most else ""
    )


def _data(readings: Readings, notes: list[str]) -> dict[str, Any]:
    content = readings.moments.tobytes() + readings.values.tobytes()
    return {
        "rows": readings.size,
        "source": readings.source,
        "parameter": readings.parameter,
        "from": datetime.fromtimestamp(float(readings.moments[0]), UTC).isoformat(),
        "to": datetime.fromtimestamp(float(readings.moments[-1]), UTC).isoformat(),
        "fingerprint": hashlib.sha256(content).hexdigest(),
        "notes": notes,
    }
