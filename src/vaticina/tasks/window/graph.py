"""The model of a window as one graph in double precision, and the rows on which the two are compared."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.exact.arrays import Columns, Integers, Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.graph import Graph, Value
from vaticina.exact.verify import SINGLE
from vaticina.tasks.window.model import WindowModel
from vaticina.tasks.window.perceptron import Perceptron
from vaticina.tasks.window.scaler import FLAT, STEEP, TINY, WindowScaler

MAX_REAL = 5_000
FEW = 50
DAY = 86_400.0


def compile_window(model: WindowModel) -> Compiled:
    """The graph of ``model``, which holds no forests: input ``X`` (n, 1 + size), outputs as in ``Outputs``."""
    scaler = model.scaler
    graph = Graph(1 + scaler.size)
    end = graph.columns(graph.input, [0])
    values = graph.columns(graph.input, range(1, 1 + scaler.size))
    transformed = _transform(graph, scaler, values.name)
    coming_season = None
    if scaler.is_seasonal:
        transformed, coming_season = _subtract_season(graph, scaler, end, transformed)
    scaled, centre, scale = _scale(graph, scaler, transformed)
    level = centre
    if coming_season is not None:
        level = graph.add("Add", centre, coming_season)
    steps = graph.add("Mul", _forward(graph, model.perceptron, scaled), scale)
    reach = graph.add("Mul", graph.constant(model.half_widths), scale)
    paths = [steps, graph.add("Sub", steps, reach), graph.add("Add", steps, reach)]
    forecast = _stack(graph, [_restore(graph, scaler, path, level) for path in paths])
    _add_outputs(graph, model, forecast, values.name, scale)
    return Compiled(graph.finished(), (), b"")


def _transform(graph: Graph, scaler: WindowScaler, values: str) -> str:
    if scaler.floor is None:
        return values
    return graph.add("Log", graph.add("Max", values, graph.constant(scaler.floor)))


def _subtract_season(graph: Graph, scaler: WindowScaler, end: Value, values: str) -> tuple[str, str]:
    """The values (n, size) without their season, and the season to come (n, horizon)."""
    period = graph.constant(float(scaler.period))
    since = graph.add("Sub", end.name, graph.constant(scaler.origin))
    steps = graph.add("Round", graph.add("Div", since, graph.constant(scaler.step)))
    whole_periods = graph.add("Mul", period, graph.add("Floor", graph.add("Div", steps, period)))
    phase = graph.add("Cast", graph.add("Sub", steps, whole_periods), to=TensorProto.INT64)
    season = graph.constant(scaler.season)
    offsets = np.arange(len(scaler.season) - scaler.period + 1)
    past = _gather_season(graph, season, phase, offsets[: scaler.size])
    coming = _gather_season(graph, season, phase, offsets[scaler.size :])
    return graph.add("Sub", values, past), coming


def _gather_season(graph: Graph, season: str, phase: str, offsets: Integers) -> str:
    """The elements of ``season`` at each row's ``phase`` plus ``offsets``: (n, offsets)."""
    return graph.add("Gather", season, graph.add("Add", phase, graph.constant(offsets, np.int64)), axis=0)


def _scale(graph: Graph, scaler: WindowScaler, values: str) -> tuple[str, str, str]:
    """Scaled values, their centre and their scale."""
    axis = graph.constant([1], np.int64)
    if scaler.is_centred_on_last:
        centre = graph.add("Gather", values, graph.constant([scaler.size - 1], np.int64), axis=1)
    else:
        centre = graph.add("ReduceMean", values, axis, keepdims=1)
    centred = graph.add("Sub", values, centre)
    spread = graph.add("Sqrt", graph.add("ReduceMean", graph.add("Mul", centred, centred), axis, keepdims=1))
    least = graph.constant(FLAT)
    if scaler.floor is None:
        least = graph.add("Add", graph.add("Mul", least, graph.add("Abs", centre)), graph.constant(TINY))
    scale = graph.add("Add", spread, least)
    return graph.add("Div", centred, scale), centre, scale


