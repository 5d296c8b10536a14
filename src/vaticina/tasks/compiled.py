"""The compiled runtime: one ONNX graph from the encoded matrix to the outputs; no training library, no pickle."""

import ctypes
import sys

import numpy as np
import onnxruntime

from vaticina.contract import Bundle, Matrix, Outputs
from vaticina.errors import BundleCorrupt

MODEL = "model.onnx"
"""The file of a bundle that holds the graph: input ``X`` (n, columns) double, outputs named as in ``Outputs``."""


class OnnxRuntime:
    """Runs a graph with onnxruntime, on one thread: the engine's batches already share a core well."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]
        _give_back()

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        columns = self._session.run(None, {"X": np.ascontiguousarray(matrix)})
        return Outputs(len(matrix), dict(zip(self._names, columns, strict=True)))

    def close(self) -> None:
        """The session goes with its last reference."""


def _give_back() -> None:
    """Returns to the system what reading a graph took and freed, several times its size: glibc would keep it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def load_compiled(bundle: Bundle) -> OnnxRuntime:
    """The runtime of a bundle's ``model.onnx``. Raises BundleCorrupt."""
    graph = bundle.read(MODEL)
    try:
        return OnnxRuntime(graph)
    except Exception as error:  # onnxruntime's own classes share no other parent
        raise BundleCorrupt(f"{MODEL} of version {bundle.version} cannot be loaded: {error}.") from None
