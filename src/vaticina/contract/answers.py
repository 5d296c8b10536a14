"""From a model's columns to the answers people get and the records that are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

import orjson

from vaticina.contract.contract import Contract, Output
from vaticina.contract.model_outputs import Outputs
from vaticina.contract.seen_range import OutsideRows

Row = dict[str, Any]
Values = Sequence[Any]

NOT_OUTSIDE: OutsideRows = {}
"""No row lies outside what training saw."""


class Answered(NamedTuple):
    """One row's answer. ``output`` is the answer without the input's copy, as JSON; ``body`` is the whole answer."""

    body: bytes
    input: bytes
    output: bytes
    label: str | None
    score: float | None


class Shaped(NamedTuple):
    """A batch's answers in columns, in the order of ``Answered``: what the hot path does, it does to a column."""

    bodies: list[bytes]
    inputs: list[bytes]
    outputs: list[bytes]
    labels: Sequence[str | None]
    scores: Sequence[float | None]

    def rows(self) -> Iterator[Answered]:
        """The answers one by one."""
        return map(Answered, *self)


class Answers:
    """Shapes answers as the contract's ``[outputs]`` says.

    This is the hot path: each field of the answer becomes a column of JSON pieces, a column at a time, and a row's
    answer is one template filled with its pieces. ``metrics`` are the version's own, by window when it has windows.
    """

    def __init__(self, contract: Contract, version: str, metrics: Mapping[str, Any] | None = None) -> None:
        self._labels = [str(name) for name in contract.classes]
        self._pieces = [_pieces(contract, output, version, metrics or {}) for output in contract.outputs.values()]
        self._kept = [output.quantity != "input" for output in contract.outputs.values()]
        self._all_kept = all(self._kept)
        names = list(contract.outputs)
        self._body = _template(names)
        self._output = _template(list(compress(names, self._kept)))

    def shape(
        self,
        rows: Sequence[Row],
        outputs: Outputs,
        uids: Sequence[str],
        time: datetime,
        outside: OutsideRows = NOT_OUTSIDE,
    ) -> Shaped:
        """One answer for each row, in order. Raises ValueError unless rows, outputs and uids are equal in number."""
        if not len(rows) == outputs.size == len(uids):
            raise ValueError(f"{len(rows)} rows, {outputs.size} outputs and {len(uids)} uids do not belong together")
        inputs = [orjson.dumps(row, option=orjson.OPT_UTC_Z) for row in rows]
        labels = _listed(outputs, "label")
        scores = _scores(outputs, labels)
        batch = _Batch(outputs, inputs, uids, time, labels, scores, rows, outside)
        columns = [pieces(batch) for pieces in self._pieces]
        bodies = _filled(self._body, columns, len(rows))
        texts = bodies if self._all_kept else _filled(self._output, list(compress(columns, self._kept)), len(rows))
        return Shaped(bodies, inputs, texts, self._label_column(outputs, labels), scores)

    def _label_column(self, outputs: Outputs, labels: list[int]) -> Sequence[str | None]:
        if labels:
            return [self._labels[index] for index in labels]
        if "anomaly" in outputs.columns:
            return list(map(str, _listed(outputs, "anomaly")))
        return [None] * outputs.size


WINDOWS = "windows"
"""Among a version's metrics, those of each window by its size."""

STEP = ("value", "low", "high")
"""What a step of a forecast holds."""


class _Batch(NamedTuple):
    """What the pieces of a batch's answers are made of: ``labels`` as indices, ``scores`` as they are recorded."""

    outputs: Outputs
    inputs: Sequence[bytes]
    uids: Sequence[str]
    time: datetime
    labels: list[int]
    scores: Sequence[float | None]
    rows: Sequence[Row]
    outside: OutsideRows


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


def _listed(outputs: Outputs, name: str) -> list[Any]:
    """The column ``name`` as Python values; empty when the model gives none."""
    column = outputs.columns.get(name)
    return [] if column is None else column.tolist()


def _scores(outputs: Outputs, labels: list[int]) -> Sequence[float | None]:
    """The number that is recorded beside a label: the answered label's probability, else the value or the score."""
    if "probabilities" in outputs.columns:
        return [row[label] for row, label in zip(_listed(outputs, "probabilities"), labels, strict=True)]
    return _listed(outputs, "value") or _listed(outputs, "score") or [None] * outputs.size


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
        "outside": lambda b: [orjson.dumps(b.outside.get(index, ())) for index in range(len(b.uids))],
        "time": lambda b: [orjson.dumps(written(b.time, output.offset))] * len(b.uids),
        "version": lambda b: [orjson.dumps(version)] * len(b.uids),
        "label": lambda b: [labels[index] for index in b.labels],
        "probability": lambda b: _numbers(b.scores),
        "positive_probability": lambda b: _numbers(b.outputs.columns["probabilities"][:, positive].tolist()),
        "probabilities": lambda b: [
            orjson.dumps(dict(zip(names, row, strict=True))) for row in b.outputs.columns["probabilities"].tolist()
        ],
        "interval": lambda b: list(map(orjson.dumps, _listed(b.outputs, "interval"))),
        "forecast": lambda b: [
            orjson.dumps([dict(zip(STEP, step, strict=True)) for step in steps[: horizons[window]]])
            for steps, window in zip(_listed(b.outputs, "forecast"), _listed(b.outputs, "window"), strict=True)
        ],
        "metrics": lambda b: [measured[window] for window in _listed(b.outputs, "window")],
    }
    return makers.get(output.quantity) or (lambda b: _numbers(b.outputs.columns[output.quantity].tolist()))


def _numbers(column: Sequence[Any]) -> list[bytes]:
    """Each number of ``column`` as JSON, in its shortest form that reads back the same."""
    return orjson.dumps(column)[1:-1].split(b",")
