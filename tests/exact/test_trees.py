"""Trees as the operator holds them."""

from dataclasses import replace

import numpy as np
import onnx
import pytest

from vaticina.contract import Matrix
from vaticina.exact.graph import Graph
from vaticina.exact.session import GraphSession
from vaticina.exact.tree import EMPTY_TREE, LEAF, Tree, fork, last_visitors
from vaticina.exact.tree_ensemble import ensemble


def lopsided(scale: float, leaf_left: bool) -> Tree:
    """A root with a leaf and a node, which has two leaves."""
    left, right, threshold = [1, 3, LEAF, LEAF, LEAF], [2, 4, LEAF, LEAF, LEAF], 0.5
    if leaf_left:
        left, right, threshold = [1, LEAF, 3, LEAF, LEAF], [2, LEAF, 4, LEAF, LEAF], 2.0
    return Tree(
        feature=np.array([0, 0, 0, 0, 0]),
        threshold=np.array([1.0, threshold, threshold, 0.0, 0.0]),
        left=np.array(left),
        right=np.array(right),
        missing_left=np.array([True, False, False, False, False]),
        weights=scale * np.array([[0.0], [1.0], [1.0], [10.0], [100.0]]),
    )


def answers(trees: list[Tree], rows: Matrix) -> tuple[Matrix, bytes]:
    graph = Graph(rows.shape[1])
    graph.output("sum", ensemble(graph, graph.input, trees, 1), 1)
    written = graph.finished()
    return GraphSession(written).run(rows)["sum"][:, 0], written


def tree_operator(graph: bytes) -> onnx.NodeProto:
    """The only tree operator of a graph."""
    operators = [node for node in onnx.load_from_string(graph).graph.node if "Tree" in node.op_type]
    assert len(operators) == 1
    operator: onnx.NodeProto = operators[0]
    return operator


@pytest.mark.parametrize(
    ("leaf_left", "single"), [(True, [1, 1, 1, 1, 10, 10, 100, 1]), (False, [10, 10, 100, 100, 1, 1, 1, 100])]
)
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_root_beside_a_leaf_of_the_same_number_is_no_leaf(leaf_left: bool, single: list[int], count: int) -> None:
    """Of two trees the second root would have a leaf and a node numbered 3; ``single`` is what one tree answers."""
    scales = 10.0 ** np.arange(count)
    trees = [lopsided(scale, leaf_left) for scale in scales]
    rows = np.array([[0.0], [0.5], [0.7], [1.0], [1.5], [2.0], [3.0], [np.nan]])
    sums, written = answers(trees, rows)
    assert np.array_equal(sums, np.array(single) * scales.sum())
    operator = tree_operator(written)
    assert operator.op_type == "TreeEnsemble"
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in operator.attribute}
    for root in attributes["tree_roots"]:
        assert attributes["nodes_truenodeids"][root] != attributes["nodes_falsenodeids"][root]


def test_a_forest_with_one_class_in_each_leaf_adds_in_doubles() -> None:
    """Of several classes too, and then it holds no more than its inner nodes and one weight for each leaf."""
    shares = np.zeros((5, 3))
    shares[[1, 3, 4], [0, 2, 1]] = [0.1, 0.7, 1 / 3]
    rows = np.array([[0.0], [1.5], [3.0]])
    sums, operator = _of_three(replace(lopsided(1.0, leaf_left=True), weights=shares), rows)
    assert operator == "TreeEnsemble"
    assert np.array_equal(sums, 3 * shares[[1, 3, 4]])
    shares[4] = [0.25, 0.25, 0.5]
    sums, operator = _of_three(replace(lopsided(1.0, leaf_left=True), weights=shares), rows)
    assert operator == "TreeEnsembleRegressor"
    assert np.allclose(sums, 3 * shares[[1, 3, 4]], rtol=1e-6)


def _of_three(tree: Tree, rows: Matrix) -> tuple[Matrix, str]:
    """The sums of three such trees, and the operator that makes them."""
    graph = Graph(1)
    graph.output("sums", ensemble(graph, graph.input, [tree] * 3, 3), 3)
    written = graph.finished()
    return GraphSession(written).run(rows)["sums"], tree_operator(written).op_type


def test_a_single_leaf_answers_always() -> None:
    leaf = replace(EMPTY_TREE, weights=np.array([[2.5]]))
    sums, _ = answers([leaf, EMPTY_TREE, leaf], np.array([[0.0], [np.nan], [1e300]]))
    assert sums.tolist() == [5.0, 5.0, 5.0]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_a_fork_goes_on_as_the_branch_of_its_number(count: int) -> None:
    branches, expected = [], []
    for number in range(count):
        if number % 3:
            branches.append(lopsided(10.0**number, leaf_left=True))
            expected.append(10.0**number)
        else:
            branches.append(EMPTY_TREE)
            expected.append(0.0)
    forked = fork(1, branches)
    rows = np.column_stack([np.zeros(count), np.arange(count)]).astype(np.float64)
    sums, _ = answers([forked], rows)
    assert sums.tolist() == expected
    assert last_visitors(forked, rows).max() == count - 1


def test_the_last_visitor_of_each_node_is_a_row_that_passes_it() -> None:
    tree = lopsided(1.0, leaf_left=True)
    passed = last_visitors(tree, np.array([[0.0], [1.5], [3.0], [np.nan]]))
    assert passed.tolist() == [3, 3, 2, 1, 2]
