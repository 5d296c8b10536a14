"""Somebody's own ONNX file, served as it is: rows become what the file takes, its answers become ours."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import numpy as np
import onnxruntime
import orjson
from numpy.typing import NDArray

from vaticina.contract import Bundle, Contract, Matrix, Outputs
from vaticina.contract.fields import Scalar
from vaticina.errors import BundleCorrupt
from vaticina.tasks.graph_runtime import read_graph
from vaticina.tasks.table.labels import label_of

MODEL, PLAN = "model.onnx", "plan.json"

TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}
"""The types of an input that numbers and flags may have."""

TEXTS = "tensor(string)"
OTHER_TEXT = "another value (vaticina)"
"""Stands for a text that is none of a column's categories."""


class Feed(TypedDict):
    """An input of the file: its type and rank, the encoded columns in it, and the texts by code, if it holds texts."""

    name: str
    type: str
    rank: int
    columns: list[int]
    values: list[str] | None


class Plan(TypedDict):
    """How the file is asked: its inputs, and the outputs that hold probabilities and the label, or the value.

    Without ``label`` the likeliest class is answered. Bundles of earlier releases do not have the key.
    """

    feeds: list[Feed]
    probabilities: str | None
    value: str | None
    label: NotRequired[str | None]


class OnnxFileRuntime:
    """Runs the file with onnxruntime, on one thread."""

    family = "graph"
    served_as = "as the file it is"

    def __init__(self, graph: bytes, plan: Plan, contract: Contract) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._graph = graph
        self._plan = plan
        self._contract = contract

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        feeds = fed_inputs(self._plan, matrix)
        if self._plan["value"] is not None:
            [answer] = self._session.run([self._plan["value"]], feeds)
            return Outputs(len(matrix), {"value": np.asarray(answer, dtype=np.float64).reshape(len(matrix))})
        label_output = self._plan.get("label")
        if label_output is None or self._contract.model.threshold is not None:
            [answer] = self._session.run([self._plan["probabilities"]], feeds)
            shares = probability_matrix(answer, self._contract.classes)
            return Outputs(len(matrix), {"label": label_of(shares, self._contract), "probabilities": shares})
        answer, labels = self._session.run([self._plan["probabilities"], label_output], feeds)
        shares = probability_matrix(answer, self._contract.classes)
        return Outputs(len(matrix), {"label": self._places(labels), "probabilities": shares})

    def _places(self, labels: NDArray[Any]) -> NDArray[np.int64]:
        """The places of the file's own ``labels`` among the classes: (n,). Raises ValueError."""
        place_of = {label: place for place, label in enumerate(self._contract.classes)}
        places = np.empty(labels.size, dtype=np.int64)
        for row, label in enumerate(labels.reshape(-1).tolist()):
            if label not in place_of:
                raise ValueError(f"the file answers the label {label!r}, which is none of its classes")
            places[row] = place_of[label]
        return places

    def files(self) -> dict[str, bytes]:
        """The file itself, and how it is asked."""
        return {MODEL: self._graph, PLAN: orjson.dumps(self._plan)}

    def close(self) -> None:
        """The session goes with its last reference."""


def fed_inputs(plan: Plan, matrix: Matrix) -> dict[str, NDArray[Any]]:
    """What each input of the file is given for ``matrix`` (n, columns), by its name."""
    return {feed["name"]: _fed(feed, matrix) for feed in plan["feeds"]}


def _fed(feed: Feed, matrix: Matrix) -> NDArray[Any]:
    """(n,) or (n, columns), as the input's rank is."""
    codes = matrix[:, feed["columns"]]
    if feed["values"] is None:
        values: NDArray[Any] = codes.astype(TYPES[feed["type"]])
    else:
        texts = np.array([*feed["values"], OTHER_TEXT, ""], dtype=object)
        codes = np.where(np.isnan(codes), len(texts) - 1, np.minimum(codes, len(texts) - 2))
        values = texts[codes.astype(np.intp)]
    if feed["rank"] == 1:
        return values[:, 0]
    return values


def probability_matrix(answer: "Sequence[Mapping[Scalar, float]] | NDArray[Any]", classes: Sequence[Scalar]) -> Matrix:
    """(n, classes) of an output: a matrix, one column for the positive class, or maps by class."""
    if isinstance(answer, list):
        rows = []
        for by_class in answer:
            rows.append([by_class[label] for label in classes])
        return np.array(rows, dtype=np.float64)
    shares = np.asarray(answer, dtype=np.float64)
    if shares.ndim == 2 and shares.shape[1] == len(classes):
        return shares
    positive = shares.reshape(len(shares))
    return np.column_stack([1.0 - positive, positive])


def load_onnx_file(bundle: Bundle, allow: frozenset[str] = frozenset()) -> OnnxFileRuntime:
    """The runtime of a bundle's file; ``allow`` are operators that it may hold. Raises BundleCorrupt."""
    graph, plan = read_graph(bundle, MODEL, allow), orjson.loads(bundle.read(PLAN))
    try:
        return OnnxFileRuntime(graph, plan, bundle.manifest.contract)
    except Exception as error:  # onnxruntime's own classes share no other parent
        raise BundleCorrupt(f"{MODEL} of version {bundle.version} cannot be loaded: {error}.") from None
