"""A text of LightGBM whose lengths or numbers do not fit together is never read by LightGBM."""

import pickle
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest

from vaticina.audits.lightgbm_text import check_lightgbm
from vaticina.audits.unsound import Unsound
from vaticina.errors import ImportRefused, PickleRefused
from vaticina.formats.lightgbm.file import read_booster
from vaticina.pickles.audit import load_pickle

RANDOM = np.random.default_rng(0)
X = RANDOM.random((200, 3))
CLASS = (X[:, 0] + X[:, 1] > 1).astype(int)
THREE = np.digitize(X[:, 0], [0.3, 0.6])
FRAME = pd.DataFrame(X, columns=["a", "b", "c"]).assign(k=pd.Categorical(RANDOM.choice(list("xyzuvw"), 200)))
OF_CATEGORIES = FRAME.k.isin(["x", "u"]).astype(int)


def trained(y: Any = CLASS, x: Any = X, rounds: int = 3, **params: Any) -> str:
    settings = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 2, "num_leaves": 8, **params}
    return str(lightgbm.train(settings, lightgbm.Dataset(x, y), rounds).model_to_string())


@cache
def text(kind: str) -> str:
    return TEXTS[kind]()


TEXTS: dict[str, Callable[[], str]] = {
    "classes": lambda: trained(objective="binary"),
    "categories": lambda: trained(
        OF_CATEGORIES, FRAME, objective="binary", min_data_per_group=1, cat_smooth=1, max_cat_to_onehot=1
    ),
    "three classes": lambda: trained(THREE, objective="multiclass", num_class=3),
    "one against all": lambda: trained(THREE, objective="multiclassova", num_class=3),
    "linear": lambda: trained(X[:, 0] * 2 + X[:, 1], objective="regression", linear_tree=True),
    "constant": lambda: trained(np.ones(200), objective="regression"),
    "forest": lambda: trained(objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.5),
    "dart": lambda: trained(objective="binary", boosting="dart"),
}


def forged(text: str, pattern: str, replacement: str) -> str:
    """``text`` with the first match replaced; ``tree_sizes`` stay true, as whoever forges a file would see to."""
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, pattern
    _, *trees = re.split(r"(?=^Tree=)", changed.partition("end of trees")[0], flags=re.MULTILINE)
    sizes = " ".join(str(len(tree)) for tree in trees)
    return re.sub(r"tree_sizes=.*", f"tree_sizes={sizes}", changed, count=1)


@pytest.mark.parametrize("kind", TEXTS)
def test_what_lightgbm_writes_is_taken(kind: str) -> None:
    check_lightgbm(text(kind))
    booster = lightgbm.Booster(model_str=text(kind))
    check_lightgbm(booster.model_to_string(num_iteration=2))