def _forward(graph: Graph, perceptron: Perceptron, scaled: str) -> str:
    start = graph.add("Gather", scaled, graph.constant(perceptron.start, np.int64), axis=1)
    linear = _layer(graph, scaled, perceptron.linear, perceptron.bias)
    steps = graph.add("Add", start, linear)
    if not perceptron.hidden.shape[1]:
        return steps
    hidden = graph.add("Tanh", _layer(graph, scaled, perceptron.hidden, perceptron.hidden_bias))
    return graph.add("Add", steps, graph.add("MatMul", hidden, graph.constant(perceptron.output)))


def _layer(graph: Graph, values: str, weights: Matrix, bias: Matrix) -> str:
    return graph.add("Add", graph.add("MatMul", values, graph.constant(weights)), graph.constant(bias))


def _restore(graph: Graph, scaler: WindowScaler, steps: str, level: str) -> str:
    """Steps, relative to ``level``, as values of the series."""
    if scaler.floor is None:
        return graph.add("Add", steps, level)
    clipped = graph.add("Clip", steps, graph.constant(-STEEP), graph.constant(STEEP))
    return graph.add("Exp", graph.add("Add", clipped, level))


def _stack(graph: Graph, paths: Sequence[str]) -> str:
    """``paths``, each (n, horizon), as one array (n, horizon, paths)."""
    axis = graph.constant([2], np.int64)
    columns = [graph.add("Unsqueeze", path, axis) for path in paths]
    return graph.add("Concat", *columns, axis=2)


def _add_outputs(graph: Graph, model: WindowModel, forecast: str, values: str, scale: str) -> None:
    horizon = len(model.half_widths)
    first = graph.add("Gather", forecast, graph.constant(0, np.int64), axis=1)
    graph.output("value", graph.add("Gather", first, graph.constant(0, np.int64), axis=1))
    graph.output("interval", graph.add("Gather", first, graph.constant([1, 2], np.int64), axis=1), 2)
    graph.output("forecast", forecast, horizon, 3)
    graph.output("confidence", _confidence(graph, model, values, scale))


def _confidence(graph: Graph, model: WindowModel, values: str, scale: str) -> str:
    axis = graph.constant([1], np.int64)
    error = graph.add("Mul", graph.constant(model.mean_error), scale)
    if model.scaler.floor is None:
        sizes = graph.add("ReduceMean", graph.add("Abs", values), axis, keepdims=1)
        error = graph.add("Div", error, graph.add("Add", sizes, graph.constant(TINY)))
    confidence = graph.add("Sub", graph.constant(1.0), error)
    clipped = graph.add("Clip", confidence, graph.constant(0.0), graph.constant(1.0))
    return graph.add("Squeeze", clipped, axis)


def window_rows(rows: Matrix, seed: int = 0) -> dict[str, Matrix]:
    """Rows on which a graph is compared with its model, by the kind of row, made from real ``rows`` (n, 1 + size).

    They are real windows, rounded ones, those of other moments, flat ones, ones with jumps, ones with huge and negative
    values, and ones that are asked one at a time.
    """
    random = np.random.default_rng(seed)
    real = rows
    if len(rows) > MAX_REAL:
        real = rows[random.choice(len(rows), MAX_REAL, replace=False)]
    few = real[random.choice(len(real), min(len(real), FEW), replace=False)]
    moved = real.copy()
    moved[:, 0] += random.integers(-400, 400, len(real)) * DAY + random.uniform(-DAY, DAY, len(real))
    flat, jumps, odd = few.copy(), few.copy(), np.repeat(few[:1], 6, axis=0)
    flat[:, 1:] = few[:, -1:]
    jumps[:, 1:] *= random.choice([1.0, 10.0, -1.0], jumps[:, 1:].shape)
    odd[:, 1:] = np.array([0.0, -5.0, 1e-300, 1e30, -1e30, 3e38])[:, None]
    return {
        "real": real,
        "rounded": np.concatenate([np.round(real, 0), np.round(real, 1)]),
        "moved": moved,
        "flat": flat,
        "jumps": jumps,
        "odd": odd,
        SINGLE: few,
    }


def no_ties(matrix: Matrix, _: Columns) -> NDArray[np.bool_]:
    """No row (n, 1 + size) is a tie."""
    return np.zeros(len(matrix), dtype=bool)
