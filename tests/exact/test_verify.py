"""Verification refuses graphs that are wrong by as little as can be: each is the graph of a model that was bent."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline

from tests.exact.samples import SampleTable, bare, sample, standard
from vaticina.exact.arrays import Columns, Matrix
from vaticina.exact.compile import Compiled, Goal, compile_table, finish
from vaticina.exact.graph import Graph, convert
from vaticina.exact.session import GraphSession
from vaticina.exact.ties import ties_of
from vaticina.exact.verification_rows import verification_rows
from vaticina.exact.verify import Ask, OriginalRefuses, asked_once, verify
from vaticina.tasks import task_of
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.row_space import goal_of, row_space

DRAWS = range(6)
"""Nodes that are bent, one at a time."""


def report(model: Any, data: SampleTable, wrong: Compiled) -> dict[str, Any]:
    """What verification says of the graph ``wrong`` when ``model`` is the original."""
    around = verification_rows(row_space(data.contract), data.rows, wrong).by_kind
    native = NativeRuntime(model, data.contract, task_of(data.contract))
    ties = ties_of(goal_of(data.contract))
    return verify(lambda rows: native.predict(rows).columns, GraphSession(wrong.graph).run, around, ties)


def bent(model: Any, data: SampleTable, bend: Callable[[Any], None]) -> dict[str, Any]:
    """What verification says of the graph of a copy of ``model`` that was bent."""
    copy = deepcopy(model)
    bend(copy)
    return report(model, data, compile_table(copy, goal_of(data.contract)))


def histogram(classes: int = 2, **options: Any) -> tuple[Pipeline, SampleTable]:
    data = sample(classes)
    estimator = HistGradientBoostingClassifier(max_iter=8, learning_rate=0.3, random_state=0, **options)
    return bare(estimator).fit(data.rows, data.target), data


def roots(model: Pipeline) -> list[int]:
    """Trees whose root asks for a number: no node above has sent missing values elsewhere."""
    return [number for number, (tree,) in enumerate(model[-1]._predictors) if tree.nodes["feature_idx"][0] < 4]


def inner_nodes(model: Pipeline, categorical: bool = False) -> list[tuple[int, int]]:
    """Tree and node of a histogram model's inner nodes that ask for a number, or for the categories."""
    places = []
    for number, (tree,) in enumerate(model[-1]._predictors):
        nodes = tree.nodes
        is_asked = (nodes["is_leaf"] == 0) & (nodes["is_categorical"] == categorical)
        is_asked &= (nodes["feature_idx"] < 4) & np.isfinite(nodes["num_threshold"])
        places += [(number, int(node)) for node in np.flatnonzero(is_asked)]
    return places


def drawn(places: list[Any], draw: int) -> Any:
    return places[np.random.default_rng(draw).integers(len(places))]


def test_the_graph_itself_is_verified() -> None:
    model, data = histogram()
    verification = report(model, data, compile_table(model, goal_of(data.contract)))
    assert verification["verified"]
    assert verification.keys() == {"verified", "rows", "near_rows", "near_ties", "flips", "largest_difference"}
    assert 1_000 < verification["near_rows"] <= 20_000
    assert verification["near_rows"] < verification["rows"]
    assert verification["largest_difference"] < 1e-12


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("side", [-np.inf, np.inf])
def test_a_threshold_off_by_one_double_is_refused(draw: int, side: float) -> None:
    model, data = histogram()
    tree, node = drawn(inner_nodes(model), draw)

    def bend(copy: Any) -> None:
        thresholds = copy[-1]._predictors[tree][0].nodes["num_threshold"]
        thresholds[node] = np.nextafter(thresholds[node], side)

    assert not bent(model, data, bend)["verified"]


@pytest.mark.parametrize("draw", DRAWS)
def test_a_wrong_branch_for_missing_values_is_refused(draw: int) -> None:
    model, data = histogram()
    tree = drawn(roots(model), draw)

    def bend(copy: Any) -> None:
        copy[-1]._predictors[tree][0].nodes["missing_go_to_left"][0] ^= 1

    assert not bent(model, data, bend)["verified"]


@pytest.mark.parametrize("draw", DRAWS)
def test_a_category_on_the_wrong_side_is_refused(draw: int) -> None:
    model, data = histogram(categorical_features=[4])
    tree, node = drawn(inner_nodes(model, categorical=True), draw)

    def bend(copy: Any) -> None:
        predictor = copy[-1]._predictors[tree][0]
        predictor.raw_left_cat_bitsets[predictor.nodes["bitset_idx"][node], 0] ^= np.uint32(1 << (draw % 5))

    assert not bent(model, data, bend)["verified"]


@pytest.mark.parametrize("draw", DRAWS)
def test_a_leaf_with_another_value_is_refused(draw: int) -> None:
    model, data = histogram()
    leaves = np.flatnonzero(model[-1]._predictors[draw][0].nodes["is_leaf"])

    def bend(copy: Any) -> None:
        copy[-1]._predictors[draw][0].nodes["value"][drawn(leaves.tolist(), draw)] += 1e-4

    assert not bent(model, data, bend)["verified"]


