"""Pipelines and what stands before a model: imputers, scalers, encoders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from onnx import TensorProto

from vaticina.exact.arrays import Matrix
from vaticina.exact.category_codes import codes_of, fillings
from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts


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
    results: list[Value] = []
    for name, transformer, columns in part.transformers_:
        indices = _column_indices(part, name, columns, value)
        if not indices or transformer == "drop":
            continue
        chosen = graph.columns(value, indices)
        if transformer != "passthrough":
            chosen = convert(transformer, graph, chosen)
        results.append(_weighted(graph, chosen, (part.transformer_weights or {}).get(name, 1.0)))
    return graph.join(results)


def _weighted(graph: Graph, value: Value, weight: float) -> Value:
    """``value`` times a transformer's ``weight``. Raises NotCompilable where it holds codes."""
    if weight == 1.0:
        return value
    if value.has_codes:
        raise NotCompilable("a ColumnTransformer that weighs a column of texts has no compiled form")
    product = graph.add("Mul", value.name, graph.constant(float(weight)))
    if weight > 0:
        return Value(product, value.origins)
    return graph.matrix(product, value.width)


@converts("sklearn.preprocessing._function_transformer.FunctionTransformer", takes_codes=True)
def identity(part: Any, _: Graph, value: Value) -> Value:
    """Only the transformer without a function, which changes nothing."""
    if part.func is not None:
        raise NotCompilable("a FunctionTransformer with a function of its own has no compiled form")
    return value


@converts("sklearn.impute._base.SimpleImputer", takes_codes=True)
def imputer(part: Any, graph: Graph, value: Value) -> Value:
    """The statistic where a value is missing; indicators, if any, to the right."""
    statistics, fields = fillings(part.statistics_, value)
    columns = np.flatnonzero(~np.isnan(statistics))  # a column that was always missing has no statistic, and is dropped
    chosen = graph.columns(replace(value, fields=fields), columns.tolist())
    name = graph.add("Where", _is_missing(part, graph, chosen), graph.constant(statistics[columns]), chosen.name)
    filled = replace(chosen, name=name)
    if part.indicator_ is None:
        return filled
    return graph.join([filled, convert(part.indicator_, graph, value)])


@converts("sklearn.impute._base.MissingIndicator", takes_codes=True)
def indicator(part: Any, graph: Graph, value: Value) -> Value:
    """1 where a value is missing."""
    chosen = graph.columns(value, list(part.features_))
    return graph.matrix(_as_double(graph, _is_missing(part, graph, chosen)), chosen.width)


@converts("sklearn.preprocessing._data.StandardScaler")
def standard_scaler(part: Any, graph: Graph, value: Value) -> Value:
    """(x - mean) / standard deviation."""
    mean = part.mean_ if part.with_mean else None  # it is fitted even where it is not subtracted
    return _scaled(graph, value, mean, part.scale_)


@converts("sklearn.preprocessing._data.RobustScaler")
def robust_scaler(part: Any, graph: Graph, value: Value) -> Value:
    """(x - median) / range of the quartiles."""
    return _scaled(graph, value, part.center_, part.scale_)


def _scaled(graph: Graph, value: Value, centre: Matrix | None, scale: Matrix | None) -> Value:
    """(x - centre) / scale; without the one or the other where it is None."""
    if centre is None:
        centre = np.zeros(value.width)
    if scale is None:
        scale = np.ones(value.width)
    return graph.affine(value, centre, scale)


@converts("sklearn.preprocessing._data.MinMaxScaler")
def min_max_scaler(part: Any, graph: Graph, value: Value) -> Value:
    """x * scale + min, and limited to the range if asked."""
    scaled = graph.add("Add", graph.add("Mul", value.name, graph.constant(part.scale_)), graph.constant(part.min_))
    if part.clip:
        scaled = _limited(graph, scaled, *part.feature_range)
    return Value(scaled, value.origins)


def _limited(graph: Graph, name: str, low: float, high: float) -> str:
    """Limited to the range from ``low`` to ``high``; a missing value stays missing."""
    least, most = graph.constant(low), graph.constant(high)
    limited = graph.add("Where", graph.add("Less", name, least), least, name)
    return graph.add("Where", graph.add("Greater", limited, most), most, limited)


@converts("sklearn.preprocessing._encoders.OneHotEncoder", takes_codes=True)
def one_hot(part: Any, graph: Graph, value: Value) -> Value:
    """One column per category, without the dropped one; an unseen category is all zeros."""
    _check_infrequent(part)
    categories = codes_of(part.categories_, value)
    if part.drop_idx_ is not None:
        categories = list(map(_without, categories, part.drop_idx_))
    origins: list[int | None] = []
    for origin, codes in zip(value.origins, categories, strict=True):
        origins += [origin] * len(codes)
    return Value(_as_double(graph, _matches(graph, value, categories)), tuple(origins))


def _without(codes: Matrix, place: int | None) -> Matrix:
    if place is None:
        return codes
    return np.delete(codes, int(place))


@converts("sklearn.preprocessing._encoders.OrdinalEncoder", takes_codes=True)
def ordinal(part: Any, graph: Graph, value: Value) -> Value:
    """Each category's place in its list, ``unknown_value`` for any other."""
    _check_infrequent(part)
    present, missing = [], []
    for index, codes in enumerate(codes_of(part.categories_, value)):
        present.append(codes[~np.isnan(codes)])
        missing.append(_missing_place(part, value, index, codes))
    if all(map(_is_counted, present)):
        place, is_listed = _counted(graph, value, present)
    else:
        place, is_listed = _looked_up(graph, value, present)
    return Value(graph.add("Where", is_listed, place, _other(part, graph, value, missing)), value.origins)


