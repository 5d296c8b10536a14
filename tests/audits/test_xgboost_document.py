"""A document of XGBoost whose lengths or numbers do not fit together is never read by XGBoost."""

import json
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from vaticina.audits.unsound import Unsound
from vaticina.audits.xgboost_document import check_xgboost
from vaticina.errors import ImportRefused, PickleRefused
from vaticina.formats.xgboost.file import read_model
from vaticina.pickles.audit import load_pickle

RANDOM = np.random.default_rng(0)
X = RANDOM.random((200, 3))
CLASS = (X[:, 0] + X[:, 1] > 1).astype(int)
THREE = np.digitize(X[:, 0], [0.3, 0.6])
FRAME = pd.DataFrame(X, columns=["a", "b", "c"]).assign(k=pd.Categorical(RANDOM.choice(list("xyzuvw"), 200)))


def trained(y: Any = CLASS, x: Any = X, **params: Any) -> xgboost.Booster:
    data = xgboost.DMatrix(x, y, enable_categorical=True)
    return xgboost.train({"nthread": 1, "max_depth": 3, **params}, data, 3)


@cache
def booster(kind: str) -> xgboost.Booster:
    return BOOSTERS[kind]()


def by_category() -> xgboost.Booster:
    return trained(FRAME.k.isin(["x", "u"]).astype(int), FRAME, max_cat_to_onehot=1)


BOOSTERS: dict[str, Callable[[], xgboost.Booster]] = {
    "classes": lambda: trained(objective="binary:logistic"),
    "categories": by_category,
    "three classes": lambda: trained(THREE, objective="multi:softprob", num_class=3),
    "targets": lambda: trained(np.column_stack([CLASS, THREE])),
    "vectors": lambda: trained(np.column_stack([CLASS, THREE]), multi_strategy="multi_output_tree"),
    "dart": lambda: trained(booster="dart", rate_drop=0.5),
    "linear": lambda: trained(THREE, booster="gblinear", objective="multi:softmax", num_class=3, max_depth=None),
    "pruned": lambda: trained(RANDOM.random(200), gamma=0.2, tree_method="exact"),
    "forest": lambda: trained(num_parallel_tree=3, subsample=0.5),
    "quantiles": lambda: trained(objective="reg:quantileerror", quantile_alpha=[0.1, 0.9]),
}


def document(kind: str) -> dict[str, Any]:
    return json.loads(booster(kind).save_raw("json"))  # type: ignore[no-any-return]


def tree(model: dict[str, Any]) -> dict[str, Any]:
    return model["learner"]["gradient_booster"]["model"]["trees"][0]  # type: ignore[no-any-return]


@pytest.mark.filterwarnings("ignore::UserWarning")  # XGBoost warns of parameters that one kind of booster has not
@pytest.mark.parametrize("form", ["json", "ubj", "pickle"])
@pytest.mark.parametrize("kind", BOOSTERS)
def test_what_xgboost_writes_is_taken(kind: str, form: str) -> None:
    model = booster(kind)
    data = model.__getstate__()["handle"] if form == "pickle" else model.save_raw(form)
    check_xgboost(bytes(data))