FORGED = {
    "feature": (r"split_feature=\d+", "split_feature=999999999"),
    "negative feature": (r"split_feature=\d+", "split_feature=-1"),
    "child": (r"left_child=\S+", "left_child=2000000000"),
    "leaf": (r"left_child=\S+", "left_child=-99999999"),
    "circle": (r"left_child=\S+", "left_child=0"),
    "leaf twice": (r"(left_child=.*) \S+\n", r"\1 -1\n"),
    "leaves": (r"num_leaves=\d+", "num_leaves=100000000"),
    "no leaves": (r"num_leaves=\d+", "num_leaves=0"),
    "fewer leaves": (r"num_leaves=\d+", "num_leaves=2"),
    "short values": (r"leaf_value=\S+ ", "leaf_value="),
    "short thresholds": (r"threshold=\S+ ", "threshold="),
    "short decisions": (r"decision_type=\d+ ", "decision_type="),
    "short counts": (r"leaf_count=\S+ ", "leaf_count="),
    "no children": (r"left_child=.*\n", ""),
    "key twice": (r"(num_cat=\d+\n)", r"\1\1"),
    "categories": (r"num_cat=0", "num_cat=1000000"),
    "category node": (r"decision_type=\d+", "decision_type=1"),
    "features": (r"max_feature_idx=2", "max_feature_idx=2000000000"),
    "fewer features": (r"max_feature_idx=2", "max_feature_idx=0"),
    "classes": (r"num_class=1", "num_class=1000000000"),
    "trees a round": (r"num_tree_per_iteration=1", "num_tree_per_iteration=0"),
    "other digits": (r"split_feature=\d", "split_feature=٣"),
    "text in a number": (r"split_feature=\d", "split_feature=0x1"),
    "line ends": (r"\n", "\r\n"),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_numbers_are_refused(name: str) -> None:
    with pytest.raises(Unsound):
        check_lightgbm(forged(text("classes"), *FORGED[name]))


@pytest.mark.parametrize(
    "change",
    [
        (r"cat_boundaries=0 \d+", "cat_boundaries=0 1000000"),
        (r"cat_boundaries=0", "cat_boundaries=5"),
        (r"cat_threshold=\S+", "cat_threshold="),
        (r"num_cat=[1-9]", "num_cat=-1"),
    ],
)
def test_forged_sets_of_categories_are_refused(change: tuple[str, str]) -> None:
    with pytest.raises(Unsound):
        check_lightgbm(forged(text("categories"), *change))


@pytest.mark.parametrize(
    "change",
    [
        (r"num_features=\d", "num_features=1000000"),
        (r"leaf_features=\d", "leaf_features=99999"),
        (r"leaf_coeff=\S+", "leaf_coeff="),
        (r"leaf_const=\S+", "leaf_const="),
    ],
)
def test_forged_linear_leaves_are_refused(change: tuple[str, str]) -> None:
    whole = text("linear")
    second = whole.partition("Tree=1\n")[2]  # the first tree has no linear models
    with pytest.raises(Unsound):
        check_lightgbm(forged(whole.replace(second, re.sub(*change, second, count=1)), r"\Atree", "tree"))


def test_sizes_of_trees_that_are_not_theirs_are_refused() -> None:
    for sizes in ("99999999 1 1", "1 1 1", "", "-1 -1 -1"):
        with pytest.raises(Unsound):
            check_lightgbm(re.sub(r"tree_sizes=.*", f"tree_sizes={sizes}", text("classes"), count=1))


def test_objectives_of_other_classes_are_refused() -> None:
    """LightGBM would write as many probabilities as its objective says."""
    with pytest.raises(Unsound, match="another number of classes"):
        check_lightgbm(text("three classes").replace("num_class:3", "num_class:300"))


def test_no_text_that_is_cut_short_is_taken() -> None:
    """Wherever it is cut; but for the line ends at its end."""
    whole = text("categories")
    end = len(whole.rstrip("\n"))
    last = whole.index("\nend of parameters\n") + len("\nend of parameters")
    for cut in range(end):
        if not last <= cut <= last + 2:  # LightGBM itself, without Python, ends a file here
            with pytest.raises(Unsound):
                check_lightgbm(whole[:cut])


def test_a_cut_file_is_refused_in_words(tmp_path: Path) -> None:
    whole = text("classes").encode()
    with pytest.raises(ImportRefused, match=r"model\.txt is no model that LightGBM reads: it is cut short"):
        read_booster(whole[: len(whole) // 2], "model.txt")
    assert isinstance(read_booster(whole, "model.txt"), lightgbm.Booster)


@pytest.mark.parametrize("kind", ["booster", "classifier"])
def test_a_forged_text_in_a_pickle_is_refused(kind: str) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1).fit(X, CLASS)
    data = pickle.dumps(model.booster_ if kind == "booster" else model, 4)
    load_pickle(data, "model.pkl")
    feature = re.search(rb"split_feature=\d", data)
    assert feature
    with pytest.raises(PickleRefused, match=r"lightgbm.basic.Booster is no sound model: tree 0 is damaged"):
        load_pickle(data.replace(feature[0], b"split_feature=9"), "model.pkl")
