"""The converter of ``FrameModel``: the table's columns, then each of its parts, as nodes of one graph."""

from collections.abc import Sequence

import numpy as np

from vaticina.exact.category_codes import with_other
from vaticina.exact.converters.xgboost import is_xgboost
from vaticina.exact.graph import Field, Graph, NotCompilable, Value, convert, converts
from vaticina.formats.estimators.frame_model import FrameColumn, FrameModel


@converts("vaticina.formats.estimators.frame_model.FrameModel")
def frame_model(model: FrameModel, graph: Graph, value: Value) -> Value:
    """The model's answers for the encoded matrix ``value``."""
    value = _table(model.columns, graph, value)
    is_sparse = False
    for part in model.parts:
        if is_sparse and is_xgboost(part):
            value = _zeros_as_missing(graph, value)
        value = convert(part, graph, value)
        is_sparse = bool(getattr(part, "sparse_output_", False))
    return value


def _table(columns: Sequence[FrameColumn], graph: Graph, value: Value) -> Value:
    """The columns of the table in their order, each with its field."""
    fields = tuple(map(_field, columns))
    if [column["at"] for column in columns] == list(range(len(columns))):
        return Value(value.name, value.origins, fields)
    pieces = []
    for column, field in zip(columns, fields, strict=True):
        if column["at"] is None:
            unknown = _unknown(graph, value, len(column["values"] or ()))
            pieces.append(Value(unknown, (None,), (field,)))
        else:
            piece = graph.columns(value, [column["at"]])
            pieces.append(Value(piece.name, piece.origins, (field,)))
    return graph.join(pieces)


def _field(column: FrameColumn) -> Field:
    """Its codes are its values, except those of a category; the codes of a flag are 0 and 1, as numbers are."""
    if column["values"] is None or column["values"] == [False, True]:
        return Field(column["name"])
    return Field(column["name"], with_other(column["values"]), column.get("missing_is_none", False))


def _unknown(graph: Graph, value: Value, code: int) -> str:
    """A column (n, 1) of ``code``."""
    first = graph.columns(value, [0])
    same = graph.constant(float(code))
    return graph.add("Where", graph.add("IsNaN", first.name), same, same)


def _zeros_as_missing(graph: Graph, value: Value) -> Value:
    """NaN for zeros: XGBoost takes what a sparse matrix does not hold for missing."""
    if value.has_codes:
        raise NotCompilable("XGBoost over a column of texts has no compiled form")
    zero = graph.add("Equal", value.name, graph.constant(0.0))
    return Value(graph.add("Where", zero, graph.constant(np.nan), value.name), value.origins)
