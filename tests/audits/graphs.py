"""ONNX files that read other files, loop, or call operators of others, each in its own place of the file."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROW = helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 1])
ANSWER = helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None, 1])
OPSETS = [helper.make_opsetid("", 17)]


def elsewhere(name: str = "s", size: int = 1) -> onnx.TensorProto:
    """A tensor whose bytes stand in the file ``secret``."""
    tensor = onnx.TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[size])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "secret"), ("offset", "0"), ("length", str(4 * size))):
        tensor.external_data.add(key=key, value=value)
    return tensor


def model(nodes: list[onnx.NodeProto], initializers: list[onnx.TensorProto] | None = None) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "g", [ROW], [ANSWER], initializers or [])
    return helper.make_model(graph, opset_imports=OPSETS, ir_version=8)


def add(*inputs: str) -> onnx.NodeProto:
    return helper.make_node("Add", list(inputs), ["Y"])


def in_initializer() -> onnx.ModelProto:
    return model([add("X", "s")], [elsewhere()])


def in_constant() -> onnx.ModelProto:
    return model([helper.make_node("Constant", [], ["s"], value=elsewhere()), add("X", "s")])


def in_constant_of_shape() -> onnx.ModelProto:
    shape = numpy_helper.from_array(np.array([1], np.int64), "shape")
    return model([helper.make_node("ConstantOfShape", ["shape"], ["s"], value=elsewhere()), add("X", "s")], [shape])


def in_subgraph() -> onnx.ModelProto:
    output = helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])
    branch = helper.make_graph([helper.make_node("Identity", ["e"], ["o"])], "b", [], [output], [elsewhere("e")])
    truth = numpy_helper.from_array(np.array(True), "c")
    node = helper.make_node("If", ["c"], ["s"], then_branch=branch, else_branch=branch)
    return model([node, add("X", "s")], [truth])


def in_subgraph_of_subgraph() -> onnx.ModelProto:
    inner = in_subgraph().graph
    inner.ClearField("input")
    truth = numpy_helper.from_array(np.array(True), "d")
    return model([helper.make_node("If", ["d"], ["Y"], then_branch=inner, else_branch=inner)], [truth])


def in_function() -> onnx.ModelProto:
    body = [helper.make_node("Constant", [], ["s"], value=elsewhere()), helper.make_node("Add", ["a", "s"], ["b"])]
    whole = model([helper.make_node("Mine", ["X"], ["Y"], domain="own")])
    whole.functions.append(helper.make_function("own", "Mine", ["a"], ["b"], body, OPSETS))
    whole.opset_import.append(helper.make_opsetid("own", 1))
    return whole


def in_default_of_function() -> onnx.ModelProto:
    whole = in_function()
    del whole.functions[0].node[0]
    whole.functions[0].attribute_proto.append(helper.make_attribute("value", elsewhere()))
    return whole


def in_sparse_initializer() -> onnx.ModelProto:
    whole = model([add("X", "s")])
    sparse = whole.graph.sparse_initializer.add(dims=[1])
    sparse.values.CopyFrom(elsewhere())
    sparse.indices.CopyFrom(numpy_helper.from_array(np.array([0], np.int64)))
    return whole


def in_sparse_indices() -> onnx.ModelProto:
    whole = in_sparse_initializer()
    sparse = whole.graph.sparse_initializer[0]
    sparse.indices.CopyFrom(elsewhere())
    sparse.values.CopyFrom(numpy_helper.from_array(np.array([1], np.float32), "s"))
    return whole


def in_sparse_constant() -> onnx.ModelProto:
    sparse = in_sparse_initializer().graph.sparse_initializer[0]
    return model([helper.make_node("Constant", [], ["s"], sparse_value=sparse), add("X", "s")])


def in_list_of_attributes() -> onnx.ModelProto:
    whole = model([add("X", "X")])
    attribute = whole.graph.node[0].attribute.add(name="many", type=onnx.AttributeProto.TENSORS)
    attribute.tensors.append(elsewhere())
    return whole


def in_training() -> onnx.ModelProto:
    whole = model([add("X", "X")])
    whole.training_info.add().algorithm.CopyFrom(in_initializer().graph)
    return whole


def without_the_flag() -> onnx.ModelProto:
    """The place is told, but the flag that says so is not set."""
    whole = in_initializer()
    whole.graph.initializer[0].ClearField("data_location")
    return whole


ELSEWHERE: dict[str, Callable[[], onnx.ModelProto]] = {
    "initializer": in_initializer,
    "constant": in_constant,
    "constant of shape": in_constant_of_shape,
    "subgraph": in_subgraph,
    "subgraph of a subgraph": in_subgraph_of_subgraph,
    "function": in_function,
    "default of a function": in_default_of_function,
    "sparse initializer": in_sparse_initializer,
    "sparse indices": in_sparse_indices,
    "sparse constant": in_sparse_constant,
    "list of an attribute": in_list_of_attributes,
    "training": in_training,
    "without the flag": without_the_flag,
}
"""Where the file hides the tensor -> the file."""


def looping(operator: str = "Loop", turns: int = 2**62) -> onnx.ModelProto:
    """A graph that runs a part of itself again and again."""
    state = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("s", "t")]
    turn = helper.make_tensor_value_info("i", TensorProto.INT64, [])
    go, goes = (helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("c", "d"))
    nodes = [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Identity", ["s"], ["t"])]
    body = helper.make_graph(nodes, "b", [turn, go, state[0]], [goes, state[1]])
    constants = [
        numpy_helper.from_array(np.array(turns, np.int64), "n"),
        numpy_helper.from_array(np.array(True), "yes"),
    ]
    return model([helper.make_node(operator, ["n", "yes", "X"], ["Y"], body=body)], constants)


def loop_in_function() -> onnx.ModelProto:
    whole = in_function()
    del whole.functions[0].node[:]
    whole.functions[0].node.extend(looping().graph.node)
    return whole


def of_domain(domain: str, operator: str = "CDist") -> onnx.ModelProto:
    whole = model([helper.make_node(operator, ["X", "X"], ["Y"], domain=domain)])
    whole.opset_import.append(helper.make_opsetid(domain, 1))
    return whole


def circle() -> onnx.ModelProto:
    """Two functions that call each other."""
    whole = in_function()
    del whole.functions[:]
    for name, other in (("Mine", "Other"), ("Other", "Mine")):
        body = [helper.make_node(other, ["a"], ["b"], domain="own")]
        opsets = [*OPSETS, helper.make_opsetid("own", 1)]
        whole.functions.append(helper.make_function("own", name, ["a"], ["b"], body, opsets))
    return whole