@pytest.mark.parametrize("draw", DRAWS)
def test_a_threshold_of_a_forest_off_by_one_float_is_refused(draw: int) -> None:
    data = sample(4)
    model = standard(RandomForestClassifier(8, min_samples_leaf=3, random_state=0)).fit(data.rows, data.target)
    columns = 3  # the scaled numbers; at the others stand zeros and ones, which half a float does not part
    tree = model[-1].estimators_[draw].tree_
    node = drawn(np.flatnonzero((tree.children_left >= 0) & (tree.feature < columns)).tolist(), draw)

    def bend(copy: Any) -> None:
        thresholds = copy[-1].estimators_[draw].tree_.threshold
        thresholds[node] = np.nextafter(np.float32(thresholds[node]), np.float32(np.inf)) * (1.0 + 1e-12)

    assert not bent(model, data, bend)["verified"]


def test_numbers_rounded_to_floats_before_they_are_scaled_are_refused() -> None:
    data = sample(2)
    model = standard(RandomForestClassifier(8, random_state=0)).fit(data.rows, data.target)
    graph = Graph(len(data.contract.columns))
    narrow = graph.add("Cast", graph.add("Cast", "X", to=TensorProto.FLOAT), to=TensorProto.DOUBLE)
    result = convert(model, graph, type(graph.input)(narrow, graph.input.origins))
    graph.output("label", graph.add("ArgMax", result.name, axis=1, keepdims=0), kind=TensorProto.INT64)
    graph.output("probabilities", result.name, 2)
    assert not report(model, data, finish(graph))["verified"]


@pytest.mark.parametrize("classes", [2, 4])
def test_swapped_classes_are_refused(classes: int) -> None:
    data = sample(classes)
    model = standard(RandomForestClassifier(8, random_state=0)).fit(data.rows, data.target)

    def bend(copy: Any) -> None:
        for tree in copy[-1].estimators_:
            values = tree.tree_.value
            values[:, 0, [0, 1]] = values[:, 0, [1, 0]]

    verification = bent(model, data, bend)
    assert not verification["verified"]
    assert verification["flips"] > 0
    assert "flip" in verification["reason"]


def test_a_scaler_wrong_in_its_last_bit_is_refused() -> None:
    data = sample(2)
    model = standard(HistGradientBoostingClassifier(max_iter=8, random_state=0)).fit(data.rows, data.target)

    def bend(copy: Any) -> None:
        scaler = copy[0].named_transformers_["numbers"][-1]
        scaler.scale_[0] = np.nextafter(scaler.scale_[0], np.inf)

    assert not bent(model, data, bend)["verified"]


def always(columns: Columns) -> Ask:
    """A model that gives the same answers whatever it is asked."""
    return lambda _: columns


def without_ties(rows: Matrix, _: Columns) -> NDArray[np.bool_]:
    return np.zeros(len(rows), dtype=bool)


def at_a_tie(rows: Matrix, _: Columns) -> NDArray[np.bool_]:
    return np.ones(len(rows), dtype=bool)


def test_a_score_of_another_cluster_is_excused_at_a_tie_only() -> None:
    def answers(cluster: int, score: float) -> Ask:
        return always({"cluster": np.array([cluster]), "score": np.array([score]), "anomaly": np.array([0])})

    rows = {"real": np.zeros((1, 2))}
    here, there = answers(0, -0.1), answers(1, -0.2)
    assert verify(here, there, rows, at_a_tie)["verified"]
    assert not verify(here, there, rows, without_ties)["verified"]


def test_a_decision_threshold_has_ties_of_its_own() -> None:
    goal = Goal(columns=7, classes=2, positive=1, threshold=0.3)
    probabilities = np.array([[0.5, 0.5], [0.7, 0.3], [0.3, 0.7]])
    ties = ties_of(goal)(np.zeros((3, 7)), {"probabilities": probabilities})
    assert ties.tolist() == [False, True, False]


def test_small_values_are_compared_by_their_own_size() -> None:
    rows = {"real": np.zeros((2, 1))}
    small = {"value": np.array([1e-7, 2e-7])}
    off = {"value": np.array([1e-7, 2.1e-7])}
    assert not verify(always(small), always(off), rows, without_ties)["verified"]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_no_number_and_no_end_are_no_answers(number: float) -> None:
    rows = {"real": np.zeros((2, 1))}
    plain = {"value": np.array([1.0, 2.0])}
    odd = {"value": np.array([1.0, number])}
    assert not verify(always(plain), always(odd), rows, without_ties)["verified"]


def test_an_original_that_refuses_rows_is_told() -> None:
    def refuses(rows: Matrix) -> Columns:
        raise ValueError("Input X contains NaN")

    with pytest.raises(OriginalRefuses, match="real rows that the contract allows: Input X contains NaN"):
        verify(refuses, refuses, {"real": np.zeros((2, 1))}, without_ties)


def test_a_slow_original_is_asked_once_for_all_rows() -> None:
    asked = []

    def slow(rows: Matrix) -> Columns:
        asked.append(len(rows))
        return {"value": rows.sum(axis=1)}

    rows = {"real": np.array([[1.0, 2.0], [3.0, np.nan]]), "single": np.array([[1.0, 2.0]]), "none": np.zeros((0, 2))}
    original = asked_once(slow, rows)
    assert np.array_equal(original(rows["real"])["value"], [3.0, np.nan], equal_nan=True)
    assert original(rows["single"])["value"].tolist() == [3.0]
    assert asked == [3]


def test_a_difference_that_is_no_number_stands_in_the_report() -> None:
    rows = {"first": np.zeros((1, 1)), "second": np.zeros((1, 1)), "third": np.zeros((1, 1))}
    answers = iter([1.0, np.nan, 1.0])
    verification = verify(
        always({"value": np.array([1.0])}), lambda _: {"value": np.array([next(answers)])}, rows, without_ties
    )
    assert not verification["verified"]
    assert np.isnan(verification["largest_difference"])
