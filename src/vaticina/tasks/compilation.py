"""Compiling a model for serving: to a graph that is proved to answer the same; else the model itself is served."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Contract, Matrix, Outputs, Runtime
from vaticina.exact.arrays import Columns
from vaticina.exact.graph import NotCompilable
from vaticina.exact.verify import Ask, OriginalRefuses, asked_once, verify
from vaticina.tasks.graph_runtime import GRAPH_FILE, GraphRuntime
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.served_model import ServedModel
from vaticina.tasks.task import Task

Predict = Callable[[Matrix], Outputs]
"""How a model is asked for rows (n, columns)."""


@runtime_checkable
class ServableModel(Runtime, Protocol):
    """A model that knows how it is asked, and what a bundle holds of it.

    Any other model is asked as its task says, and kept as a pickle.
    """

    family: str
    """The family of runtimes that loads it from ``files``."""

    served_as: str
    """How it is served where it is not compiled, as "it is served …" says it: ``natively``."""

    def files(self) -> dict[str, bytes]:
        """What a bundle of ``family`` holds of it: file name -> content."""
        ...


def served_form(
    task: Task, model: object, contract: Contract, rows: Matrix, ask_original: Predict | None = None
) -> ServedModel:
    """The graph of ``model`` when it answers ``rows`` (n, columns) and rows around them alike; else the model itself.

    ``ask_original`` asks the original where ``model`` was rebuilt from it; it is called once, for all rows.
    """
    servable: ServableModel = NativeRuntime(model, contract, task)
    if isinstance(model, ServableModel):
        servable = model
    try:
        compiled = task.compile(model, contract)
        runtime = GraphRuntime(compiled.graph)
        verification_rows = task.verification_rows(contract, rows, compiled)
        with threadpool_limits(1):  # threads of OpenMP wait by spinning, which batches this small do not repay
            original = _columns_of(servable.predict)
            if ask_original is not None:
                original = asked_once(_columns_of(ask_original), verification_rows)
            report = verify(original, _columns_of(runtime.predict), verification_rows, task.ties(model, contract))
    except (NotCompilable, OriginalRefuses) as error:
        return _uncompiled(servable, {"verified": False, "reason": str(error)})
    except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
        return _uncompiled(servable, {"verified": False, "reason": f"the graph does not run: {error}"})
    if not report["verified"]:
        return _uncompiled(servable, report)
    return ServedModel("onnx", {GRAPH_FILE: compiled.graph}, report, runtime)


def _columns_of(predict: Predict) -> Ask:
    """``predict`` as verification takes it: a function that gives the columns of its outputs."""

    def ask(rows: Matrix) -> Columns:
        return predict(rows).columns

    return ask


def _uncompiled(model: ServableModel, verification: dict[str, Any]) -> ServedModel:
    reason = f"{verification['reason']}; it is served {model.served_as}"
    return ServedModel(model.family, model.files(), {**verification, "reason": reason}, model)
