"""The form in which a model is served: a graph where that is proved to answer the same, else the model itself."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.exact.arrays import Columns
from vaticina.exact.graph import NotCompilable
from vaticina.exact.verify import Ask, OriginalRefuses, asked_once, verify
from vaticina.tasks import compiled as graphs
from vaticina.tasks.candidate import ServedModel
from vaticina.tasks.native import NativeRuntime
from vaticina.tasks.task import Task


@runtime_checkable
class Original(Protocol):
    """A model that knows how it is asked and kept; any other is asked as its task says, and kept as a pickle."""

    family: str
    """The family of runtimes that loads it from ``files``."""

    served_as: str
    """How it is served where it is not compiled, as "it is served …" says it: ``natively``."""

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        ...

    def files(self) -> dict[str, bytes]:
        """What a bundle of ``family`` holds of it."""
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


Predict = Callable[[Matrix], Outputs]
"""How a model is asked for rows (n, columns)."""


def columns_of(predict: Predict) -> Ask:
    """``predict`` as verification asks: for columns."""

    def ask(rows: Matrix) -> Columns:
        return predict(rows).columns

    return ask


def served_form(
    task: Task, model: object, contract: Contract, rows: Matrix, elsewhere: Predict | None = None
) -> ServedModel:
    """The graph of ``model`` when it answers ``rows`` (n, columns) and rows around them alike; else the model itself.

    ``elsewhere`` asks the original where ``model`` was rebuilt from it; it is asked once, for all rows.
    """
    original = model if isinstance(model, Original) else NativeRuntime(model, contract, task)
    try:
        compiled = task.compile(model, contract)
        runtime = graphs.OnnxRuntime(compiled.graph)
        verification_rows = task.verification_rows(contract, rows, compiled)
        with threadpool_limits(1):  # threads of OpenMP wait by spinning, which batches this small do not repay
            ask = columns_of(original.predict)
            if elsewhere is not None:
                ask = asked_once(columns_of(elsewhere), verification_rows)
            report = verify(ask, columns_of(runtime.predict), verification_rows, task.ties(model, contract))
    except (NotCompilable, OriginalRefuses) as error:
        return _uncompiled(original, {"verified": False, "reason": str(error)})
    except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
        return _uncompiled(original, {"verified": False, "reason": f"the graph does not run: {error}"})
    if not report["verified"]:
        return _uncompiled(original, report)
    return ServedModel("onnx", {graphs.MODEL: compiled.graph}, runtime, report)


def _uncompiled(original: Original, verification: dict[str, Any]) -> ServedModel:
    reason = f"{verification['reason']}; it is served {original.served_as}"
    return ServedModel(original.family, original.files(), original, {**verification, "reason": reason})
