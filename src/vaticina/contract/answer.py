"""From a model's columns to the answers people get and the records that are kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from vaticina.contract.contract import Column, Contract, Output
from vaticina.contract.encoding import Matrix
from vaticina.contract.fields import Series
from vaticina.contract.outputs import Outputs

Row = dict[str, Any]
Values = Sequence[Any]


class Answered(NamedTuple):
    """One row's answer. ``output`` is the answer without the input's copy, as JSON; ``body`` is the whole answer."""

    body: bytes
    input: bytes
    output: bytes
    label: str | None
    score: float | None


class Answers:
    """Shapes answers as the contract's ``[outputs]`` says.

    This is the hot path: each field of the answer becomes a column of JSON pieces, a column at a time, and a row's
    answer is one template filled with its pieces. ``metrics`` are the version's own, by window when it has windows.
    """

    def __init__(self, contract: Contract, version: str, metrics: Mapping[str, Any] | None = None) -> None:
        self._labels = [str(name) for name in contract.classes]
        self._pieces = [_pieces(contract, output, version, metrics or {}) for output in contract.outputs.values()]
        self._kept = [output.quantity != "input" for output in contract.outputs.values()]
        names = list(contract.outputs)
        self._body = _template(names)
        self._output = _template(list(compress(names, self._kept)))

    def shape(self, rows: Sequence[Row], outputs: Outputs, uids: Sequence[str], time: datetime) -> list[Answered]:
        """One answer for each row, in order. Raises ValueError unless rows, outputs and uids are equal in number."""
        if not len(rows) == outputs.size == len(uids):
            raise ValueError(f"{len(rows)} rows, {outputs.size} outputs and {len(uids)} uids do not belong together")
        inputs = [orjson.dumps(row, option=orjson.OPT_UTC_Z) for row in rows]
        batch = _Batch(outputs, inputs, uids, time, rows)
        columns = [pieces(batch) for pieces in self._pieces]
        bodies = _filled(self._body, columns, len(rows))
        texts = bodies if all(self._kept) else _filled(self._output, list(compress(columns, self._kept)), len(rows))
        return list(map(Answered, bodies, inputs, texts, self._label_column(outputs), _score_column(outputs)))

    def _label_column(self, outputs: Outputs) -> Sequence[str | None]:
        if "label" in outputs.columns:
            return [self._labels[index] for index in outputs.columns["label"].tolist()]
        if "anomaly" in outputs.columns:
            return [str(flag) for flag in outputs.columns["anomaly"].tolist()]
        return [None] * outputs.size


WINDOWS = "windows"
"""Among a version's metrics, those of each window by its size."""

STEP = ("value", "low", "high")
"""What a step of a forecast holds."""


class _Batch(NamedTuple):
    """What the pieces of a batch's answers are made of."""

    outputs: Outputs
    inputs: Sequence[bytes]
    uids: Sequence[str]
    time: datetime
    rows: Sequence[Row]


Pieces = Callable[[_Batch], Sequence[bytes]]
"""A field of the answer as JSON, one piece for each row."""


def _template(names: Sequence[str]) -> bytes:
    fields = (orjson.dumps(name).replace(b"%", b"%%") + b":%b" for name in names)
    return b"{" + b",".join(fields) + b"}"


def _filled(template: bytes, columns: Sequence[Sequence[bytes]], count: int) -> list[bytes]:
    if not columns:
        return [template] * count
    return [template % pieces for pieces in zip(*columns, strict=True)]


def written(time: datetime, offset: bool = True) -> str:
    """A UTC time with microseconds, ending in Z unless ``offset`` is false."""
    return time.replace(tzinfo=None).isoformat(timespec="microseconds") + ("Z" if offset else "")


def _score_column(outputs: Outputs) -> Sequence[float | None]:
    if "probabilities" in outputs.columns:
        return list(map(float, _answered_probability(outputs)))
    for name in ("value", "score"):
        if name in outputs.columns:
            return list(map(float, outputs.columns[name]))
    return [None] * outputs.size


def _answered_probability(outputs: Outputs) -> NDArray[np.float64]:
    probabilities: NDArray[np.float64] = outputs.columns["probabilities"]
    labels: NDArray[np.intp] = outputs.columns["label"]
    return probabilities[np.arange(outputs.size), labels]


def _pieces(contract: Contract, output: Output, version: str, metrics: Mapping[str, Any]) -> Pieces:
    """How a quantity becomes JSON, a batch at a time."""
    labels = [orjson.dumps(name) for name in contract.classes]
    names = [str(name) for name in contract.classes]
    positive = contract.positive_index
    named = contract.identifier(output) or ""
    horizons = [window.horizon for window in contract.windows]
    measured = [orjson.dumps(metrics.get(WINDOWS, {}).get(str(window.size), {})) for window in contract.windows]
    makers: dict[str, Pieces] = {
        "input": lambda b: b.inputs,
        "identifier": lambda b: [orjson.dumps(row[named]) for row in b.rows],
        "id": lambda b: [b'"%b"' % uid.encode() for uid in b.uids],
        "time": lambda b: [orjson.dumps(written(b.time, output.offset))] * len(b.uids),
        "version": lambda b: [orjson.dumps(version)] * len(b.uids),
        "label": lambda b: [labels[index] for index in b.outputs.columns["label"].tolist()],
        "probability": lambda b: _numbers(_answered_probability(b.outputs)),
        "positive_probability": lambda b: _numbers(b.outputs.columns["probabilities"][:, positive]),
        "probabilities": lambda b: [
            orjson.dumps(dict(zip(names, row, strict=True))) for row in b.outputs.columns["probabilities"].tolist()
        ],
        "interval": lambda b: list(map(orjson.dumps, _plain(b, "interval"))),
        "forecast": lambda b: [
            orjson.dumps([dict(zip(STEP, step, strict=True)) for step in steps[: horizons[window]]])
            for steps, window in zip(_plain(b, "forecast"), _plain(b, "window"), strict=True)
        ],
        "metrics": lambda b: [measured[window] for window in _plain(b, "window")],
    }
    return makers.get(output.quantity) or (lambda b: _numbers(b.outputs.columns[output.quantity]))


def _plain(batch: _Batch, name: str) -> list[Any]:
    plain: list[Any] = batch.outputs.columns[name].tolist()
    return plain


def _numbers(column: NDArray[Any]) -> list[bytes]:
    """Each number of ``column`` as JSON, in its shortest form that reads back the same."""
    return orjson.dumps(column.tolist())[1:-1].split(b",")


class SeenRange:
    """Tells which rows lie outside what training saw: beyond a learnt range, or in an unknown category."""

    def __init__(self, contract: Contract) -> None:
        bounds = [_bounds(contract, column) for column in contract.columns]
        self._low = np.array([low for low, _ in bounds])
        self._high = np.array([high for _, high in bounds])

    def outside(self, matrix: Matrix) -> list[bool]:
        """One flag per row of the encoded matrix; what is missing is not outside."""
        beyond: NDArray[np.bool_] = (matrix < self._low) | (matrix > self._high)
        return [bool(flag) for flag in np.any(beyond, axis=1)]


def _bounds(contract: Contract, column: Column) -> tuple[float, float]:
    if column.kind == "category":
        return 0.0, float(column.size - 1) if column.size else np.inf
    field = contract.inputs[column.input]
    seen = getattr(field, "seen", None)
    if seen is None or isinstance(seen[0], datetime) or (isinstance(field, Series) and column.name.endswith(".end")):
        return -np.inf, np.inf
    return float(seen[0]), float(seen[1])
