"""The converter of ``PandasCategories``: codes of the contract become codes of pandas."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from vaticina.exact.category_codes import with_other
from vaticina.exact.graph import Graph, Value, converts
from vaticina.formats.estimators.pandas_categories import PandasCategories

FLAG = with_other([False, True])
"""The values of a flag by their codes, which its field does not tell."""


@converts("vaticina.formats.estimators.pandas_categories.PandasCategories", takes_codes=True)
def pandas_categories(part: PandasCategories, graph: Graph, value: Value) -> Value:
    """Each category's place in its list, NaN for a missing one and for any that the list does not have."""
    pieces = []
    for index, field in enumerate(value.fields):
        column = graph.columns(value, [index])
        name = column.name
        if field.name in part.lists:
            name = _codes(part.lists[field.name], field.values or FLAG, graph, column)
        pieces.append(Value(name, column.origins))
    return graph.join(pieces)


def _codes(categories: list[Any], values: Sequence[Any], graph: Graph, column: Value) -> str:
    """The codes (n, 1) by ``categories`` of a column of codes by ``values``."""
    places = np.full(len(values), np.nan)
    for number, category in enumerate(values):
        if category in categories:
            places[number] = categories.index(category)
    other = graph.constant(float(len(values) - 1))  # the last code: its place in the list is NaN
    limited = graph.add("Clip", column.name, graph.constant(0.0), other)
    code = graph.add("Where", graph.add("IsNaN", column.name), other, graph.add("Floor", limited))
    return graph.add("Gather", graph.constant(places), graph.add("Cast", code, to=TensorProto.INT64), axis=0)
