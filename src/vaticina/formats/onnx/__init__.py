"""Somebody's own ONNX files, which are served as they are.

This file is light; what opens files is imported when it is asked for.
"""

from collections.abc import Collection, Mapping

from vaticina.contract import Bundle, Runtime
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.source import Source
from vaticina.progress import Report


class OnnxFormat:
    """Graphs of any tool, run by onnxruntime."""

    name = "onnx"
    suffixes: tuple[str, ...] = (".onnx",)
    kind = "imported"
    family = "graph"
    keeps_files = True

    def files_among(self, names: Collection[str]) -> Collection[str]:
        """None: an ONNX file is a model by itself."""
        return ()

    def recognises(self, source: Source) -> bool:
        """Whether the model's file is called ``*.onnx``."""
        return source.model.name.lower().endswith(self.suffixes)

    def is_whole(self, source: Source) -> bool:
        """An ONNX file is a whole model."""
        return True

    def adopt(self, adoption: Adoption, report: Report) -> AdoptedModel:
        """The graph with the contract that its inputs tell."""
        from vaticina.formats.onnx.adopt import adopt_onnx_file

        return adopt_onnx_file(adoption, report)

    def check_files(self, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
        """Raises ImportRefused unless a server would load the graph: its audit is the same."""
        from vaticina.formats.onnx.audit import audit_file
        from vaticina.formats.onnx.file_runtime import MODEL

        audit_file(files[MODEL], "the graph", allow)

    def load(self, bundle: Bundle, allow: frozenset[str]) -> Runtime:
        """The graph as the file it is."""
        from vaticina.formats.onnx.file_runtime import load_onnx_file

        return load_onnx_file(bundle, allow)
