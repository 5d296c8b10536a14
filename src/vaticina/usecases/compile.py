"""The form in which a trained model is served: compiled where that is proved the same, else as it is."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Contract, Matrix, Outputs, Runtime
from vaticina.exact.ask_once import remembered
from vaticina.exact.compile import compile_model
from vaticina.exact.graph import NotCompilable
from vaticina.exact.ties import tie_rule
from vaticina.exact.verification_rows import verification_rows
from vaticina.exact.verify import Ask, OriginalRefuses, verify
from vaticina.formats.onnx import compiled as onnx
from vaticina.formats.sklearn import native


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


def served_form(model: Any, contract: Contract, rows: Matrix, elsewhere: Ask | None = None) -> Served:
    """The ONNX graph of ``model`` when it answers ``rows`` (n, columns) and those around them alike; else as it is.

    ``elsewhere`` asks the original where ``model`` is only rebuilt from it; it is asked once, for all rows.
    """
    original = model if isinstance(model, Original) else native.NativeRuntime(model, contract)
    try:
        compiled = compile_model(model, contract)
        opened = onnx.OnnxRuntime(compiled.graph)
        around = verification_rows(contract, rows, compiled)
        with threadpool_limits(1):  # threads of OpenMP wait by spinning, which batches this small do not repay
            asked = original.predict if elsewhere is None else remembered(elsewhere, around)
            report = verify(asked, opened.predict, around, tie_rule(model, contract))
    except (NotCompilable, OriginalRefuses) as error:
        return _uncompiled(original, {"verified": False, "reason": str(error)})
    except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
        return _uncompiled(original, {"verified": False, "reason": f"the graph does not run: {error}"})
    if not report["verified"]:
        return _uncompiled(original, report)
    return Served("onnx", {onnx.MODEL: compiled.graph}, opened, report)


def _uncompiled(original: Original, verification: dict[str, Any]) -> Served:
    told = {**verification, "reason": f"{verification['reason']}; it is served {AS_IS[original.family]}"}
    return Served(original.family, original.files(), original, told)


AS_IS = {"graph": "as the file it is", "native": "natively", "autogluon": "by a worker process"}
"""How each family is served that was not compiled."""
