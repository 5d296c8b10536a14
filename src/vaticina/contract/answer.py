"""From a model's columns to the answers people get and the records that are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from vaticina.contract.contract import Contract, Output
from vaticina.contract.encoding import Matrix
from vaticina.contract.outputs import Outputs

Row = dict[str, Any]
Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """One row's answer. ``output`` is the answer without the input's copy, as JSON; ``body`` is the whole answer."""

    body: bytes
    input: bytes
    output: bytes
    label: str | None
    score: float | None


class Answers:
    """Shapes answers as the contract's ``[outputs]`` says."""

    def __init__(self, contract: Contract, version: str) -> None:
        self._contract = contract
        self._version = version
        self._columns = [
            (name, _column(contract, output))
            for name, output in contract.outputs.items()
            if output.quantity not in _STAMPS
        ]
        self._stamps = [(name, output) for name, output in contract.outputs.items() if output.quantity in _STAMPS]
        self._copies = [name for name, output in contract.outputs.items() if output.quantity == "input"]
        self._order = list(contract.outputs)

    def shape(self, rows: Sequence[Row], outputs: Outputs, uids: Sequence[str], time: datetime) -> list[Answered]:
        """One answer for each row, in order."""
        names = [name for name, _ in self._columns]
        columns = [column(outputs) for _, column in self._columns]
        labels, scores = self._labels(outputs), self._scores(outputs)
        answered = []
        for at, (row, uid) in enumerate(zip(rows, uids, strict=True)):
            answer = dict(zip(names, (column[at] for column in columns), strict=True))
            for name, output in self._stamps:
                answer[name] = self._stamp(output, uid, time)
            answered.append(self._answered(row, answer, labels[at], scores[at]))
        return answered

    def _answered(self, row: Row, answer: Row, label: Any, score: float | None) -> Answered:
        entry = orjson.dumps(row, option=orjson.OPT_UTC_Z)
        for name in self._copies:
            del answer[name]
        output = orjson.dumps({name: answer[name] for name in self._order if name in answer})
        if self._copies:
            copy = orjson.Fragment(entry)
            body = orjson.dumps({name: copy if name in self._copies else answer[name] for name in self._order})
        else:
            body = output
        return Answered(body, entry, output, None if label is None else str(label), score)

    def _stamp(self, output: Output, uid: str, time: datetime) -> Any:
        if output.quantity == "time":
            return written(time, output.offset)
        return {"id": uid, "version": self._version}.get(output.quantity)

    def _labels(self, outputs: Outputs) -> Values:
        if "label" in outputs.columns:
            classes = self._contract.classes
            return [classes[index] for index in outputs.columns["label"].tolist()]
        if "anomaly" in outputs.columns:
            return [str(flag) for flag in outputs.columns["anomaly"].tolist()]
        return [None] * outputs.size

    def _scores(self, outputs: Outputs) -> Values:
        if "probabilities" in outputs.columns:
            return list(map(float, _answered_probability(outputs)))
        for name in ("value", "score"):
            if name in outputs.columns:
                return list(outputs.columns[name].tolist())
        return [None] * outputs.size


_STAMPS = frozenset({"time", "version", "input", "id"})


def written(time: datetime, offset: bool = True) -> str:
    """A UTC time with microseconds, ending in Z unless ``offset`` is false."""
    return time.replace(tzinfo=None).isoformat(timespec="microseconds") + ("Z" if offset else "")


def _answered_probability(outputs: Outputs) -> NDArray[np.float64]:
    rows = np.arange(outputs.size)
    probabilities: NDArray[np.float64] = outputs.columns["probabilities"]
    labels: NDArray[np.intp] = outputs.columns["label"]
    return probabilities[rows, labels]


def _column(contract: Contract, output: Output) -> Callable[[Outputs], Values]:
    """How a quantity is read from a model's columns, as a list of JSON values."""
    classes, positive = contract.classes, contract.positive_index
    names = [str(name) for name in classes]
    readers: dict[str, Callable[[Outputs], Values]] = {
        "label": lambda o: [classes[index] for index in o.columns["label"].tolist()],
        "probability": lambda o: _answered_probability(o).tolist(),
        "positive_probability": lambda o: o.columns["probabilities"][:, positive].tolist(),
        "probabilities": lambda o: [dict(zip(names, row, strict=True)) for row in o.columns["probabilities"].tolist()],
    }
    return readers.get(output.quantity) or (lambda o: o.columns[output.quantity].tolist())


class SeenRange:
    """Tells which rows lie outside what training saw: beyond a learnt range, or in an unknown category."""

    def __init__(self, contract: Contract) -> None:
        bounds = [_bounds(contract, column.input, column.kind, column.size) for column in contract.columns]
        self._low = np.array([low for low, _ in bounds])
        self._high = np.array([high for _, high in bounds])

    def outside(self, matrix: Matrix) -> list[bool]:
        """One flag per row of the encoded matrix; what is missing is not outside."""
        beyond: NDArray[np.bool_] = (matrix < self._low) | (matrix > self._high)
        return [bool(flag) for flag in np.any(beyond, axis=1)]


def _bounds(contract: Contract, name: str, kind: str, size: int) -> tuple[float, float]:
    if kind == "category":
        return 0.0, float(size - 1) if size else np.inf
    seen = getattr(contract.inputs[name], "seen", None)
    if seen is None or isinstance(seen[0], datetime):
        return -np.inf, np.inf
    return float(seen[0]), float(seen[1])
