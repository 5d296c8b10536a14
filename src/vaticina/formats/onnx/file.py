"""ONNX files: what they take and what they answer, as far as the file itself tells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import onnx
import onnxruntime

from vaticina.contract import Contract, Project
from vaticina.contract.fields import Category
from vaticina.errors import ImportRefused
from vaticina.formats.columns import FittedColumn, numbered_names
from vaticina.formats.onnx.audit import audit_file
from vaticina.formats.onnx.file_runtime import TEXTS, TYPES, Feed, Plan

WHOLE = ("tensor(int64)", "tensor(int32)")
"""The types of an input that holds whole numbers."""

KNOWN_TEXTS = ("cats_strings", "keys_strings")
"""The attributes of nodes that name the texts that an encoder knows."""


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """A file that onnxruntime takes.

    ``texts`` holds for each input of texts those that it knows.
    """

    data: bytes
    session: onnxruntime.InferenceSession
    graph: onnx.GraphProto
    texts: Mapping[str, list[str]]

    @property
    def inputs(self) -> Sequence[onnxruntime.NodeArg]:
        """Its inputs: name, type, shape."""
        inputs: Sequence[onnxruntime.NodeArg] = self.session.get_inputs()
        return inputs


def open_file(data: bytes, name: str, allow: frozenset[str] = frozenset()) -> OnnxFile:
    """The file in ``data``; ``allow`` are operators that it may hold beside the usual ones.

    Raises ImportRefused when it is none, when it is not taken by the audit, or takes what no contract says.
    """
    audit_file(data, name, allow)
    try:
        model = onnx.load_model_from_string(data)
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnx and onnxruntime raise classes that share no other parent
        raise ImportRefused(f"{name} is no ONNX file that onnxruntime takes: {str(error).splitlines()[0]}") from None
    texts: dict[str, list[str]] = {}
    for input_ in session.get_inputs():
        if input_.type not in (*TYPES, TEXTS) or len(input_.shape) > 2:
            raise ImportRefused(
                f"{name} takes {input_.name!r} as {input_.type} of shape {input_.shape}, which no row "
                "holds; export it with one input for each column, or one matrix of numbers."
            )
        if input_.type == TEXTS:
            texts[input_.name] = _known_texts(model.graph, input_.name)
    return OnnxFile(data, session, model.graph, texts)


def _known_texts(graph: onnx.GraphProto, input_name: str) -> list[str]:
    """The texts that the encoders behind an input know, each once."""
    reached = {input_name}
    texts: dict[str, None] = {}
    for node in graph.node:  # in the order in which they are computed
        if not reached & set(node.input):
            continue
        known = _encoder_texts(node)
        if not known:
            reached |= set(node.output)
        texts.update(dict.fromkeys(known))
    texts.pop("", None)
    return list(texts)


def _encoder_texts(node: onnx.NodeProto) -> list[str]:
    """The texts that a node names when it is an encoder; none for any other node."""
    texts: list[str] = []
    for attribute in node.attribute:
        if attribute.name in KNOWN_TEXTS:
            texts += map(bytes.decode, attribute.strings)
    return texts


def fitted_columns(file: OnnxFile, project: Project | None) -> list[FittedColumn]:
    """A column for each of the file's inputs, or for each place in its one matrix. Raises ImportRefused."""
    columns: list[FittedColumn] = []
    for input_ in file.inputs:
        width = _width(input_, len(file.inputs), project)
        if width == 1 and len(file.inputs) > 1:
            columns.append(FittedColumn(input_.name, categories=file.texts.get(input_.name)))
        elif input_.type == TEXTS:
            raise ImportRefused(
                f"{input_.name!r} takes several texts at once, which no contract tells apart; export it with one input "
                "for each column."
            )
        else:
            columns += map(FittedColumn, _matrix_names(input_.name, width, project))
    _check_texts(columns, project)
    return columns


def _check_texts(columns: Iterable[FittedColumn], project: Project | None) -> None:
    """Raises ImportRefused for columns of texts whose values neither the file nor the project tells."""
    unknown = []
    for column in columns:
        if column.categories == [] and not _has_values(project, column.name):
            unknown.append(column.name)
    if unknown:
        raise ImportRefused(
            f"The file does not tell which texts {', '.join(unknown)} may be; list them as categories of a contract, "
            "and name it with --contract."
        )


def _has_values(project: Project | None, name: str) -> bool:
    """Whether the project lists the values of the category called ``name``."""
    if project is None:
        return False
    field = project.inputs.get(name)
    return isinstance(field, Category) and bool(field.known)


def _width(input_: onnxruntime.NodeArg, inputs: int, project: Project | None) -> int:
    """The number of columns that an input holds. Raises ImportRefused when nothing tells it."""
    if len(input_.shape) < 2:
        return 1
    width = input_.shape[1]
    if isinstance(width, int):
        return width
    if inputs == 1 and project is not None:
        return len(_feature_names(project))
    raise ImportRefused(f"The file does not tell how many columns {input_.name!r} has; name them with --contract.")


def _matrix_names(input_name: str, width: int, project: Project | None) -> list[str]:
    """The project's own names for the columns of a matrix; x0, x1, … without a project. Raises ImportRefused."""
    if project is None:
        return numbered_names(width)
    names = _feature_names(project)
    if len(names) != width:
        raise ImportRefused(
            f"{input_name!r} has {width} columns, and the contract of {project.name} names {len(names)}; "
            "name as many inputs there, in the order of the matrix."
        )
    return names


def _feature_names(project: Project) -> list[str]:
    """The project's inputs without the identifiers."""
    return [name for name, field in project.inputs.items() if field.type != "identifier"]


def plan_inputs(file: OnnxFile, contract: Contract) -> Plan:
    """How the file is asked with rows of ``contract``; its answers are not known yet."""
    places: dict[str, int] = {}
    for index, column in enumerate(contract.columns):
        places[column.input] = index
    feeds = []
    for input_ in file.inputs:
        if len(file.inputs) == 1 and input_.name not in places:
            columns = list(places.values())
        else:
            columns = [places[input_.name]]
        field = contract.inputs[contract.columns[columns[0]].input]
        texts = None
        if isinstance(field, Category) and input_.type == TEXTS:
            texts = list(map(str, field.known))
        feeds.append(Feed(name=input_.name, type=input_.type, rank=len(input_.shape), columns=columns, values=texts))
    return Plan(feeds=feeds, probabilities=None, value=None)
