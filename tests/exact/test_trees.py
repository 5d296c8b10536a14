"""Trees as the operator holds them."""

from dataclasses import replace

import numpy as np
import onnx
import pytest

from vaticina.contract import Matrix
from vaticina.exact.graph import Graph
from vaticina.exact.session import GraphSession
from vaticina.exact.tree import LEAF, NOTHING, Tree, fork, visitors
from vaticina.exact.tree_ensemble import ensemble


def lopsided(scale: float, leaf_left: bool) -> Tree:
    """A root with a leaf and a node, which has two leaves."""
    leaf, node = (1, 2) if leaf_left else (2, 1)
    return Tree(
        feature=np.array([0, 0, 0, 0, 0]),
        threshold=np.array([1.0, 2.0 if leaf_left else 0.5, 2.0 if leaf_left else 0.5, 0.0, 0.0]),
        left=np.array([1, *((LEAF, 3) if leaf < node else (3, LEAF)), LEAF, LEAF]),
        right=np.array([2, *((LEAF, 4) if leaf < node else (4, LEAF)), LEAF, LEAF]),
        missing_left=np.array([True, False, False, False, False]),
        weights=scale * np.array([[0.0], [1.0], [1.0], [10.0], [100.0]]),
    )


def answers(trees: list[Tree], rows: Matrix) -> tuple[Matrix, bytes]:
    graph = Graph(rows.shape[1])
    graph.output("sum", ensemble(graph, graph.input, trees, 1), 1)
    written = graph.finished()
    return GraphSession(written).run(rows)["sum"][:, 0], written


@pytest.mark.parametrize("leaf_left", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_root_beside_a_leaf_of_the_same_number_is_no_leaf(leaf_left: bool, count: int) -> None:
    """Of two trees the second one's root would have a leaf and a node both numbered 3."""
    trees = [lopsided(10.0**at, leaf_left) for at in range(count)]
    rows = np.array([[0.0], [0.5], [0.7], [1.0], [1.5], [2.0], [3.0], [np.nan]])
    found, written = answers(trees, rows)
    one = [1, 1, 1, 1, 10, 10, 100, 1] if leaf_left else [10, 10, 100, 100, 1, 1, 1, 100]
    assert np.array_equal(found, np.array(one) * float(sum(10**at for at in range(count))))
    (operator,) = (node for node in onnx.load_from_string(written).graph.node if node.op_type == "TreeEnsemble")
    held = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in operator.attribute}
    for root in held["tree_roots"]:
        assert held["nodes_truenodeids"][root] != held["nodes_falsenodeids"][root]


def test_a_forest_with_one_class_in_each_leaf_adds_in_doubles() -> None:
    """Of several classes too, and then it holds no more than its inner nodes and one weight for each leaf."""
    shares = np.zeros((5, 3))
    shares[[1, 3, 4], [0, 2, 1]] = [0.1, 0.7, 1 / 3]
    rows = np.array([[0.0], [1.5], [3.0]])
    found, operator = _of_three(replace(lopsided(1.0, leaf_left=True), weights=shares), rows)
    assert operator == "TreeEnsemble"
    assert np.array_equal(found, 3 * shares[[1, 3, 4]])
    shares[4] = [0.25, 0.25, 0.5]
    found, operator = _of_three(replace(lopsided(1.0, leaf_left=True), weights=shares), rows)
    assert operator == "TreeEnsembleRegressor"
    assert np.allclose(found, 3 * shares[[1, 3, 4]], rtol=1e-6)


def _of_three(tree: Tree, rows: Matrix) -> tuple[Matrix, str]:
    """The sums of three such trees, and the operator that makes them."""
    graph = Graph(1)
    graph.output("sums", ensemble(graph, graph.input, [tree] * 3, 3), 3)
    written = graph.finished()
    (operator,) = (node.op_type for node in onnx.load_from_string(written).graph.node if "Tree" in node.op_type)
    return GraphSession(written).run(rows)["sums"], operator


def test_a_single_leaf_answers_always() -> None:
    leaf = replace(NOTHING, weights=np.array([[2.5]]))
    found, _ = answers([leaf, NOTHING, leaf], np.array([[0.0], [np.nan], [1e300]]))
    assert found.tolist() == [5.0, 5.0, 5.0]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_a_fork_goes_on_as_the_branch_of_its_number(count: int) -> None:
    branches = [lopsided(10.0**at, leaf_left=True) if at % 3 else NOTHING for at in range(count)]
    grown = fork(1, branches)
    rows = np.array([[0.0, number] for number in range(count)], dtype=np.float64)
    found, _ = answers([grown], rows)
    assert found.tolist() == [10.0**at if at % 3 else 0.0 for at in range(count)]
    assert sorted(set(visitors(grown, rows).tolist()) - {-1})[-1] == count - 1


def test_visitors_are_the_rows_that_pass() -> None:
    tree = lopsided(1.0, leaf_left=True)
    passed = visitors(tree, np.array([[0.0], [1.5], [3.0], [np.nan]]))
    assert passed.tolist() == [3, 3, 2, 1, 2]
