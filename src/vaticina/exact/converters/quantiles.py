"""Each number's place among the quantiles of the data, as scikit-learn's QuantileTransformer finds it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.exact.graph import Graph, Value, converts

EDGE = 1e-7
"""How near to 0 and 1 a place may come before it counts as the end: scikit-learn's BOUNDS_THRESHOLD."""

# Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution": to 1e-15 of SciPy's.
CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4),
    (4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
)
CENTRE_BELOW = (
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3),
    (2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)
TAIL = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0),
    (1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
)
TAIL_BELOW = (
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1),
    (1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)

Polynomial = tuple[tuple[float, ...], tuple[float, ...]]


@converts("sklearn.preprocessing._data.QuantileTransformer")
def quantile_transformer(part: Any, graph: Graph, value: Value) -> Value:
    """A piecewise linear function of each column; then, if asked, the normal distribution's quantile of it."""
    places = [
        _place(graph, graph.columns(value, [at]), quantiles, part.references_, EDGE if _normal(part) else 0.0)
        for at, quantiles in enumerate(part.quantiles_.T)
    ]
    found = places[0] if len(places) == 1 else graph.add("Concat", *places, axis=1)
    return Value(_normal_quantile(graph, found) if _normal(part) else found, value.origins)


def _normal(part: Any) -> bool:
    return bool(part.output_distribution == "normal")


def _place(graph: Graph, column: Value, quantiles: NDArray[Any], places: NDArray[Any], edge: float) -> str:
    """Between two quantiles in proportion; at one that several places share, the middle of those: (n, 1)."""
    known, first, count = np.unique(quantiles, return_index=True, return_counts=True)
    low, high = places[first], places[first + count - 1]
    slope = np.append((low[1:] - high[:-1]) / np.diff(known), 0.0) if len(known) > 1 else np.zeros(1)
    reached = graph.add("Cast", graph.add("GreaterOrEqual", column.name, graph.constant(known)), to=TensorProto.INT64)
    total = graph.add("ReduceSum", reached, graph.constant([1], np.int64), keepdims=1)
    at = graph.add("Max", graph.add("Sub", total, graph.constant(1, np.int64)), graph.constant(0, np.int64))
    start, base, steep, middle = (
        graph.add("Gather", graph.constant(table), at) for table in (known, high, slope, (low + high) / 2)
    )
    along = graph.add("Add", base, graph.add("Mul", graph.add("Sub", column.name, start), steep))
    place = graph.add("Where", graph.add("Equal", column.name, start), middle, along)
    return _ends(graph, column, place, (float(quantiles[0]), float(quantiles[-1])), edge)


def _ends(graph: Graph, column: Value, place: str, ends: tuple[float, float], edge: float) -> str:
    """1 at the upper end and beyond it, 0 at the lower one, which counts more; a missing value stays missing."""
    above = graph.add("Greater", graph.add("Add", column.name, graph.constant(edge)), graph.constant(ends[1]))
    below = graph.add("Less", graph.add("Sub", column.name, graph.constant(edge)), graph.constant(ends[0]))
    if not edge:
        above = graph.add("GreaterOrEqual", column.name, graph.constant(ends[1]))
        below = graph.add("LessOrEqual", column.name, graph.constant(ends[0]))
    cut = graph.add("Where", above, graph.constant(1.0), place)
    whole = graph.add("Where", below, graph.constant(0.0), cut)
    return graph.add("Where", graph.add("IsNaN", column.name), column.name, whole)


def _normal_quantile(graph: Graph, place: str) -> str:
    """Where the standard normal distribution reaches ``place``, no nearer to the ends than ``EDGE``."""
    least = EDGE - float(np.spacing(1.0))
    held = graph.add("Max", graph.add("Min", place, graph.constant(1.0 - least)), graph.constant(least))
    apart = graph.add("Sub", held, graph.constant(0.5))
    inner = graph.add("Sub", graph.constant(0.180625), graph.add("Mul", apart, apart))
    centre = graph.add("Mul", apart, _ratio(graph, CENTRE, CENTRE_BELOW, inner))
    nearer = graph.add("Min", held, graph.add("Sub", graph.constant(1.0), held))
    root = graph.add("Sqrt", graph.add("Neg", graph.add("Log", nearer)))
    outer = _ratio(graph, TAIL, TAIL_BELOW, graph.add("Sub", root, graph.constant(1.6)))
    tail = graph.add("Mul", graph.add("Sign", apart), outer)
    within = graph.add("LessOrEqual", graph.add("Abs", apart), graph.constant(0.425))
    return graph.add("Where", within, centre, tail)


def _ratio(graph: Graph, above: Polynomial, below: Polynomial, at: str) -> str:
    return graph.add("Div", _horner(graph, above, at), _horner(graph, below, at))


def _horner(graph: Graph, polynomial: Polynomial, at: str) -> str:
    *lower, name = (graph.constant(one) for half in polynomial for one in half)
    for constant in reversed(lower):
        name = graph.add("Add", graph.add("Mul", name, at), constant)
    return name
