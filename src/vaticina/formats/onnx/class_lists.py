"""The lists in an ONNX graph that may name its classes: of classifiers, of tables, of constants."""

from collections.abc import Iterator, Mapping
from typing import Any

import onnx
from onnx import AttributeProto, numpy_helper

from vaticina.contract.fields import Scalar

CLASS_LISTS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
"""The attributes by which classifiers and ZipMap name the classes of their scores, in the order of the scores:
https://onnx.ai/onnx/operators/index_ml.html."""

TABLES = ("keys_strings", "keys_int64s", "values_strings", "values_int64s")
"""The attributes of a LabelEncoder, which turns the numbers of classes into their names."""

PASSING_ON = frozenset({"Cast", "Flatten", "Identity", "Normalizer", "Reshape", "Squeeze", "Unsqueeze"})
"""Operators that give the same scores in the same order."""


def lists_behind(graph: onnx.GraphProto, output: str, size: int) -> list[tuple[Scalar, ...]]:
    """Every list of ``size`` different values that stands before ``output``; those nearest to it first."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    lists: dict[tuple[Scalar, ...], None] = {}
    for node in _nodes_behind(graph, output):
        for values in _lists_of(node, constants):
            if len(values) == size and len(set(values)) == size:
                lists[values] = None
    return list(lists)


def list_of_scores(graph: onnx.GraphProto, scores: str, labels: str = "") -> tuple[Scalar, ...]:
    """The classes that the classifier which gives ``scores`` names, and, with ``labels``, gives these as well.

    None of them where there is no such classifier, or what it gives is changed on its way to the outputs.
    """
    classifier = _classifier_of(graph, scores)
    if classifier is None:
        return ()
    if labels and _classifier_of(graph, labels) is not classifier:
        return ()
    for attribute in classifier.attribute:
        if attribute.name in CLASS_LISTS and _values(attribute):
            return _values(attribute)
    return ()


def _classifier_of(graph: onnx.GraphProto, output: str) -> onnx.NodeProto | None:
    """The node which names classes that ``output`` comes from unchanged; None when there is none."""
    producers = _producers(graph)
    name = output
    while name in producers:
        node = producers[name]
        if any(attribute.name in CLASS_LISTS for attribute in node.attribute):
            return node
        if node.op_type not in PASSING_ON:
            return None
        name = node.input[0]
    return None


def names_classes(graph: onnx.GraphProto) -> bool:
    """Whether some classifier of the graph names classes."""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in CLASS_LISTS and _values(attribute):
                return True
    return False


def _producers(graph: onnx.GraphProto) -> Mapping[str, onnx.NodeProto]:
    """The node that gives each result, by the result's name."""
    producers = {}
    for node in graph.node:
        for name in node.output:
            producers[name] = node
    return producers


def _nodes_behind(graph: onnx.GraphProto, output: str) -> Iterator[onnx.NodeProto]:
    """The nodes that ``output`` is computed by, the nearest first, each once."""
    producers = _producers(graph)
    names, seen = [output], {output}
    for name in names:  # it grows meanwhile
        node = producers.get(name)
        if node is None:
            continue
        yield node
        for input_name in node.input:
            if input_name not in seen:
                seen.add(input_name)
                names.append(input_name)


def _lists_of(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> Iterator[tuple[Scalar, ...]]:
    """The lists that a node has as attributes, and as inputs that are constants."""
    for attribute in node.attribute:
        if attribute.name in (*CLASS_LISTS, *TABLES):
            yield _values(attribute)
        elif attribute.type == AttributeProto.TENSOR:
            yield _tensor_values(attribute.t)
    for name in node.input:
        if name in constants:
            yield _tensor_values(constants[name])


def _values(attribute: AttributeProto) -> tuple[Scalar, ...]:
    return tuple(map(_scalar, onnx.helper.get_attribute_value(attribute)))


def _tensor_values(tensor: onnx.TensorProto) -> tuple[Scalar, ...]:
    return tuple(map(_scalar, numpy_helper.to_array(tensor).reshape(-1).tolist()))


def _scalar(value: Any) -> Scalar:
    if isinstance(value, bytes):
        return value.decode()
    scalar: Scalar = value
    return scalar
