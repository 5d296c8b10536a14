"""Pipelines and what stands before a model: imputers, scalers, encoders."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.exact.category_codes import codes_of, fillings
from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts

Codes = NDArray[np.float64]


@converts("sklearn.pipeline.Pipeline", takes_codes=True)
def pipeline(part: Any, graph: Graph, value: Value) -> Value:
    """Step after step."""
    for _, step in part.steps:
        if step is not None and step != "passthrough":
            value = convert(step, graph, value)
    return value


@converts("sklearn.compose._column_transformer.ColumnTransformer", takes_codes=True)
def column_transformer(part: Any, graph: Graph, value: Value) -> Value:
    """Each transformer on its columns, side by side in the fitted order."""
    parts: list[Value] = []
    for name, transformer, columns in part.transformers_:
        indices = _named_indices(part, name, value) if value.fields else _indices(columns, value.width)
        if not indices or transformer == "drop":
            continue
        chosen = graph.columns(value, indices)
        parts.append(chosen if transformer == "passthrough" else convert(transformer, graph, chosen))
    return graph.join(parts)


@converts("sklearn.preprocessing._function_transformer.FunctionTransformer", takes_codes=True)
def identity(part: Any, _: Graph, value: Value) -> Value:
    """Only the one that does nothing."""
    if part.func is not None:
        raise NotCompilable("a FunctionTransformer with a function of its own has no compiled form")
    return value


@converts("sklearn.impute._base.SimpleImputer", takes_codes=True)
def imputer(part: Any, graph: Graph, value: Value) -> Value:
    """The statistic where a value is missing; indicators, if any, to the right."""
    _check_missing(part)
    statistics, fields = fillings(part.statistics_, value)
    kept = np.flatnonzero(~np.isnan(statistics))  # a column that was always missing has none, and is dropped
    chosen = graph.columns(value, kept.tolist())
    filled = graph.add("Where", graph.add("IsNaN", chosen.name), graph.constant(statistics[kept]), chosen.name)
    result = Value(filled, chosen.origins, tuple(fields[at] for at in kept) if fields else ())
    return result if part.indicator_ is None else graph.join([result, convert(part.indicator_, graph, value)])


@converts("sklearn.impute._base.MissingIndicator", takes_codes=True)
def indicator(part: Any, graph: Graph, value: Value) -> Value:
    """1 where a value is missing."""
    _check_missing(part)
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
    result = Value(scaled, value.origins)
    return _cut(graph, result, part.feature_range) if part.clip else result


def _cut(graph: Graph, value: Value, ends: Sequence[float]) -> Value:
    """Cut to ``ends``; a missing value stays missing."""
    low, high = (graph.constant(end) for end in ends)
    cut = graph.add("Where", graph.add("Less", value.name, low), low, value.name)
    return Value(graph.add("Where", graph.add("Greater", cut, high), high, cut), value.origins)


@converts("sklearn.preprocessing._encoders.OneHotEncoder", takes_codes=True)
def one_hot(part: Any, graph: Graph, value: Value) -> Value:
    """One column per category, without the dropped one; an unseen category is all zeros."""
    _check_frequent(part)
    dropped = part.drop_idx_ if part.drop_idx_ is not None else [None] * value.width
    kept = [
        np.delete(codes, [] if drop is None else [int(drop)])
        for codes, drop in zip(codes_of(part.categories_, value), dropped, strict=True)
    ]
    origins = tuple(origin for origin, one in zip(value.origins, kept, strict=True) for _ in one)
    return Value(_double(graph, _matches(graph, value, kept)), origins)


@converts("sklearn.preprocessing._encoders.OrdinalEncoder", takes_codes=True)
def ordinal(part: Any, graph: Graph, value: Value) -> Value:
    """Each category's place in its list, ``unknown_value`` for any other."""
    _check_frequent(part)
    categories = codes_of(part.categories_, value)
    unknown = np.nan if part.handle_unknown == "error" else float(part.unknown_value)
    other = graph.constant(unknown)
    has_missing = np.array([np.isnan(one).any() for one in categories])
    if has_missing.any():
        missing = graph.add("And", graph.add("IsNaN", value.name), graph.constant(has_missing, np.bool_))
        other = graph.add("Where", missing, graph.constant(float(part.encoded_missing_value)), other)
    known = [one[~np.isnan(one)] for one in categories]
    counted = all(np.array_equal(one, np.arange(len(one))) for one in known)
    place, found = (_counted if counted else _looked_up)(graph, value, known)
    return Value(graph.add("Where", found, place, other), value.origins)


def _counted(graph: Graph, value: Value, categories: Sequence[Codes]) -> tuple[str, str]:
    """Each value as its own place, and whether it is one of 0, 1, 2, ...: what our own codes are."""
    whole = graph.add("Equal", graph.add("Floor", value.name), value.name)
    least = graph.add("GreaterOrEqual", value.name, graph.constant(0.0))
    most = graph.add("Less", value.name, graph.constant([len(one) for one in categories]))
    return value.name, graph.add("And", whole, graph.add("And", least, most))


def _looked_up(graph: Graph, value: Value, categories: Sequence[Codes]) -> tuple[str, str]:
    """The place of each value in its column's list, and whether it has one."""
    matched = _double(graph, _matches(graph, value, categories))
    sizes = [len(one) for one in categories]
    columns = np.repeat(np.eye(len(sizes)), sizes, axis=0)
    places = np.concatenate([np.arange(size) for size in sizes])[:, None] * columns
    found = graph.add("MatMul", matched, graph.constant(columns))
    return graph.add("MatMul", matched, graph.constant(places)), graph.add("Greater", found, graph.constant(0.5))


def _matches(graph: Graph, value: Value, categories: Sequence[Codes]) -> str:
    """(n, categories of all columns) of booleans; a missing value matches the missing category."""
    columns = np.repeat(np.arange(value.width), [len(one) for one in categories])
    repeated = graph.add("Gather", value.name, graph.constant(columns, np.int64), axis=1)
    codes = np.concatenate(list(categories))
    equal = graph.add("Equal", repeated, graph.constant(codes))
    if not np.isnan(codes).any():
        return equal
    missing = graph.add("And", graph.add("IsNaN", repeated), graph.constant(np.isnan(codes), np.bool_))
    return graph.add("Or", equal, missing)


def _check_frequent(part: Any) -> None:
    if part._infrequent_enabled:
        raise NotCompilable(f"{type(part).__name__} that joins infrequent categories has no compiled form")


def _check_missing(part: Any) -> None:
    if not (isinstance(part.missing_values, float) and np.isnan(part.missing_values)):
        raise NotCompilable(f"{type(part).__name__} with missing_values={part.missing_values!r} has no compiled form")


def _double(graph: Graph, name: str) -> str:
    return graph.add("Cast", name, to=TensorProto.DOUBLE)


def _indices(columns: Any, width: int) -> Sequence[int]:
    if callable(columns):
        raise NotCompilable("ColumnTransformer with columns chosen by a function has no compiled form")
    return [int(index) for index in np.arange(width)[columns]]


def _named_indices(part: Any, name: str, value: Value) -> Sequence[int]:
    """Where the columns that ``part`` was fitted to under ``name`` stand now."""
    names = [field.name for field in value.fields]
    fitted = getattr(part, "feature_names_in_", names)
    wanted = [str(fitted[index]) for index in part._transformer_to_input_indices.get(name, [])]
    return [names.index(column) for column in wanted if column in names]
