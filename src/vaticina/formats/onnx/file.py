"""ONNX files: what they take and what they answer, as far as the file itself tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime

from vaticina.contract import Contract, Project
from vaticina.contract.fields import Category, Scalar
from vaticina.errors import ImportRefused
from vaticina.formats.columns import Known
from vaticina.formats.onnx.file_runtime import TEXTS, TYPES, Feed, Plan, fed

WHOLE = ("tensor(int64)", "tensor(int32)")
LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
TRIED = 2
"""Rows that a file is asked once, to see the shape of its answers."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A file that onnxruntime takes; ``labels`` are the classes that it names itself."""

    data: bytes
    session: Any
    labels: tuple[Scalar, ...]
    texts: Mapping[str, list[str]]

    @property
    def inputs(self) -> list[Any]:
        """Its inputs: name, type, shape."""
        return list(self.session.get_inputs())


def open_graph(data: bytes, name: str) -> Graph:
    """The file in ``data``. Raises ImportRefused when it is none, or takes what no contract says."""
    try:
        model = onnx.load_model_from_string(data)
        if any(tensor.external_data for tensor in model.graph.initializer):
            raise ImportRefused(f"{name} keeps its numbers in other files; save it as one file.")
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except ImportRefused:
        raise
    except Exception as error:  # onnx and onnxruntime raise classes that share no other parent
        raise ImportRefused(f"{name} is no ONNX file that onnxruntime takes: {str(error).splitlines()[0]}") from None
    for one in session.get_inputs():
        if one.type not in (*TYPES, TEXTS) or len(one.shape) > 2:
            raise ImportRefused(f"{name} takes {one.name!r} as {one.type} of shape {one.shape}, which no row holds.")
    texts = {one.name: list(_texts(model.graph, one.name)) for one in session.get_inputs() if one.type == TEXTS}
    return Graph(data, session, _labels(model.graph), texts)


def _labels(graph: Any) -> tuple[Scalar, ...]:
    for node in graph.node:
        for attribute in node.attribute:
            found = onnx.helper.get_attribute_value(attribute) if attribute.name in LABELS else None
            if found:
                return tuple(one.decode() if isinstance(one, bytes) else int(one) for one in found)
    return ()


def _texts(graph: Any, name: str) -> Iterator[str]:
    """The texts that encoders behind an input know."""
    reached, seen = {name}, set()
    for node in graph.node:  # in the order in which they are computed
        if not reached & set(node.input):
            continue
        found = [one for one in node.attribute if one.name in ("cats_strings", "keys_strings") and one.strings]
        if not found:
            reached |= set(node.output)
        for text in (one.decode() for attribute in found for one in attribute.strings):
            if text and text not in seen:
                seen.add(text)
                yield text


def known_columns(graph: Graph, project: Project | None) -> list[Known]:
    """A column for each of the file's inputs, or for each place in its one matrix. Raises ImportRefused."""
    found: list[Known] = []
    for one in graph.inputs:
        width = _width(one, len(graph.inputs), project)
        if width == 1 and len(graph.inputs) > 1:
            found.append(Known(one.name, values=graph.texts.get(one.name)))
        elif one.type == TEXTS:
            raise ImportRefused(f"{one.name!r} takes several texts at once; no contract tells them apart.")
        else:
            found += [Known(name) for name in _names(one.name, width, project)]
    unknown = [one.name for one in found if one.values == []]
    if unknown and (project is None or any(not getattr(project.inputs.get(name), "known", ()) for name in unknown)):
        raise ImportRefused(
            f"The file does not tell which texts {', '.join(unknown)} may be; list them as categories of a contract, "
            "and name it with --contract."
        )
    return found


def _width(one: Any, inputs: int, project: Project | None) -> int:
    if len(one.shape) < 2:
        return 1
    if isinstance(one.shape[1], int):
        return one.shape[1]
    if inputs == 1 and project is not None:
        return len([name for name, field in project.inputs.items() if field.type != "identifier"])
    raise ImportRefused(f"The file does not tell how many columns {one.name!r} has; name them with --contract.")


def _names(name: str, width: int, project: Project | None) -> list[str]:
    """The contract's own names for the places of a matrix, or ours."""
    if project is not None:
        own = [name for name, field in project.inputs.items() if field.type != "identifier"]
        if len(own) != width:
            raise ImportRefused(f"{name!r} has {width} columns, and the contract of {project.name} {len(own)}.")
        return own
    return [f"x{at}" for at in range(width)]


def plan_of(graph: Graph, contract: Contract) -> Plan:
    """How the file is asked with rows of ``contract``, without its answers."""
    places = {column.input: at for at, column in enumerate(contract.columns)}
    feeds = []
    for one in graph.inputs:
        columns = list(places.values()) if len(graph.inputs) == 1 and one.name not in places else [places[one.name]]
        field = contract.inputs[contract.columns[columns[0]].input]
        values = [str(value) for value in field.known] if isinstance(field, Category) and one.type == TEXTS else None
        feeds.append(Feed(name=one.name, type=one.type, rank=len(one.shape), columns=columns, values=values))
    return Plan(feeds=feeds, probabilities=None, value=None)


def answered(graph: Graph, plan: Plan, contract: Contract) -> tuple[Plan, tuple[Scalar, ...]]:
    """``plan`` with the output that tells the answer, and the classes, found by asking the file.

    Raises ImportRefused.
    """
    rows = np.zeros((TRIED, len(contract.columns)))
    names = [output.name for output in graph.session.get_outputs()]
    try:
        outputs = graph.session.run(names, {feed["name"]: fed(feed, rows) for feed in plan["feeds"]})
    except Exception as error:
        raise ImportRefused(f"The file does not answer rows of zeros: {str(error).splitlines()[0]}") from None
    found = dict(zip(names, outputs, strict=True))
    for name, value in found.items():
        classes = _classes(value, graph.labels)
        if classes:
            return Plan(feeds=plan["feeds"], probabilities=name, value=None), classes
    for name, value in found.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size == TRIED:
            return Plan(feeds=plan["feeds"], probabilities=None, value=name), ()
    raise ImportRefused(f"None of the file's outputs ({', '.join(names)}) is a probability or a number for each row.")


def _classes(value: Any, labels: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """The classes that an output gives probabilities of; none when it gives none."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return tuple(value[0])
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim == 2 and value.shape[1] > 1:
        return labels if len(labels) == value.shape[1] else tuple(range(value.shape[1]))
    return ()
