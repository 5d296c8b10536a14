"""The audit of somebody's ONNX file, before onnx and onnxruntime are given it."""

from vaticina.audits.onnx_graph import check_graph
from vaticina.audits.unsound import Unsound
from vaticina.errors import ImportRefused


def audit_file(data: bytes, name: str, allow: frozenset[str] = frozenset()) -> None:
    """Raises ImportRefused unless the file ``data`` reads no other file and runs standard operators only.

    ``name`` names it in errors. ``allow`` holds operators that are taken all the same, such as ``onnx:Loop``.
    """
    try:
        check_graph(data, allow)
    except Unsound as reason:
        raise ImportRefused(f"{name} is no ONNX file that is taken: {reason}.") from None