def _missing_place(part: Any, value: Value, index: int, codes: Matrix) -> float | None:
    """What an OrdinalEncoder answers for a missing value in a column: None where that is no category.

    It answers NaN by ``encoded_missing_value``, but None by its place, as any other category.
    """
    places = np.flatnonzero(np.isnan(codes))
    if not len(places):
        return None
    if value.fields and value.fields[index].missing_is_none:
        return float(places[0])
    return float(part.encoded_missing_value)


def _other(part: Any, graph: Graph, value: Value, missing: Sequence[float | None]) -> str:
    """What an OrdinalEncoder answers for a category that is not listed, or is ``missing`` where that is a category."""
    unknown = np.nan
    if part.handle_unknown != "error":
        unknown = float(part.unknown_value)
    other = graph.constant(unknown)
    has_missing = [place is not None for place in missing]
    if not any(has_missing):
        return other
    is_missing = graph.add("And", graph.add("IsNaN", value.name), graph.constant(has_missing, np.bool_))
    places = [np.nan if place is None else place for place in missing]
    return graph.add("Where", is_missing, graph.constant(places), other)


def _is_counted(codes: Matrix) -> bool:
    """Whether the codes are 0, 1, 2, ...: what our own encoder gives."""
    return np.array_equal(codes, np.arange(len(codes)))


def _counted(graph: Graph, value: Value, categories: Sequence[Matrix]) -> tuple[str, str]:
    """Each value as its own place, and whether it is one of 0, 1, 2, ..."""
    is_whole = graph.add("Equal", graph.add("Floor", value.name), value.name)
    is_positive = graph.add("GreaterOrEqual", value.name, graph.constant(0.0))
    is_small = graph.add("Less", value.name, graph.constant(list(map(len, categories))))
    return value.name, graph.add("And", is_whole, graph.add("And", is_positive, is_small))


def _looked_up(graph: Graph, value: Value, categories: Sequence[Matrix]) -> tuple[str, str]:
    """The place of each value in its column's list, and whether it has one."""
    sizes = list(map(len, categories))
    matched = _as_double(graph, _matches(graph, value, categories))
    columns = np.repeat(np.eye(len(sizes)), sizes, axis=0)
    places = np.concatenate(list(map(np.arange, sizes)))[:, None] * columns
    matches = graph.add("MatMul", matched, graph.constant(columns))
    return graph.add("MatMul", matched, graph.constant(places)), graph.add("Greater", matches, graph.constant(0.5))


def _matches(graph: Graph, value: Value, categories: Sequence[Matrix]) -> str:
    """(n, categories of all columns) of booleans; a missing value matches the missing category."""
    columns = np.repeat(np.arange(value.width), list(map(len, categories)))
    repeated = graph.add("Gather", value.name, graph.constant(columns, np.int64), axis=1)
    codes = np.concatenate(list(categories))
    equal = graph.add("Equal", repeated, graph.constant(codes))
    if not np.isnan(codes).any():
        return equal
    missing = graph.add("And", graph.add("IsNaN", repeated), graph.constant(np.isnan(codes), np.bool_))
    return graph.add("Or", equal, missing)


def _check_infrequent(part: Any) -> None:
    if part._infrequent_enabled:
        raise NotCompilable(f"{type(part).__name__} that joins infrequent categories has no compiled form")


def _is_missing(part: Any, graph: Graph, value: Value) -> str:
    """Where ``value`` holds what the imputer or indicator ``part`` takes for missing: (n, columns) of booleans."""
    mark = part.missing_values
    if isinstance(mark, str | int | float | np.number) and mark == mark:
        return graph.add("Equal", value.name, graph.constant(_codes_of_mark(mark, value)))
    takes_none = mark is None
    if not takes_none and not isinstance(mark, float):
        raise NotCompilable(f"{type(part).__name__} with missing_values={mark!r} has no compiled form")
    is_nan = graph.add("IsNaN", value.name)
    is_taken = [field.missing_is_none == takes_none for field in value.fields] or [not takes_none] * value.width
    if all(is_taken):
        return is_nan
    return graph.add("And", is_nan, graph.constant(is_taken, np.bool_))


def _codes_of_mark(mark: Any, value: Value) -> list[float]:
    """What stands for ``mark`` in each column; NaN, which equals nothing, where no value of it is the mark."""
    if not value.fields:
        return [float(mark)] * value.width
    codes = []
    for field in value.fields:
        code = np.nan
        if field.values is None and not isinstance(mark, str):
            code = float(mark)
        elif field.values is not None and mark in field.values:
            code = float(field.values.index(mark))
        codes.append(code)
    return codes


def _as_double(graph: Graph, name: str) -> str:
    return graph.add("Cast", name, to=TensorProto.DOUBLE)


def _column_indices(part: Any, name: str, columns: Any, value: Value) -> Sequence[int]:
    """Where the columns of the transformer ``name`` stand in ``value``."""
    if value.fields:
        return _indices_by_name(part, name, value)
    if callable(columns):
        raise NotCompilable("ColumnTransformer with columns chosen by a function has no compiled form")
    indices: list[int] = np.arange(value.width)[columns].tolist()
    return indices


def _indices_by_name(part: Any, name: str, value: Value) -> Sequence[int]:
    """Where the columns to which the transformer ``name`` was fitted stand among the table's."""
    names = [field.name for field in value.fields]
    fitted_names = getattr(part, "feature_names_in_", names)
    indices = []
    for fitted_index in part._transformer_to_input_indices.get(name, []):
        column = str(fitted_names[fitted_index])
        if column in names:
            indices.append(names.index(column))
    return indices
