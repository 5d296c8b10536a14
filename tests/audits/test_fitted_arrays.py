"""An opened model whose arrays do not fit together is refused before C code of scikit-learn walks them."""

import copy
import io
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import BallTree, KDTree, KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from vaticina.audits.fitted_arrays import check_arrays
from vaticina.audits.unsound import Unsound
from vaticina.errors import PickleRefused
from vaticina.formats.skops.file import load_skops
from vaticina.pickles.audit import load_pickle

RANDOM = np.random.default_rng(0)
X = RANDOM.random((80, 3))
CODES = np.column_stack([X[:, :2], RANDOM.integers(0, 4, 80)])
TWO = (X[:, 0] > 0.5).astype(int)
FOUR = RANDOM.integers(0, 4, 80)
VALUE = X[:, 0] * 3

MODELS: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeClassifier(max_depth=3).fit(X, TWO),
    "forest": lambda: RandomForestRegressor(3, max_depth=3).fit(X, VALUE),
    "voters": lambda: RandomForestClassifier(3, max_depth=3).fit(X, FOUR),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=2).fit(X, TWO),
    "boosting of four": lambda: GradientBoostingClassifier(n_estimators=2).fit(X, FOUR),
    "isolation": lambda: IsolationForest(n_estimators=3).fit(X),
    "isolation of some": lambda: IsolationForest(n_estimators=3, max_features=2).fit(X),
    "histograms": lambda: HistGradientBoostingRegressor(max_iter=2).fit(X, VALUE),
    "categories": lambda: HistGradientBoostingRegressor(max_iter=3, categorical_features=[2], min_samples_leaf=2).fit(
        CODES, CODES[:, 2] % 2
    ),
    "svc": lambda: SVC().fit(X, TWO),
    "svc of four": lambda: SVC().fit(X, FOUR),
    "svr": lambda: SVR().fit(X, VALUE),
    "clusters": lambda: make_pipeline(StandardScaler(), KMeans(3, n_init=1)).fit(X),
    "neighbours": lambda: KNeighborsClassifier(3, algorithm="brute").fit(X, TWO),
    "neighbours' values": lambda: KNeighborsRegressor(3, algorithm="brute").fit(X, VALUE),
    "neighbours in a tree": lambda: KNeighborsRegressor(3, algorithm="kd_tree", leaf_size=5).fit(X, VALUE),
    "random": lambda: LogisticRegression(random_state=np.random.RandomState(3)).fit(X, TWO),
    "boosted trees": lambda: AdaBoostClassifier(n_estimators=2).fit(X, TWO),
}


@cache
def fitted(name: str) -> Any:
    return MODELS[name]()


@pytest.mark.parametrize("name", MODELS)
def test_what_scikit_learn_fits_is_taken(name: str) -> None:
    check_arrays(fitted(name))


def retree(estimator: Any, **changes: Any) -> None:
    """Gives an estimator a tree with other numbers in the first node."""
    state = estimator.tree_.__getstate__()
    nodes = state["nodes"].copy()
    for field, value in changes.items():
        nodes[field][0] = value
    tree = Tree(estimator.tree_.n_features, np.array([estimator.tree_.max_n_classes]), 1)
    tree.__setstate__({**state, "nodes": nodes})
    estimator.tree_ = tree


def wider(estimator: Any) -> None:
    """Gives an estimator a tree for more columns than its rows have."""
    tree = Tree(50, np.array([estimator.tree_.max_n_classes]), 1)
    state = estimator.tree_.__getstate__()
    state["nodes"]["feature"][0] = 49
    tree.__setstate__(state)
    estimator.tree_ = tree


def without_nodes(estimator: Any) -> None:
    estimator.tree_ = Tree(3, np.array([2]), 1)


def set_to(name: str, value: Any) -> Callable[[Any], None]:
    def forge(model: Any) -> None:
        vars(model)[name] = value

    return forge


def node(**changes: Any) -> Callable[[Any], None]:
    """Sets numbers of the first node of histogram boosting's first tree."""

    def forge(model: Any) -> None:
        nodes = model._predictors[0][0].nodes.copy()
        nodes["is_leaf"][0] = 0
        for field, value in changes.items():
            nodes[field][0] = value
        model._predictors[0][0].nodes = nodes

    return forge


def cut(name: str, size: int) -> Callable[[Any], None]:
    def forge(model: Any) -> None:
        vars(model)[name] = np.ascontiguousarray(vars(model)[name][..., :size])

    return forge


def more_trees(model: Any) -> None:
    """Three trees a round write to three columns, where there is one."""
    model.estimators_ = np.repeat(model.estimators_, 3, axis=1)


