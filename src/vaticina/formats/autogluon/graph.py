"""AutoGluon's weighted ensemble as one graph: prepared features, each member, and the sum by their weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.exact.converters.forests import forest_by_class
from vaticina.exact.converters.lightgbm import raw_scores
from vaticina.exact.converters.linear import binary_probabilities, probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts
from vaticina.formats.autogluon.anatomy import Anatomy, Feature, Member, Unknown
from vaticina.formats.autogluon.linear_model import Linear, linear_parts

FORESTS = ("RFModel", "XTModel")


@converts("vaticina.formats.autogluon.model.AutogluonModel")
def autogluon(part: Any, graph: Graph, value: Value) -> Value:
    """The members' weighted sum, its classes in the contract's order."""
    try:
        anatomy: Anatomy = part.anatomy()
    except Unknown as error:
        raise NotCompilable(str(error)) from error
    classes = len(part.contract.classes)
    if classes and len(anatomy.labels) != classes:
        raise NotCompilable("AutoGluon left a rare class out, so its ensemble has no compiled form")
    answers = [_weighted(graph, value, anatomy, member, classes) for member in anatomy.members]
    total = answers[0] if len(answers) == 1 else graph.add("Sum", *answers)
    if not classes:
        return graph.matrix(total, 1)
    result = binary_probabilities(graph, total) if classes == 2 else graph.matrix(total, classes)
    if anatomy.temperature is not None:
        cooled = graph.add("Div", graph.add("Log", result.name), graph.constant(anatomy.temperature))
        result = graph.matrix(graph.add("Softmax", cooled, axis=1), classes)
    return graph.columns(result, [anatomy.labels.index(label) for label in part.contract.classes])


def _weighted(graph: Graph, value: Value, anatomy: Anatomy, member: Member, classes: int) -> str:
    """The member's probability of the second class (n, 1), or of each of more (n, classes), or its value (n, 1)."""
    answer = _answered(graph, value, anatomy, member, classes)
    if classes == 2:
        answer = graph.columns(answer, [1])
    return answer.name if member.weight == 1.0 else graph.add("Mul", answer.name, graph.constant(member.weight))


def _answered(graph: Graph, value: Value, anatomy: Anatomy, member: Member, classes: int) -> Value:
    family = type(member.model).__name__
    features = [anatomy.features[name] for name in member.features]
    if family == "LGBModel":
        return _boosting(graph, prepared(graph, value, features), member.model.model, classes)
    if family in FORESTS:
        filled = _filled(graph, prepared(graph, value, features), features)
        if classes > 2:
            return forest_by_class(member.model.model, graph, filled)
        return convert(member.model.model, graph, filled)
    if family == "LinearModel":
        return _linear(graph, value, anatomy, member.model, classes)
    raise NotCompilable(f"AutoGluon's {member.model.name} ({family}) has no compiled form")


def _boosting(graph: Graph, value: Value, booster: Any, classes: int) -> Value:
    for known in booster.pandas_categorical or []:
        if list(known) != list(range(len(known))):
            raise NotCompilable("LightGBM with categories that are not AutoGluon's codes has no compiled form")
    raw = raw_scores(booster, graph, value)
    return probabilities(graph, raw, classes) if classes else graph.matrix(raw, 1)


def _filled(graph: Graph, value: Value, features: Sequence[Feature]) -> Value:
    """What AutoGluon's forests are given: -1 for a missing category, 0 for a missing number."""
    instead = [0.0 if feature.codes is None else -1.0 for feature in features]
    filled = graph.add("Where", graph.add("IsNaN", value.name), graph.constant(instead), value.name)
    return Value(filled, value.origins)


