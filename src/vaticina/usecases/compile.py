"""The form in which a trained model is served: compiled where that is proved the same, else as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Contract, Matrix, Outputs, Runtime
from vaticina.exact.arrays import Columns
from vaticina.exact.compile import Compiled, compile_table
from vaticina.exact.graph import NotCompilable
from vaticina.exact.ties import ties_of
from vaticina.exact.verification_rows import verification_rows
from vaticina.exact.verify import Ask, OriginalRefuses, Ties, asked_once, verify
from vaticina.formats.autogluon import graph as autogluon_graph
from vaticina.formats.onnx import compiled as onnx
from vaticina.formats.sklearn import frame_graph, native
from vaticina.tasks.clusters.graph import cluster_ties, compile_clusters
from vaticina.tasks.row_space import goal_of, row_space
from vaticina.tasks.table import calibrated_graph

CONVERTER_FILES = (autogluon_graph, calibrated_graph, frame_graph)
"""Converters of our own classes, registered by being imported."""

Predict = Callable[[Matrix], Outputs]
"""How an original is asked for rows (n, columns)."""


@runtime_checkable
class Original(Protocol):
    """A model that knows how it is asked and kept; any other is asked as scikit-learn's are, and kept as a pickle."""

    family: str

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        ...

    def files(self) -> dict[str, bytes]:
        """What a bundle of ``family`` holds of it."""
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """``runtime`` names the family, ``files`` are the bundle's; ``verification`` tells why it is this form."""

    runtime: str
    files: dict[str, bytes]
    opened: Runtime
    verification: dict[str, Any]


def served_form(model: Any, contract: Contract, rows: Matrix, elsewhere: Predict | None = None) -> Served:
    """The ONNX graph of ``model`` when it answers ``rows`` (n, columns) and those around them alike; else as it is.

    ``elsewhere`` asks the original where ``model`` is only rebuilt from it; it is asked once, for all rows.
    """
    original = model if isinstance(model, Original) else native.NativeRuntime(model, contract)
    try:
        compiled, ties = _compile(model, contract)
        opened = onnx.OnnxRuntime(compiled.graph)
        around = verification_rows(row_space(contract), rows, compiled)
        with threadpool_limits(1):  # threads of OpenMP wait by spinning, which batches this small do not repay
            ask = _columns(original.predict) if elsewhere is None else asked_once(_columns(elsewhere), around)
            report = verify(ask, _columns(opened.predict), around, ties)
    except (NotCompilable, OriginalRefuses) as error:
        return _uncompiled(original, {"verified": False, "reason": str(error)})
    except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
        return _uncompiled(original, {"verified": False, "reason": f"the graph does not run: {error}"})
    if not report["verified"]:
        return _uncompiled(original, report)
    return Served("onnx", {onnx.MODEL: compiled.graph}, opened, report)


def _compile(model: Any, contract: Contract) -> tuple[Compiled, Ties]:
    """The graph of ``model``, and the rule for its ties. Raises NotCompilable."""
    if contract.model.kind == "clusters":
        return compile_clusters(model, len(contract.columns)), cluster_ties(model)
    goal = goal_of(contract)
    return compile_table(model, goal), ties_of(goal)


def _columns(predict: Predict) -> Ask:
    """``predict``, as verification asks: for columns."""

    def ask(rows: Matrix) -> Columns:
        return predict(rows).columns

    return ask


def _uncompiled(original: Original, verification: dict[str, Any]) -> Served:
    reason = f"{verification['reason']}; it is served {AS_IS[original.family]}"
    return Served(original.family, original.files(), original, {**verification, "reason": reason})


AS_IS = {"graph": "as the file it is", "native": "natively", "autogluon": "by a worker process"}
"""How each family is served that was not compiled."""
