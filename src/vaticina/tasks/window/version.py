"""A version of windows: the window just trained, beside those of the version before."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from vaticina.contract import Bundle, Contract, Readings, Validator
from vaticina.contract.answers import WINDOWS
from vaticina.contract.fields import AnyInput, Integer, Series
from vaticina.contract.windows import Window
from vaticina.tasks.window.evaluation import forecast_metrics, naive_warning, window_metrics
from vaticina.tasks.window.fit import TrainedWindow
from vaticina.tasks.window.runtime import graph_file

EXAMPLES = 3
"""Held-out windows that go into the manifest."""


@dataclass(frozen=True, slots=True)
class WindowVersion:
    """What is published; ``example_rows`` are held-out ones, for the manifest's examples."""

    contract: Contract
    files: dict[str, bytes]
    metrics: dict[str, Any]
    training: dict[str, Any]
    data: dict[str, Any]
    example_rows: list[dict[str, Any]]

    @property
    def graphs(self) -> list[bytes]:
        """The graphs of the windows, in the contract's order."""
        return [self.files[graph_file(window.size)] for window in self.contract.windows]


@dataclass(frozen=True, slots=True)
class _OtherWindows:
    """The windows that are taken over from the version before: their graphs, and their metrics and training by size.

    All are empty where there was no version before.
    """

    windows: list[Window] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)


def window_version(
    base: Contract, trained: TrainedWindow, readings: Readings, graph: bytes, earlier: Bundle | None
) -> WindowVersion:
    """``graph`` as the window just trained, after the windows of ``earlier`` but one of the same size.

    ``base`` is the contract that the project declares.

    Raises BundleCorrupt when a file of ``earlier`` was changed.
    """
    size = trained.params.window_size
    others = _OtherWindows()
    if earlier is not None:
        others = _other_windows(earlier, size)
    contract = _contract(base, trained, readings, others.windows)
    warning = naive_warning(trained)
    metrics = {**others.metrics, str(size): window_metrics(trained, readings.parameter)}
    training = {**others.training, str(size): _facts(trained, readings, warning)}
    return WindowVersion(
        contract=contract,
        files={**others.files, graph_file(size): graph},
        metrics={**forecast_metrics(trained), WINDOWS: metrics},
        training={"estimator": "window", WINDOWS: training},
        data=_data(readings, _notes(warning, _left_out(trained, readings), _stopped_early(trained))),
        example_rows=_example_rows(contract, readings, trained),
    )


def _other_windows(earlier: Bundle, size: int) -> _OtherWindows:
    """All windows of ``earlier`` but one of ``size``."""
    others = _OtherWindows()
    metrics = earlier.manifest.metrics.get(WINDOWS, {})
    training = earlier.manifest.training.get(WINDOWS, {})
    for window in earlier.manifest.contract.windows:
        if window.size == size:
            continue
        name, file = str(window.size), graph_file(window.size)
        others.windows.append(window)
        others.files[file] = earlier.read(file)
        if name in metrics:
            others.metrics[name] = metrics[name]
        if name in training:
            others.training[name] = training[name]
    return others


def _contract(base: Contract, trained: TrainedWindow, readings: Readings, others: list[Window]) -> Contract:
    """The project's contract with all windows, the values seen, and an example that the new window can answer."""
    params = trained.params
    windows = (*others, Window(size=params.window_size, horizon=params.horizon))
    inputs = {}
    for name, input_field in base.inputs.items():
        inputs[name] = _with_example(input_field, readings, params.window_size)
    fields = {name: getattr(base, name) for name in Contract.model_fields}
    return Contract(**{**fields, "inputs": inputs, "windows": windows})


def _with_example(input_field: AnyInput, readings: Readings, size: int) -> AnyInput:
    """The series with its last window as the example, the integer with the window's size."""
    declared = input_field.model_dump(exclude_unset=True)
    if isinstance(input_field, Series):
        seen = (float(readings.values.min()), float(readings.values.max()))
        example = _points(readings, readings.size - 1, size)
        return Series.model_validate({**declared, "seen": seen, "example": example})
    if isinstance(input_field, Integer):
        return Integer.model_validate({**declared, "example": size})
    return input_field


def _points(readings: Readings, last: int, size: int) -> list[dict[str, Any]]:
    """The ``size`` points up to the position ``last``."""
    part = slice(last - size + 1, last + 1)
    points = []
    for moment, value in zip(readings.moments[part].tolist(), readings.values[part].tolist(), strict=True):
        points.append({"timestamp": _iso(moment), "value": value})
    return points


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _example_rows(contract: Contract, readings: Readings, trained: TrainedWindow) -> list[dict[str, Any]]:
    """A few held-out windows, as the contract's validator gives them."""
    size, positions = trained.params.window_size, trained.held_out.positions
    chosen = positions[np.unique(np.linspace(0, len(positions) - 1, EXAMPLES).round().astype(int))]
    validator = Validator(contract)
    rows = []
    for last in chosen.tolist():
        row = contract.example()
        row[_series_name(contract)] = _points(readings, last, size)
        rows.append(validator.check(row))
    return rows


def _series_name(contract: Contract) -> str:
    """The input that holds the points."""
    return next(name for name, input_field in contract.inputs.items() if isinstance(input_field, Series))


def _facts(trained: TrainedWindow, readings: Readings, warning: str) -> dict[str, Any]:
    """How the window was made; the keys of the first four are those of the original service."""
    perceptron = trained.model.perceptron
    weights = np.concatenate([perceptron.linear.ravel(), perceptron.hidden.ravel(), perceptron.output.ravel()])
    facts = {
        "learning_rate": trained.params.learning_rate,
        "n_weights": len(weights),
        "bias": float(perceptron.bias[0]),
        "weights_mean": float(weights.mean()),
        "weights_std": float(weights.std()),
        **trained.params.model_dump(),
        **trained.facts,
        "parameter": readings.parameter,
        "last_moment": float(readings.moments[-1]),
    }
    if warning:
        facts["note"] = warning
    return facts


def _left_out(trained: TrainedWindow, readings: Readings) -> str:
    """A sentence on the windows that were not learnt from; empty when there are none."""
    possible = readings.size - trained.params.window_size - trained.params.horizon + 1
    count = possible - trained.samples.count
    if not count:
        return ""
    return f"{count} windows are left out: they have a gap in time, or the series has enough later ones"


def _stopped_early(trained: TrainedWindow) -> str:
    """A sentence on a training that took fewer epochs than it might; empty when it took them all."""
    epochs, most = trained.facts["epochs_trained"], trained.params.epochs
    if epochs >= most:
        return ""
    return f"{epochs} of {most} epochs were enough: more did not lessen the error on later values"


def _notes(*sentences: str) -> list[str]:
    """The sentences that are not empty."""
    return list(filter(None, sentences))


def _data(readings: Readings, notes: list[str]) -> dict[str, Any]:
    content = readings.moments.tobytes() + readings.values.tobytes()
    return {
        "rows": readings.size,
        "source": readings.source,
        "parameter": readings.parameter,
        "from": _iso(float(readings.moments[0])),
        "to": _iso(float(readings.moments[-1])),
        "fingerprint": hashlib.sha256(content).hexdigest(),
        "notes": notes,
    }
