"""Each number's place among the quantiles of the data, as scikit-learn's QuantileTransformer computes it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.exact.graph import Graph, Value, converts

EDGE = 1e-7
"""How near to an end a value may come before it counts as the end: scikit-learn's BOUNDS_THRESHOLD."""

# Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution": to 1e-15 of SciPy's.
CENTRE = (
    *(3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4),
    *(4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
)
CENTRE_BELOW = (
    *(1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3),
    *(2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)
TAIL = (
    *(1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0),
    *(1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
)
TAIL_BELOW = (
    *(1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1),
    *(1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)

Polynomial = tuple[float, ...]


@converts("sklearn.preprocessing._data.QuantileTransformer")
def quantile_transformer(part: Any, graph: Graph, value: Value) -> Value:
    """A piecewise linear function of each column; then, if asked, the normal distribution's quantile of it."""
    is_normal = part.output_distribution == "normal"
    edge = EDGE if is_normal else 0.0
    names = []
    for number, quantiles in enumerate(part.quantiles_.T):
        column = graph.columns(value, [number])
        place = _place(graph, column, quantiles, part.references_)
        names.append(_ends(graph, column, place, (float(quantiles[0]), float(quantiles[-1])), edge))
    result = graph.add("Concat", *names, axis=1)
    if is_normal:
        result = _normal_quantile(graph, result)
    return Value(result, value.origins)


def _place(graph: Graph, column: Value, quantiles: NDArray[Any], places: NDArray[Any]) -> str:
    """Between two quantiles in proportion; at one that several places share, the middle of those: (n, 1)."""
    values, first, count = np.unique(quantiles, return_index=True, return_counts=True)
    low, high = places[first], places[first + count - 1]
    slopes = np.append((low[1:] - high[:-1]) / np.diff(values), 0.0)
    reached = graph.add("Cast", graph.add("GreaterOrEqual", column.name, graph.constant(values)), to=TensorProto.INT64)
    total = graph.add("ReduceSum", reached, graph.constant([1], np.int64), keepdims=1)
    last = graph.add("Max", graph.add("Sub", total, graph.constant(1, np.int64)), graph.constant(0, np.int64))
    start = graph.add("Gather", graph.constant(values), last)
    base = graph.add("Gather", graph.constant(high), last)
    slope = graph.add("Gather", graph.constant(slopes), last)
    middle = graph.add("Gather", graph.constant((low + high) / 2), last)
    between = graph.add("Add", base, graph.add("Mul", graph.add("Sub", column.name, start), slope))
    return graph.add("Where", graph.add("Equal", column.name, start), middle, between)


def _ends(graph: Graph, column: Value, place: str, ends: tuple[float, float], edge: float) -> str:
    """1 from the upper end on, 0 up to the lower one; 0 where both hold. A missing value stays missing.

    ``ends`` are the least and the greatest quantile; a value nearer than ``edge`` to one of them counts as beyond it.
    """
    low, high = graph.constant(ends[0]), graph.constant(ends[1])
    if edge:
        above = graph.add("Greater", graph.add("Add", column.name, graph.constant(edge)), high)
        below = graph.add("Less", graph.add("Sub", column.name, graph.constant(edge)), low)
    else:
        above = graph.add("GreaterOrEqual", column.name, high)
        below = graph.add("LessOrEqual", column.name, low)
    limited = graph.add("Where", above, graph.constant(1.0), place)
    limited = graph.add("Where", below, graph.constant(0.0), limited)
    return graph.add("Where", graph.add("IsNaN", column.name), column.name, limited)


def _normal_quantile(graph: Graph, place: str) -> str:
    """The quantile of the standard normal distribution at ``place``, no nearer to the ends than ``EDGE``."""
    least = EDGE - float(np.spacing(1.0))
    limited = graph.add("Max", graph.add("Min", place, graph.constant(1.0 - least)), graph.constant(least))
    distance = graph.add("Sub", limited, graph.constant(0.5))
    central = graph.add("Sub", graph.constant(0.180625), graph.add("Mul", distance, distance))
    centre = graph.add("Mul", distance, _ratio(graph, CENTRE, CENTRE_BELOW, central))
    nearest = graph.add("Min", limited, graph.add("Sub", graph.constant(1.0), limited))
    root = graph.add("Sqrt", graph.add("Neg", graph.add("Log", nearest)))
    outer = _ratio(graph, TAIL, TAIL_BELOW, graph.add("Sub", root, graph.constant(1.6)))
    tail = graph.add("Mul", graph.add("Sign", distance), outer)
    is_central = graph.add("LessOrEqual", graph.add("Abs", distance), graph.constant(0.425))
    return graph.add("Where", is_central, centre, tail)


def _ratio(graph: Graph, above: Polynomial, below: Polynomial, argument: str) -> str:
    return graph.add("Div", _polynomial(graph, above, argument), _polynomial(graph, below, argument))


def _polynomial(graph: Graph, coefficients: Polynomial, argument: str) -> str:
    """The polynomial with ``coefficients`` from the lowest power up, by Horner's rule."""
    result = graph.constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = graph.add("Add", graph.add("Mul", result, argument), graph.constant(coefficient))
    return result
