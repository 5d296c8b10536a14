"""Runs an ONNX graph with onnxruntime; a server of a compiled model loads this file and nothing else of the package."""

import ctypes
import sys
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray


class GraphSession:
    """One graph, opened for asking, on one thread: a server's batches already share a core well.

    The graph has one input, ``X`` (n, columns) of doubles, and any number of named outputs.
    """

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]
        return_freed_memory()

    def run(self, matrix: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
        """The outputs for ``matrix`` (n, columns), by name."""
        columns = self._session.run(None, {"X": np.ascontiguousarray(matrix)})
        return dict(zip(self._names, columns, strict=True))


def return_freed_memory() -> None:
    """Gives back to the system the memory that reading a graph used and freed, several times the graph's size.

    The C library of Linux (glibc) would keep it for the process.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
