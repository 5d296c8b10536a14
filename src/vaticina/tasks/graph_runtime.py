"""The runtime of compiled models: one ONNX graph from encoded rows to outputs, without training library or pickle."""

from vaticina.audits.onnx_graph import check_graph
from vaticina.audits.unsound import Unsound
from vaticina.contract import Bundle, Matrix, Outputs
from vaticina.errors import BundleCorrupt
from vaticina.exact.session import GraphSession

GRAPH_FILE = "model.onnx"
"""The file of a bundle that holds the graph: input ``X`` (n, columns) double, outputs named as in ``Outputs``."""


class GraphRuntime:
    """A loaded graph whose outputs are those of a contract."""

    def __init__(self, graph: bytes) -> None:
        self._session = GraphSession(graph)

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        return Outputs(len(matrix), self._session.run(matrix))

    def close(self) -> None:
        """The session goes with its last reference."""


def load_graph(bundle: Bundle) -> GraphRuntime:
    """The runtime of a bundle's ``model.onnx``. Raises BundleCorrupt."""
    graph = read_graph(bundle, GRAPH_FILE)
    try:
        return GraphRuntime(graph)
    except Exception as error:  # onnxruntime's own classes share no other parent
        raise BundleCorrupt(f"{GRAPH_FILE} of version {bundle.version} cannot be loaded: {error}.") from None


def read_graph(bundle: Bundle, name: str, allow: frozenset[str] = frozenset()) -> bytes:
    """A bundle's graph ``name``, audited: a bundle may come from elsewhere. ``allow`` are operators beside the usual.

    Raises BundleCorrupt.
    """
    graph = bundle.read(name)
    try:
        check_graph(graph, allow)
    except Unsound as reason:
        raise BundleCorrupt(f"{name} of version {bundle.version} cannot be loaded: {reason}.") from None
    return graph
