"""The window runtime: one graph for each trained window, chosen by the window that a row asks for."""

import numpy as np

from vaticina.contract import Bundle, Contract, Matrix, Outputs
from vaticina.contract.fields import Integer, Series
from vaticina.errors import BundleCorrupt
from vaticina.exact.session import GraphSession


def file_of(size: int) -> str:
    """The file of a bundle that holds the graph of a window."""
    return f"window-{size}.onnx"


class WindowRuntime:
    """Asks the graph of each row's window; ``graphs`` are in the order of the contract's windows."""

    def __init__(self, contract: Contract, graphs: list[bytes]) -> None:
        self._sizes = [window.size for window in contract.windows]
        self._indices = {float(size): index for index, size in enumerate(self._sizes)}
        self._horizon = max(window.horizon for window in contract.windows)
        self._graphs = [GraphSession(graph) for graph in graphs]
        names = [column.name for column in contract.columns]
        fields = {type(field): name for name, field in contract.inputs.items()}
        self._end = names.index(f"{fields[Series]}.end")
        self._asked = names.index(fields[Integer]) if Integer in fields else None
        self._last = self._end + 1 + contract.longest

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns); ``forecast`` is as wide as the longest horizon."""
        asked = self._windows(matrix)
        found = set(asked)
        if len(found) == 1:
            return self._answered(asked[0], matrix)
        parts = {window: np.flatnonzero(np.equal(asked, window)) for window in sorted(found)}
        outputs = {window: self._answered(window, matrix[rows]) for window, rows in parts.items()}
        order = np.argsort(np.concatenate(list(parts.values())))
        names = next(iter(outputs.values())).columns
        columns = {name: np.concatenate([one.columns[name] for one in outputs.values()])[order] for name in names}
        return Outputs(len(matrix), columns)

    def _windows(self, matrix: Matrix) -> list[int]:
        """The index of the window that each row asks for."""
        if self._asked is None:
            return [len(self._sizes) - 1] * len(matrix)
        return [self._indices[size] for size in matrix[:, self._asked].tolist()]

    def _answered(self, window: int, matrix: Matrix) -> Outputs:
        values = matrix[:, self._last - self._sizes[window] : self._last]
        ends = matrix[:, self._end : self._end + 1]
        answers = self._graphs[window].run(np.concatenate((ends, values), axis=1))
        forecast = answers["forecast"]
        beyond = ((0, 0), (0, self._horizon - forecast.shape[1]), (0, 0))
        columns = {
            **answers,
            "forecast": np.pad(forecast, beyond, mode="edge") if beyond[1][1] else forecast,
            "window": np.full(len(matrix), window),
        }
        return Outputs(len(matrix), columns)

    def close(self) -> None:
        """The sessions go with their last reference."""


def load_windows(bundle: Bundle) -> WindowRuntime:
    """The runtime of a bundle's windows. Raises BundleCorrupt."""
    contract = bundle.manifest.contract
    if not contract.windows:
        raise BundleCorrupt(f"Version {bundle.version} names no trained window; train it again.")
    graphs = [bundle.read(file_of(window.size)) for window in contract.windows]
    try:
        return WindowRuntime(contract, graphs)
    except Exception as error:  # onnxruntime's own classes share no other parent
        raise BundleCorrupt(f"A window of version {bundle.version} cannot be loaded: {error}.") from None
