"""The form in which a trained model is served: compiled where that is proved the same, else as it is."""

import pickle
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.compilation.compile import compile_model
from vaticina.compilation.graph import NotCompilable
from vaticina.compilation.rows import verification_rows
from vaticina.compilation.ties import tie_rule
from vaticina.compilation.verify import OriginalRefuses, verify
from vaticina.contract import Contract, Matrix, Runtime
from vaticina.runtimes import native, onnx


@dataclass(frozen=True, slots=True)
class Served:
    """``runtime`` names the family, ``files`` are the bundle's; ``verification`` tells why it is this form."""

    runtime: str
    files: dict[str, bytes]
    opened: Runtime
    verification: dict[str, Any]


def served_form(model: Any, contract: Contract, rows: Matrix) -> Served:
    """The ONNX graph of ``model`` when it answers ``rows`` (n, columns) and those around them alike; else a pickle."""
    original = native.NativeRuntime(model, contract)
    try:
        compiled = compile_model(model, contract)
        opened = onnx.OnnxRuntime(compiled.graph)
        around = verification_rows(contract, rows, compiled)
        with threadpool_limits(1):  # threads of OpenMP wait by spinning, which batches this small do not repay
            report = verify(original.predict, opened.predict, around, tie_rule(model, contract))
    except (NotCompilable, OriginalRefuses) as error:
        return _native(model, original, {"verified": False, "reason": str(error)})
    except Exception as error:  # onnxruntime raises several classes of its own for a graph it cannot run
        return _native(model, original, {"verified": False, "reason": f"the graph does not run: {error}"})
    if not report["verified"]:
        return _native(model, original, report)
    return Served("onnx", {onnx.MODEL: compiled.graph}, opened, report)


def _native(model: Any, runtime: Runtime, verification: dict[str, Any]) -> Served:
    told = {**verification, "reason": f"{verification['reason']}; it is served natively"}
    return Served("native", {native.MODEL: pickle.dumps(model, protocol=5)}, runtime, told)