def _linear(graph: Graph, value: Value, anatomy: Anatomy, model: Any, classes: int) -> Value:
    """A table of weights for each category, and the scaled numbers times theirs."""
    try:
        found: Linear = linear_parts(model, anatomy.probe)
    except Unknown as error:
        raise NotCompilable(str(error)) from error
    margins = [graph.constant(found.intercept)]
    for name, table in found.tables.items():
        feature = anatomy.features[name]
        if feature.codes is None:
            raise NotCompilable(f"the linear model's category {name!r} is a number")
        margins.append(_looked_up(graph, value, feature, table))
    for names, steps, weights in found.numbers:
        given = prepared(graph, value, [anatomy.features[name] for name in names])
        for step in steps:
            given = convert(step, graph, given)
        margins.append(graph.add("MatMul", given.name, graph.constant(weights)))
    total = graph.add("Sum", *margins) if len(margins) > 1 else margins[0]
    return probabilities(graph, total, classes) if classes else graph.matrix(total, 1)


def _looked_up(graph: Graph, value: Value, feature: Feature, table: NDArray[np.float64]) -> str:
    """The rows of ``table`` (size + 1, margins) for the codes in the feature's column."""
    code = graph.add("Squeeze", graph.columns(value, [feature.source]).name, graph.constant([1], np.int64))
    return graph.add("Gather", graph.constant(table), _index(graph, code, len(table) - 1), axis=0)


def _index(graph: Graph, codes: str, sizes: int | Sequence[int]) -> str:
    """Codes as places: those known as they are, any other and NaN as the last."""
    last = graph.constant(sizes)
    known = graph.add("Less", codes, last)  # NaN is less than nothing
    return graph.add("Cast", graph.add("Where", known, codes, last), to=TensorProto.INT64)


def prepared(graph: Graph, value: Value, features: Sequence[Feature]) -> Value:
    """The features (n, features), as AutoGluon's generators make them of the matrix."""
    numbers = [at for at, one in enumerate(features) if one.codes is None and one.truth is None and not one.whole]
    whole = [at for at, one in enumerate(features) if one.whole]
    flags = [at for at, one in enumerate(features) if one.truth is not None]
    categories = [at for at, one in enumerate(features) if one.codes is not None]
    parts = []
    if numbers:
        parts.append(graph.columns(value, [features[at].source for at in numbers]))
    if whole:
        parts.append(_whole(graph, graph.columns(value, [features[at].source for at in whole])))
    if flags:
        parts.append(_flags(graph, value, [features[at] for at in flags]))
    if categories:
        parts.append(_categories(graph, value, [features[at] for at in categories]))
    order = np.argsort([*numbers, *whole, *flags, *categories])
    return graph.columns(graph.join(parts), order.tolist())


def _whole(graph: Graph, value: Value) -> Value:
    """Without fractions, 0 where missing: what AutoGluon makes of a column that held integers only."""
    filled = graph.add("Where", graph.add("IsNaN", value.name), graph.constant(0.0), value.name)
    whole = graph.add("Cast", filled, to=TensorProto.INT64)
    return Value(graph.add("Cast", whole, to=TensorProto.DOUBLE), value.origins)


def _flags(graph: Graph, value: Value, features: Sequence[Feature]) -> Value:
    chosen = graph.columns(value, [feature.source for feature in features])
    equal = graph.add("Equal", chosen.name, graph.constant([feature.truth or 0.0 for feature in features]))
    return graph.matrix(graph.add("Cast", equal, to=TensorProto.DOUBLE), len(features))


def _categories(graph: Graph, value: Value, features: Sequence[Feature]) -> Value:
    """All tables in one, each code's place moved to its own."""
    chosen = graph.columns(value, [feature.source for feature in features])
    tables = [feature.codes for feature in features if feature.codes is not None]
    sizes = [len(table) - 1 for table in tables]
    starts = np.cumsum([0, *(size + 1 for size in sizes[:-1])])
    places = graph.add("Add", _index(graph, chosen.name, sizes), graph.constant(starts, np.int64))
    return Value(graph.add("Gather", graph.constant(np.concatenate(tables)), places), chosen.origins)