def _first(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets the first of a tree's numbers."""

    def forge(model: dict[str, Any]) -> None:
        tree(model)[key][0] = value

    return forge


def _short(key: str) -> Callable[[dict[str, Any]], None]:
    """Leaves out the last of a tree's numbers."""

    def forge(model: dict[str, Any]) -> None:
        tree(model)[key].pop()

    return forge


def _param(place: str, key: str, value: str) -> Callable[[dict[str, Any]], None]:
    def forge(model: dict[str, Any]) -> None:
        learner = model["learner"]
        parts = {
            "learner": learner["learner_model_param"],
            "tree": tree(model)["tree_param"],
            "trees": learner["gradient_booster"]["model"]["gbtree_model_param"],
        }
        parts[place][key] = value

    return forge


def _no_model(model: dict[str, Any]) -> None:
    del model["learner"]["gradient_booster"]["model"]


def _rounds(model: dict[str, Any]) -> None:
    model["learner"]["gradient_booster"]["model"]["iteration_indptr"] = [0, 1, 2, 3_000]


def _target(model: dict[str, Any]) -> None:
    model["learner"]["gradient_booster"]["model"]["tree_info"] = [0, 0, 7]


FORGED: dict[str, Callable[[dict[str, Any]], None]] = {
    "child": _first("left_children", 2**30),
    "negative child": _first("right_children", -7),
    "circle": _first("left_children", 0),
    "child twice": _first("left_children", 2),
    "feature": _first("split_indices", 2**30),
    "parent": _param("tree", "num_nodes", "3000000"),
    "half a number": _first("left_children", 1.5),
    **{f"short {key}": _short(key) for key in ("left_children", "right_children", "parents", "split_indices")},
    **{f"short {key}": _short(key) for key in ("split_conditions", "default_left", "base_weights", "sum_hessian")},
    "features": _param("learner", "num_feature", "1"),
    "no features": _param("learner", "num_feature", "0"),
    "classes": _param("learner", "num_class", "-4"),
    "vast classes": _param("learner", "num_class", "2000000000"),
    "base scores": _param("learner", "base_score", "[0.5,0.5,0.5]"),
    "trees": _param("trees", "num_trees", "300"),
    "rounds": _rounds,
    "target": _target,
    "no model": _no_model,
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_numbers_are_refused(name: str) -> None:
    model = document("classes")
    FORGED[name](model)
    with pytest.raises(Unsound):
        check_xgboost(json.dumps(model).encode())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("categories", [-1]),
        ("categories", [2**30]),
        ("categories_nodes", [0]),
        ("categories_sizes", [2**30]),
        ("categories_segments", [2**30]),
        ("split_type", [9]),
    ],
)
def test_forged_categories_are_refused(key: str, value: list[int]) -> None:
    model = document("categories")
    tree(model)[key] = value + tree(model)[key][1:]
    if key == "categories_nodes":
        tree(model)["split_type"][0] = 0
    with pytest.raises(Unsound):
        check_xgboost(json.dumps(model).encode())


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_no_document_that_is_cut_short_is_taken(form: str) -> None:
    data = bytes(booster("categories").save_raw(form))
    for cut in range(0, len(data), 7):
        with pytest.raises(Unsound):
            check_xgboost(data[:cut])


def test_what_goes_on_behind_its_end_or_repeats_a_key_is_refused() -> None:
    data = bytes(booster("classes").save_raw("ubj"))
    with pytest.raises(Unsound, match="goes on behind its end"):
        check_xgboost(data + b"{}")
    whole = bytes(booster("classes").save_raw("json"))
    with pytest.raises(Unsound, match="twice"):
        check_xgboost(whole.replace(b'{"learner":', b'{"version":[1],"learner":'))


def test_deep_documents_are_refused() -> None:
    for data in (b'{"a":' * 100_000, b"{L" + bytes(7) + b"\x00" + b"[" * 100_000, b"[" * 100_000):
        with pytest.raises(Unsound):
            check_xgboost(data)


def test_a_forged_file_is_refused_in_words() -> None:
    model = document("classes")
    _first("split_indices", 77)(model)
    with pytest.raises(ImportRefused, match="no model that XGBoost reads: tree 0 is damaged: its feature leads to 77"):
        read_model(json.dumps(model).encode(), "model.json")


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_forged_document_in_a_pickle_is_refused(protocol: int) -> None:
    model = xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1).fit(X, CLASS)
    load_pickle(pickle.dumps(model, protocol), "model.pkl")
    state = model.get_booster().__getstate__()["handle"]
    left = state.index(b"left_children[$l#L") + len(b"left_children[$l#L") + 8
    forged = bytes(state[:left]) + (2**30).to_bytes(4, "big") + bytes(state[left + 4 :])
    with pytest.raises(Unsound, match="child leads to 1073741824"):
        check_xgboost(forged)
    if protocol == 5:  # whose pickles hold the bytes as they are
        data = pickle.dumps(model, 5).replace(bytes(state), forged)
        with pytest.raises(PickleRefused, match=r"xgboost.core.Booster is no sound model: tree 0"):
            load_pickle(data, "model.pkl")
