"""The runtime of windows: one graph for each trained window, chosen by the window that a row asks for."""

import numpy as np

from vaticina.contract import Bundle, Contract, Matrix, Outputs
from vaticina.contract.fields import Integer, Series
from vaticina.errors import BundleCorrupt
from vaticina.exact.session import GraphSession
from vaticina.tasks.graph_runtime import read_graph


def graph_file(size: int) -> str:
    """The file of a bundle that holds the graph of the window of this size."""
    return f"window-{size}.onnx"


class WindowRuntime:
    """Asks the graph of each row's window; ``graphs`` are in the order of the contract's windows."""

    def __init__(self, contract: Contract, graphs: list[bytes]) -> None:
        self._sizes = [window.size for window in contract.windows]
        self._index_of_size = {float(size): index for index, size in enumerate(self._sizes)}
        self._horizon = max(window.horizon for window in contract.windows)
        self._sessions = list(map(GraphSession, graphs))
        columns = [column.name for column in contract.columns]
        self._size_column = None
        for name, field in contract.inputs.items():
            if isinstance(field, Series):
                self._end_column = columns.index(f"{name}.end")
            elif isinstance(field, Integer):
                self._size_column = columns.index(name)
        self._values_end = self._end_column + 1 + contract.longest

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns); ``forecast`` is as wide as the longest horizon."""
        windows = self._windows(matrix)
        different = set(windows)
        if len(different) == 1:
            return self._predict_window(windows[0], matrix)
        positions, parts = [], []
        for window in sorted(different):
            rows = np.flatnonzero(np.equal(windows, window))
            positions.append(rows)
            parts.append(self._predict_window(window, matrix[rows]).columns)
        order = np.argsort(np.concatenate(positions))
        columns = {}
        for name in parts[0]:
            columns[name] = np.concatenate([part[name] for part in parts])[order]
        return Outputs(len(matrix), columns)

    def _windows(self, matrix: Matrix) -> list[int]:
        """The index of the window that each row asks for; without an input for it, that of the last window."""
        if self._size_column is None:
            return [len(self._sizes) - 1] * len(matrix)
        return list(map(self._index_of_size.__getitem__, matrix[:, self._size_column].tolist()))

    def _predict_window(self, window: int, matrix: Matrix) -> Outputs:
        """The outputs of the window numbered ``window`` for all rows of ``matrix``."""
        values = matrix[:, self._values_end - self._sizes[window] : self._values_end]
        ends = matrix[:, self._end_column : self._end_column + 1]
        columns = dict(self._sessions[window].run(np.concatenate((ends, values), axis=1)))
        missing_steps = self._horizon - columns["forecast"].shape[1]
        if missing_steps:
            columns["forecast"] = np.pad(columns["forecast"], ((0, 0), (0, missing_steps), (0, 0)), mode="edge")
        columns["window"] = np.full(len(matrix), window)
        return Outputs(len(matrix), columns)

    def close(self) -> None:
        """The sessions go with their last reference."""


def load_windows(bundle: Bundle) -> WindowRuntime:
    """The runtime of a bundle's windows. Raises BundleCorrupt."""
    contract = bundle.manifest.contract
    if not contract.windows:
        raise BundleCorrupt(f"Version {bundle.version} names no trained window; train it again.")
    graphs = [read_graph(bundle, graph_file(window.size)) for window in contract.windows]
    try:
        return WindowRuntime(contract, graphs)
    except Exception as error:  # onnxruntime's own classes share no other parent
        raise BundleCorrupt(f"A window of version {bundle.version} cannot be loaded: {error}.") from None
