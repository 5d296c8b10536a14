"""Pipelines and what stands before a model: imputers, scalers, encoders."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from vaticina.compilation.graph import Graph, NotCompilable, Value, convert, converts


@converts("sklearn.pipeline.Pipeline")
def pipeline(part: Any, graph: Graph, value: Value) -> Value:
    """Step after step."""
    for _, step in part.steps:
        if step is not None and step != "passthrough":
            value = convert(step, graph, value)
    return value


@converts("sklearn.compose._column_transformer.ColumnTransformer")
def column_transformer(part: Any, graph: Graph, value: Value) -> Value:
    """Each transformer on its columns, side by side in the fitted order."""
    parts: list[Value] = []
    for _, transformer, columns in part.transformers_:
        indices = _indices(columns, value.width)
        if not indices or transformer == "drop":
            continue
        chosen = graph.columns(value, indices)
        parts.append(chosen if transformer == "passthrough" else convert(transformer, graph, chosen))
    return graph.join(parts)


@converts("sklearn.preprocessing._function_transformer.FunctionTransformer")
def identity(part: Any, _: Graph, value: Value) -> Value:
    """Only the one that does nothing."""
    if part.func is not None:
        raise NotCompilable("a FunctionTransformer with a function of its own has no compiled form")
    return value


@converts("sklearn.impute._base.SimpleImputer")
def imputer(part: Any, graph: Graph, value: Value) -> Value:
    """The statistic where a value is missing; indicators, if any, to the right."""
    statistics = np.asarray(part.statistics_, dtype=np.float64)
    if np.isnan(statistics).any() and not part.keep_empty_features:
        raise NotCompilable("SimpleImputer drops a column that was always missing")
    if not (isinstance(part.missing_values, float) and np.isnan(part.missing_values)):
        raise NotCompilable(f"SimpleImputer with missing_values={part.missing_values!r} has no compiled form")
    filled = graph.add("Where", graph.add("IsNaN", value.name), graph.constant(statistics), value.name)
    result = Value(filled, value.origins)
    return result if part.indicator_ is None else graph.join([result, convert(part.indicator_, graph, value)])


@converts("sklearn.impute._base.MissingIndicator")
def indicator(part: Any, graph: Graph, value: Value) -> Value:
    """1 where a value is missing."""
    chosen = graph.columns(value, list(part.features_))
    return graph.matrix(_double(graph, graph.add("IsNaN", chosen.name)), chosen.width)


@converts("sklearn.preprocessing._data.StandardScaler")
def standard_scaler(part: Any, graph: Graph, value: Value) -> Value:
    """(x - mean) / standard deviation."""
    shift = part.mean_ if part.with_mean else np.zeros(value.width)
    return graph.affine(value, shift, part.scale_ if part.with_std else np.ones(value.width))


@converts("sklearn.preprocessing._data.RobustScaler")
def robust_scaler(part: Any, graph: Graph, value: Value) -> Value:
    """(x - median) / range of the quartiles."""
    shift = part.center_ if part.with_centering else np.zeros(value.width)
    return graph.affine(value, shift, part.scale_ if part.with_scaling else np.ones(value.width))


@converts("sklearn.preprocessing._data.MinMaxScaler")
def min_max_scaler(part: Any, graph: Graph, value: Value) -> Value:
    """x * scale + min, and cut to the range if asked."""
    scaled = graph.add("Add", graph.add("Mul", value.name, graph.constant(part.scale_)), graph.constant(part.min_))
    if part.clip:
        low, high = (graph.constant(end) for end in part.feature_range)
        scaled = graph.add("Clip", scaled, low, high)
    return graph.matrix(scaled, value.width)


@converts("sklearn.preprocessing._encoders.OneHotEncoder")
def one_hot(part: Any, graph: Graph, value: Value) -> Value:
    """One column per category, without the dropped one; an unseen category is all zeros."""
    if getattr(part, "infrequent_categories_", None) is not None and part._infrequent_enabled:
        raise NotCompilable("OneHotEncoder that joins infrequent categories has no compiled form")
    dropped = part.drop_idx_ if part.drop_idx_ is not None else [None] * value.width
    parts = []
    for index, (categories, drop) in enumerate(zip(part.categories_, dropped, strict=True)):
        kept = np.delete(np.asarray(categories, dtype=np.float64), [] if drop is None else [int(drop)])
        if len(kept):
            column = graph.columns(value, [index])
            parts.append(graph.matrix(_double(graph, _matches(graph, column, kept)), len(kept)))
    return graph.join(parts)


@converts("sklearn.preprocessing._encoders.OrdinalEncoder")
def ordinal(part: Any, graph: Graph, value: Value) -> Value:
    """Each category's place in its list, ``unknown_value`` for any other."""
    if part.handle_unknown != "use_encoded_value":
        raise NotCompilable("OrdinalEncoder must use handle_unknown='use_encoded_value'")
    return graph.join([_places(part, graph, graph.columns(value, [at]), at) for at in range(value.width)])


def _places(part: Any, graph: Graph, column: Value, at: int) -> Value:
    categories = np.asarray(part.categories_[at], dtype=np.float64)
    places = np.arange(len(categories), dtype=np.float64)
    places[np.isnan(categories)] = part.encoded_missing_value
    finite = ~np.isnan(categories)
    matched = _double(graph, _matches(graph, column, categories[finite]))
    place = graph.add("MatMul", matched, graph.constant(places[finite][:, None]))
    known = graph.add("ReduceSum", matched, graph.constant([1], np.int64), keepdims=1)
    any_known = graph.add("Greater", known, graph.constant(0.5))
    other = graph.constant([[part.unknown_value]])
    if not finite.all():
        other = graph.add(
            "Where", graph.add("IsNaN", column.name), graph.constant([[part.encoded_missing_value]]), other
        )
    return graph.matrix(graph.add("Where", any_known, place, other), 1)


def _matches(graph: Graph, column: Value, categories: np.ndarray[Any, Any]) -> str:
    """(n, categories) of booleans; a missing value matches the missing category."""
    equal = graph.add("Equal", column.name, graph.constant(categories[None, :]))
    missing = np.isnan(categories)
    if not missing.any():
        return equal
    both = graph.add("And", graph.add("IsNaN", column.name), graph.constant(missing[None, :], np.bool_))
    return graph.add("Or", equal, both)


def _double(graph: Graph, name: str) -> str:
    return graph.add("Cast", name, to=TensorProto.DOUBLE)


def _indices(columns: Any, width: int) -> Sequence[int]:
    if callable(columns):
        raise NotCompilable("ColumnTransformer with columns chosen by a function has no compiled form")
    return [int(index) for index in np.arange(width)[columns]]
