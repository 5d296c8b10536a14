"""What a graph costs once it is read."""

import subprocess
import sys

MEASURED = """
import re, sys
import numpy as np
from onnx import TensorProto, helper
from vaticina.exact import session

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

count = 200_000
tree = helper.make_node(
    "TreeEnsembleRegressor", ["X"], ["y"], domain="ai.onnx.ml", n_targets=1,
    nodes_treeids=[0] * count, nodes_nodeids=list(range(count)), nodes_featureids=[0] * count,
    nodes_modes=["BRANCH_LEQ"] * (count // 2) + ["LEAF"] * (count // 2),
    nodes_truenodeids=[min(2 * at + 1, count - 1) for at in range(count // 2)] + [0] * (count // 2),
    nodes_falsenodeids=[min(2 * at + 2, count - 1) for at in range(count // 2)] + [0] * (count // 2),
    nodes_values=[0.0] * count, target_treeids=[0] * (count // 2),
    target_nodeids=list(range(count // 2, count)), target_ids=[0] * (count // 2), target_weights=[1.0] * (count // 2),
)
graph = helper.make_graph(
    [tree], "big", [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 1])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
)
opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)]
data = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
del tree, graph
if sys.argv[1] == "kept":
    session.return_freed_memory = lambda: None
model = session.GraphSession(data)
print(resident())
"""


def resident(way: str) -> float:
    ran = subprocess.run([sys.executable, "-c", MEASURED, way], capture_output=True, text=True, check=True)
    return float(ran.stdout)


def test_what_reading_a_graph_took_goes_back_to_the_system() -> None:
    assert resident("given back") < resident("kept") - 15
