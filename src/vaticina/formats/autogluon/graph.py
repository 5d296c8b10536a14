"""AutoGluon's weighted ensemble as one graph: prepared features, each member, and the sum by their weights."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.exact.converters.forests import forest_by_class
from vaticina.exact.converters.lightgbm import raw_scores
from vaticina.exact.converters.linear import binary_probabilities, probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts
from vaticina.formats.autogluon.ensemble import (
    FEATURE_KINDS,
    Ensemble,
    EnsembleMember,
    FeatureKind,
    PreparedFeature,
    read_ensemble,
)
from vaticina.formats.autogluon.linear_model import LinearParts, read_linear_model

if TYPE_CHECKING:  # AutoGluon itself takes seconds to import
    from vaticina.formats.autogluon.model import AutogluonModel

FORESTS = ("RFModel", "XTModel")


@converts("vaticina.formats.autogluon.model.AutogluonModel")
def autogluon(model: "AutogluonModel", graph: Graph, value: Value) -> Value:
    """The members' weighted sum, its classes in the contract's order."""
    ensemble = read_ensemble(model.predictor, model.contract)
    classes = len(model.contract.classes)
    if classes and len(ensemble.labels) != classes:
        raise NotCompilable("AutoGluon left a rare class out, so its ensemble has no compiled form")
    answers = [_weighted(graph, value, ensemble, member, classes) for member in ensemble.members]
    total = _sum(graph, answers)
    if not classes:
        return graph.matrix(total, 1)
    if classes == 2:
        shares = binary_probabilities(graph, total)
    else:
        shares = graph.matrix(total, classes)
    if ensemble.temperature is not None:
        shares = _with_temperature(graph, shares, ensemble.temperature)
    return graph.columns(shares, list(map(ensemble.labels.index, model.contract.classes)))


def _sum(graph: Graph, terms: Sequence[str]) -> str:
    if len(terms) == 1:
        return terms[0]
    return graph.add("Sum", *terms)


def _with_temperature(graph: Graph, shares: Value, temperature: float) -> Value:
    """The probabilities after temperature scaling: softmax of their logarithms over the temperature."""
    logits = graph.add("Div", graph.add("Log", shares.name), graph.constant(temperature))
    return graph.matrix(graph.add("Softmax", logits, axis=1), shares.width)


def _weighted(graph: Graph, value: Value, ensemble: Ensemble, member: EnsembleMember, classes: int) -> str:
    """The member's answer times its weight.

    It is the probability of the second class (n, 1), or of each of more classes (n, classes), or the value (n, 1).
    """
    answer = _answer(graph, value, ensemble, member, classes)
    if classes == 2:
        answer = graph.columns(answer, [1])
    if member.weight == 1.0:
        return answer.name
    return graph.add("Mul", answer.name, graph.constant(member.weight))


def _answer(graph: Graph, value: Value, ensemble: Ensemble, member: EnsembleMember, classes: int) -> Value:
    family = type(member.model).__name__
    features = ensemble.features_of(member.features)
    if family == "LGBModel":
        return _boosting(graph, prepared(graph, value, features), member.model.model, classes)
    if family in FORESTS:
        filled = _filled(graph, prepared(graph, value, features), features)
        if classes > 2:
            return forest_by_class(member.model.model, graph, filled)
        return convert(member.model.model, graph, filled)
    if family == "LinearModel":
        return _linear(graph, value, ensemble, member.model, classes)
    raise NotCompilable(f"AutoGluon's {member.model.name} ({family}) has no compiled form")


def _boosting(graph: Graph, value: Value, booster: Any, classes: int) -> Value:
    for categories in booster.pandas_categorical or []:
        if list(categories) != list(range(len(categories))):
            raise NotCompilable("LightGBM with categories that are not AutoGluon's codes has no compiled form")
    raw = raw_scores(booster, graph, value)
    if classes:
        return probabilities(graph, raw, classes)
    return graph.matrix(raw, 1)


def _filled(graph: Graph, value: Value, features: Sequence[PreparedFeature]) -> Value:
    """What AutoGluon's forests are given: -1 for a missing category, 0 for a missing number."""
    instead = np.zeros(len(features))
    for index, feature in enumerate(features):
        if feature.codes is not None:
            instead[index] = -1.0
    filled = graph.add("Where", graph.add("IsNaN", value.name), graph.constant(instead), value.name)
    return Value(filled, value.origins)


