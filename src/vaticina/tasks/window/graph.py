"""The perceptron of a window as one graph in double precision, and the proof that it answers the same."""

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Columns, Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.graph import Graph, Value
from vaticina.exact.verify import SINGLE
from vaticina.tasks.window.model import FLAT, STEEP, TINY, Layers, Space, WindowModel

MAX_REAL = 5_000
FEW = 50
DAY = 86_400.0


def compile_window(model: WindowModel) -> Compiled:
    """The graph of ``model``, which holds no forests."""
    return Compiled(window_graph(model), (), b"")


def window_graph(model: WindowModel) -> bytes:
    """The nodes of ``model``: input ``X`` (n, 1 + size), outputs as in ``Outputs``."""
    graph, space = Graph(1 + model.space.size), model.space
    end = graph.columns(graph.input, [0])
    values = graph.columns(graph.input, range(1, 1 + space.size))
    plain, coming = _without_season(graph, space, end, _taken(graph, space, values.name))
    scaled, centre, scale = _scaled(graph, space, plain)
    level = graph.add("Add", centre, coming) if coming else centre
    steps = graph.add("Mul", _told(graph, model.layers, scaled), scale)
    spread = graph.add("Mul", graph.constant(model.reach), scale)
    paths = [steps, graph.add("Sub", steps, spread), graph.add("Add", steps, spread)]
    axis = graph.constant([2], np.int64)
    stacked = [graph.add("Unsqueeze", _back(graph, space, path, level), axis) for path in paths]
    _outputs(graph, model, graph.add("Concat", *stacked, axis=2), values.name, scale)
    return graph.finished()


def _taken(graph: Graph, space: Space, values: str) -> str:
    if space.floor is None:
        return values
    return graph.add("Log", graph.add("Max", values, graph.constant(space.floor)))


def _without_season(graph: Graph, space: Space, end: Value, taken: str) -> tuple[str, str | None]:
    """The values (n, size) without their season, and the season to come (n, horizon) if there is one."""
    if not space.is_seasonal:
        return taken, None
    period = graph.constant(float(space.period))
    since = graph.add("Sub", end.name, graph.constant(space.origin))
    counted = graph.add("Round", graph.add("Div", since, graph.constant(space.step)))
    whole = graph.add("Mul", period, graph.add("Floor", graph.add("Div", counted, period)))
    phase = graph.add("Cast", graph.add("Sub", counted, whole), to=7)  # to int64
    offsets = np.arange(len(space.season) - space.period + 1)
    season = graph.constant(space.season)
    before, coming = (
        graph.add("Gather", season, graph.add("Add", phase, graph.constant(part, np.int64)), axis=0)
        for part in (offsets[: space.size], offsets[space.size :])
    )
    return graph.add("Sub", taken, before), coming


def _scaled(graph: Graph, space: Space, plain: str) -> tuple[str, str, str]:
    """Scaled values, their centre and their scale."""
    axis = graph.constant([1], np.int64)
    if space.is_centred_on_last:
        centre = graph.add("Gather", plain, graph.constant([space.size - 1], np.int64), axis=1)
    else:
        centre = graph.add("ReduceMean", plain, axis, keepdims=1)
    apart = graph.add("Sub", plain, centre)
    spread = graph.add("Sqrt", graph.add("ReduceMean", graph.add("Mul", apart, apart), axis, keepdims=1))
    least = graph.constant(FLAT)
    if space.floor is None:
        least = graph.add("Add", graph.add("Mul", least, graph.add("Abs", centre)), graph.constant(TINY))
    scale = graph.add("Add", spread, least)
    return graph.add("Div", apart, scale), centre, scale


def _told(graph: Graph, layers: Layers, scaled: str) -> str:
    start = graph.add("Gather", scaled, graph.constant(layers.start, np.int64), axis=1)
    linear = graph.add("Add", graph.add("MatMul", scaled, graph.constant(layers.linear)), graph.constant(layers.bias))
    steps = graph.add("Add", start, linear)
    if not layers.inner.shape[1]:
        return steps
    inside = graph.add(
        "Add", graph.add("MatMul", scaled, graph.constant(layers.inner)), graph.constant(layers.inner_bias)
    )
    return graph.add("Add", steps, graph.add("MatMul", graph.add("Tanh", inside), graph.constant(layers.outer)))


def _back(graph: Graph, space: Space, moved: str, level: str) -> str:
    if space.floor is None:
        return graph.add("Add", moved, level)
    near = graph.add("Clip", moved, graph.constant(-STEEP), graph.constant(STEEP))
    return graph.add("Exp", graph.add("Add", near, level))


def _outputs(graph: Graph, model: WindowModel, forecast: str, values: str, scale: str) -> None:
    horizon = len(model.reach)
    first = graph.add("Gather", forecast, graph.constant(0, np.int64), axis=1)
    graph.output("value", graph.add("Gather", first, graph.constant(0, np.int64), axis=1))
    graph.output("interval", graph.add("Gather", first, graph.constant([1, 2], np.int64), axis=1), 2)
    graph.output("forecast", forecast, horizon, 3)
    error = graph.add("Mul", graph.constant(model.error), scale)
    if model.space.floor is None:
        sizes = graph.add("ReduceMean", graph.add("Abs", values), graph.constant([1], np.int64), keepdims=1)
        error = graph.add("Div", error, graph.add("Add", sizes, graph.constant(TINY)))
    sure = graph.add("Clip", graph.add("Sub", graph.constant(1.0), error), graph.constant(0.0), graph.constant(1.0))
    graph.output("confidence", graph.add("Squeeze", sure, graph.constant([1], np.int64)))


def window_rows(rows: Matrix, seed: int = 0) -> dict[str, Matrix]:
    """Real windows, rounded ones, those of other moments, flat ones, jumps, huge and negative ones, and single ones."""
    random = np.random.default_rng(seed)
    some = rows if len(rows) <= MAX_REAL else rows[random.choice(len(rows), MAX_REAL, replace=False)]
    few = some[random.choice(len(some), min(len(some), FEW), replace=False)]
    moved = some.copy()
    moved[:, 0] += random.integers(-400, 400, len(some)) * DAY + random.uniform(-DAY, DAY, len(some))
    flat, jumps, odd = few.copy(), few.copy(), np.repeat(few[:1], 6, axis=0)
    flat[:, 1:] = few[:, -1:]
    jumps[:, 1:] *= random.choice([1.0, 10.0, -1.0], jumps[:, 1:].shape)
    odd[:, 1:] = np.array([0.0, -5.0, 1e-300, 1e30, -1e30, 3e38])[:, None]
    return {
        "real": some,
        "rounded": np.concatenate([np.round(some, 0), np.round(some, 1)]),
        "moved": moved,
        "flat": flat,
        "jumps": jumps,
        "odd": odd,
        SINGLE: few,
    }


def no_ties(matrix: Matrix, _: Columns) -> NDArray[np.bool_]:
    """No row (n, 1 + size) stands at a tie."""
    return np.zeros(len(matrix), dtype=bool)
