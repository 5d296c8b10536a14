"""A project whose versions are one known number each, so that every answer tells who gave it."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from vaticina.bootstrap import Workspace
from vaticina.contract.bundle import Example
from vaticina.registry import Registry
from vaticina.settings import read_settings

PROJECT = """
[project]
name = "toy"
[serving]
max_queue = 4096
[inputs.x]
min = -1000000
max = 1000000
example = 1.0
[inputs.name]
type = "identifier"
optional = true
[outputs]
y = "value"
version = "version"
"""


class Toy:
    """Version ``factor`` answers ``factor * x``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "project.toml").write_text(PROJECT)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder, read_settings())

    @property
    def registry(self) -> Registry:
        return self.workspace.registry()

    @property
    def store(self) -> Path:
        return Path(self.workspace.places.store)

    def publish(self, factor: float, *, promote: bool = True) -> str:
        """The id of a new version, in production unless told otherwise."""
        manifest = self.registry.publish(
            "toy",
            self.workspace.project.draft(),
            "onnx",
            {"model.onnx": graph(factor)},
            examples=(Example(input={"x": 3.0}, outputs={"value": 3.0 * factor}),),
        )
        if promote:
            self.promote(manifest.version)
        return manifest.version

    def promote(self, version: str) -> None:
        self.registry.promote("toy", version)


def graph(factor: float) -> bytes:
    """The graph from a matrix of one column to ``factor`` times it."""
    double = TensorProto.DOUBLE
    nodes = [helper.make_node("Mul", ["X", "factor"], ["Y"]), helper.make_node("Squeeze", ["Y", "one"], ["value"])]
    constants = [
        numpy_helper.from_array(np.array(factor), "factor"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "one"),
    ]
    inputs = [helper.make_tensor_value_info("X", double, [None, 1])]
    outputs = [helper.make_tensor_value_info("value", double, [None])]
    made = helper.make_graph(nodes, "toy", inputs, outputs, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    written: bytes = model.SerializeToString()
    return written