def _linear(graph: Graph, value: Value, ensemble: Ensemble, model: Any, classes: int) -> Value:
    """A table of weights for each category, and the scaled numbers times theirs."""
    parts = read_linear_model(model, ensemble.probes)
    margins = [
        graph.constant(parts.intercept),
        *_category_margins(graph, value, ensemble, parts),
        *_number_margins(graph, value, ensemble, parts),
    ]
    total = _sum(graph, margins)
    if classes:
        return probabilities(graph, total, classes)
    return graph.matrix(total, 1)


def _category_margins(graph: Graph, value: Value, ensemble: Ensemble, parts: LinearParts) -> list[str]:
    margins = []
    for name, table in parts.tables.items():
        feature = ensemble.features[name]
        if feature.codes is None:
            raise NotCompilable(f"the linear model's category {name!r} is a number")
        margins.append(_looked_up(graph, value, feature, table))
    return margins


def _number_margins(graph: Graph, value: Value, ensemble: Ensemble, parts: LinearParts) -> list[str]:
    margins = []
    for group in parts.numbers:
        numbers = prepared(graph, value, ensemble.features_of(group.features))
        for step in group.steps:
            numbers = convert(step, graph, numbers)
        margins.append(graph.add("MatMul", numbers.name, graph.constant(group.weights)))
    return margins


def _looked_up(graph: Graph, value: Value, feature: PreparedFeature, table: NDArray[np.float64]) -> str:
    """The rows of ``table`` (size + 1, margins) for the codes in the feature's column."""
    code = graph.add("Squeeze", graph.columns(value, [feature.source]).name, graph.constant([1], np.int64))
    return graph.add("Gather", graph.constant(table), _index(graph, code, len(table) - 1), axis=0)


def _index(graph: Graph, codes: str, sizes: int | Sequence[int]) -> str:
    """Codes as row numbers: a code below its column's size as it is, any other and NaN as that size."""
    last = graph.constant(sizes)
    is_category = graph.add("Less", codes, last)  # NaN is less than nothing
    return graph.add("Cast", graph.add("Where", is_category, codes, last), to=TensorProto.INT64)


def prepared(graph: Graph, value: Value, features: Sequence[PreparedFeature]) -> Value:
    """The features (n, features), as AutoGluon's generators make them of the matrix."""
    parts: list[Value] = []
    order: list[int] = []
    for kind in FEATURE_KINDS:
        chosen: list[PreparedFeature] = []
        sources: list[int] = []
        for index, feature in enumerate(features):
            if feature.kind == kind:
                chosen.append(feature)
                sources.append(feature.source)
                order.append(index)
        if chosen:
            parts.append(_prepared_columns(graph, graph.columns(value, sources), chosen, kind))
    return graph.columns(graph.join(parts), np.argsort(order).tolist())


def _prepared_columns(graph: Graph, columns: Value, features: Sequence[PreparedFeature], kind: FeatureKind) -> Value:
    """Features of one kind, made of the columns behind them."""
    if kind == "category":
        return _categories(graph, columns, features)
    if kind == "flag":
        return _flags(graph, columns, features)
    if kind == "whole number":
        return _whole_numbers(graph, columns)
    return columns


def _whole_numbers(graph: Graph, columns: Value) -> Value:
    """Without fractions, 0 where missing: what AutoGluon makes of a column that held integers only."""
    filled = graph.add("Where", graph.add("IsNaN", columns.name), graph.constant(0.0), columns.name)
    whole = graph.add("Cast", filled, to=TensorProto.INT64)
    return Value(graph.add("Cast", whole, to=TensorProto.DOUBLE), columns.origins)


def _flags(graph: Graph, columns: Value, features: Sequence[PreparedFeature]) -> Value:
    """1 for the value that counts as true, 0 for any other."""
    true_values = graph.constant([feature.true_value or 0.0 for feature in features])
    equal = graph.add("Equal", columns.name, true_values)
    return graph.matrix(graph.add("Cast", equal, to=TensorProto.DOUBLE), len(features))


def _categories(graph: Graph, columns: Value, features: Sequence[PreparedFeature]) -> Value:
    """What each code becomes: all tables in one, where each column's codes begin at its own row."""
    tables: list[NDArray[np.float64]] = []
    sizes: list[int] = []
    starts: list[int] = []
    for feature in features:
        if feature.codes is not None:
            starts.append(sum(map(len, tables)))
            sizes.append(len(feature.codes) - 1)
            tables.append(feature.codes)
    rows = graph.add("Add", _index(graph, columns.name, sizes), graph.constant(starts, np.int64))
    return Value(graph.add("Gather", graph.constant(np.concatenate(tables)), rows), columns.origins)