def start_of_others(model: Any) -> None:
    model.init_.classes_ = model.init_.classes_[:2]
    model.init_.n_classes_ = 2
    model.init_.class_prior_ = model.init_.class_prior_[:2]


def no_width(model: Any) -> None:
    del model.n_features_in_


def reordered(model: Any) -> None:
    """Rows of one column reach trees of three."""
    step = ("numerical", FunctionTransformer(), [0])
    model._preprocessor = ColumnTransformer([step]).fit(X)


def prepared(model: Any) -> None:
    step = ("encoder", StandardScaler(), [True, True, True])
    model._preprocessor = ColumnTransformer([step]).fit(X)


def other_categories(model: Any) -> None:
    model._bin_mapper.is_categorical_ = np.zeros(3, dtype=np.uint8)


def vast_categories(model: Any) -> None:
    model._bin_mapper.bin_thresholds_[0] = np.array([1.0, 100_000.0])


def neighbour_tree(place: int, change: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Changes a value of the state of a tree of neighbours."""

    def forge(model: Any) -> None:
        state = list(model._tree.__getstate__())
        state[place] = change(state[place])
        forged = KDTree(X)
        forged.__setstate__(tuple(state))
        model._tree = forged

    return forge


def far_place(places: Any) -> Any:
    return np.where(places == 0, 10**6, places)


def no_leaves(nodes: Any) -> Any:
    changed = nodes.copy()
    changed["is_leaf"] = 0
    return changed


def vast_node(nodes: Any) -> Any:
    changed = nodes.copy()
    changed["idx_end"][-1] = 10**6
    return changed


def position(model: Any) -> None:
    state = model.random_state.get_state(legacy=False)
    state["state"]["pos"] = 10**6
    model.random_state.set_state(state)


FORGED: dict[str, tuple[str, Callable[[Any], None]]] = {
    "feature": ("tree", lambda model: retree(model, feature=2**30)),
    "circle": ("tree", lambda model: retree(model, left_child=0, right_child=0)),
    "child": ("tree", lambda model: retree(model, left_child=2**40, right_child=2**40)),
    "negative child": ("tree", lambda model: retree(model, left_child=-7, right_child=-9)),
    "one child twice": ("tree", lambda model: retree(model, left_child=1, right_child=1)),
    "no nodes": ("tree", without_nodes),
    "wider tree": ("tree", wider),
    "no width": ("tree", no_width),
    "feature in a forest": ("forest", lambda model: retree(model.estimators_[1], feature=-5)),
    "wider tree in a forest": ("forest", lambda model: wider(model.estimators_[1])),
    "tree of another width": ("voters", lambda model: model.estimators_.append(fitted_to(5))),
    "forest without width": ("forest", no_width),
    "feature in boosting": ("boosting", lambda model: retree(model.estimators_[1, 0], feature=99)),
    "more trees a round": ("boosting", more_trees),
    "start of other classes": ("boosting of four", start_of_others),
    "isolation of a wider tree": ("isolation", lambda model: wider(model.estimators_[0])),
    "isolation of other columns": ("isolation of some", set_to("_max_features", 3)),
    "histogram feature": ("histograms", node(feature_idx=2**40)),
    "histogram child": ("histograms", node(left=2**31, right=2**31)),
    "histogram circle": ("histograms", node(left=0, right=0)),
    "histogram category": ("histograms", node(is_categorical=1, bitset_idx=2**30)),
    "histogram set": ("categories", node(is_categorical=1, feature_idx=0, bitset_idx=2**30)),
    "histogram of no category": ("categories", other_categories),
    "vast category": ("categories", vast_categories),
    "histogram of other columns": ("histograms", reordered),
    "histogram of other steps": ("histograms", prepared),
    "supports": ("svc", set_to("_n_support", np.array([10**8, 10**8], dtype=np.int32))),
    "negative supports": ("svc", set_to("_n_support", np.array([10**8, 80 - 10**8], dtype=np.int32))),
    "coefficients": ("svc", cut("_dual_coef_", 1)),
    "support": ("svc", set_to("support_", np.arange(3, dtype=np.int32))),
    "vectors": ("svc", cut("support_vectors_", 1)),
    "intercept": ("svr", set_to("_intercept_", np.zeros(0))),
    "intercepts": ("svc of four", set_to("_intercept_", np.zeros(1))),
    "kernel": ("svc", set_to("kernel", max)),
    "probabilities": ("svc", set_to("_probA", np.zeros(1))),
    "centres": ("clusters", lambda model: set_to("cluster_centers_", np.zeros((3, 1)))(model[-1])),
    "threads": ("clusters", lambda model: set_to("_n_threads", 10**9)(model[-1])),
    "neighbours": ("neighbours", set_to("n_neighbors", 10**6)),
    "rows": ("neighbours", set_to("n_samples_fit_", 10**9)),
    "labels": ("neighbours", set_to("_y", TWO + 10**9)),
    "negative labels": ("neighbours", set_to("_y", TWO - 5)),
    "fewer labels": ("neighbours", set_to("_y", TWO[:3])),
    "fewer columns": ("neighbours", cut("_fit_X", 1)),
    "fewer values": ("neighbours' values", set_to("_y", VALUE[:3])),
    "weights of a metric": ("neighbours", set_to("effective_metric_params_", {"w": np.ones(1)})),
    "place in a tree": ("neighbours in a tree", neighbour_tree(1, far_place)),
    "tree of fewer rows": ("neighbours in a tree", neighbour_tree(0, lambda rows: rows[:5].copy())),
    "tree without leaves": ("neighbours in a tree", neighbour_tree(2, no_leaves)),
    "rows of a node": ("neighbours in a tree", neighbour_tree(2, vast_node)),
    "levels": ("neighbours in a tree", neighbour_tree(5, lambda levels: levels + 3)),
    "bounds": ("neighbours in a tree", neighbour_tree(3, lambda bounds: bounds[:1].copy())),
    "position of random numbers": ("random", position),
    "tree of another kind": ("boosted trees", lambda model: retree(model.estimators_[0], feature=7)),
}


def fitted_to(columns: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=2).fit(RANDOM.random((40, columns)), RANDOM.integers(0, 4, 40))


@pytest.mark.parametrize("name", FORGED)
def test_arrays_that_do_not_fit_are_refused(name: str) -> None:
    kind, forge = FORGED[name]
    model = copy.deepcopy(fitted(kind))
    forge(model)
    with pytest.raises(Unsound, match="is damaged: "):
        check_arrays(model)


def test_a_ball_tree_is_looked_at_as_well() -> None:
    check_arrays(BallTree(X, leaf_size=5))
    state = list(BallTree(X, leaf_size=5).__getstate__())
    state[1] = far_place(state[1])
    forged = BallTree(X)
    forged.__setstate__(tuple(state))
    with pytest.raises(Unsound, match="BallTree is damaged: its row leads to 1000000"):
        check_arrays(forged)


@pytest.mark.parametrize("metric", ["mahalanobis", "seuclidean"])
def test_metrics_with_arrays_of_their_own_are_refused(metric: str) -> None:
    params = {"VI": np.eye(3)} if metric == "mahalanobis" else {"V": np.ones(3)}
    tree = BallTree(X, metric=metric, **params)
    with pytest.raises(Unsound, match="whose own arrays are not looked at"):
        check_arrays(tree)


def test_categories_as_scikit_learn_prepares_them_are_taken() -> None:
    model = copy.deepcopy(fitted("categories"))
    assert isinstance(model._preprocessor.named_transformers_["encoder"], OrdinalEncoder)
    check_arrays(model)


@pytest.mark.parametrize("name", ["feature", "wider tree in a forest", "histogram child", "coefficients", "centres"])
def test_a_forged_model_is_refused_when_it_is_opened(name: str) -> None:
    """As it comes in a pickle, at import and in a bundle, and in a skops file."""
    kind, forge = FORGED[name]
    model = copy.deepcopy(fitted(kind))
    forge(model)
    with pytest.raises(PickleRefused, match=r"model\.pkl is not opened: its .* is damaged"):
        load_pickle(pickle.dumps(model, 5), "model.pkl")
    data = io.BytesIO()
    skops.io.dump(model, data)
    with pytest.raises(PickleRefused, match=r"model\.skops is not opened: its .* is damaged"):
        load_skops(data.getvalue(), "model.skops", frozenset())


def test_a_model_deep_in_others_is_found() -> None:
    forest = copy.deepcopy(fitted("forest"))
    retree(forest.estimators_[0], feature=99)
    hidden = np.empty(1, dtype=object)
    hidden[0] = {"a": [(forest,)]}
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    pipeline.steps[0][1].extra = hidden
    with pytest.raises(Unsound, match="Tree is damaged"):
        check_arrays(pipeline)


def test_lists_that_share_and_hold_themselves_are_walked_once() -> None:
    value: list[Any] = [1]
    for _ in range(60):
        value = [value, value]
    value.append(value)
    check_arrays(value)
