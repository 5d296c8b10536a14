"""A preprocessor and a model of others, over the encoded matrix."""

from typing import Any

import numpy as np

from vaticina.exact.category_codes import with_other
from vaticina.exact.converters.xgboost import is_xgboost
from vaticina.exact.graph import Field, Graph, NotCompilable, Value, convert, converts


@converts("vaticina.formats.estimators.frame_model.Framed")
def framed(part: Any, graph: Graph, value: Value) -> Value:
    """The table's columns, then part after part."""
    value = _table(part, graph, value)
    for before, step in zip([None, *part.parts], part.parts, strict=False):
        if is_xgboost(step) and getattr(before, "sparse_output_", False):
            value = _sparse(graph, value)
        value = convert(step, graph, value)
    return value


def _table(part: Any, graph: Graph, value: Value) -> Value:
    """The columns of the table in their order, each with its field."""
    pieces = []
    for column in part.columns:
        values = column["values"]
        known = None if values is None else with_other(values)
        field = Field(column["name"], known)
        if column["at"] is None:
            pieces.append(Value(_unknown(graph, value, len(values or ())), (None,), (field,)))
        else:
            piece = graph.columns(value, [column["at"]])
            pieces.append(Value(piece.name, piece.origins, (field,)))
    return graph.join(pieces) if _moved(part) else Value(value.name, value.origins, _fields(pieces))


def _moved(part: Any) -> bool:
    """Whether the table's columns are not simply the matrix's."""
    return [column["at"] for column in part.columns] != list(range(len(part.columns)))


def _fields(pieces: list[Value]) -> tuple[Field, ...]:
    return tuple(field for piece in pieces for field in piece.fields)


def _unknown(graph: Graph, value: Value, code: int) -> str:
    """A column (n, 1) of ``code``."""
    first = graph.columns(value, [0])
    same = graph.constant(float(code))
    return graph.add("Where", graph.add("IsNaN", first.name), same, same)


def _sparse(graph: Graph, value: Value) -> Value:
    """XGBoost takes what a sparse matrix does not hold, its zeros, for missing."""
    if value.has_codes:
        raise NotCompilable("XGBoost over a column of texts has no compiled form")
    zero = graph.add("Equal", value.name, graph.constant(0.0))
    return Value(graph.add("Where", zero, graph.constant(np.nan), value.name), value.origins)
