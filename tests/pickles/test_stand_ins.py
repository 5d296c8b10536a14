"""What is opened in the place of other libraries' objects: it answers the same, and what is forged is refused."""

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline

from tests.pickles.models import TWO, VALUE, X
from tests.pickles.opcodes import call, instance, named, pairs, plain, text, whole
from vaticina.errors import PickleRefused
from vaticina.pickles.audit import load_pickle
from vaticina.pickles.neighbour_trees import RebuiltKDTree
from vaticina.pickles.stand_in_names import FREE, STAND_INS
from vaticina.pickles.stand_ins import Ignored, arrow_texts, column_names

SAVED = Path(__file__).parents[1] / "artefacts" / "everyday"


@pytest.mark.parametrize("name", ["pandas3", "imblearn", "balanced"])
def test_files_of_libraries_that_are_not_imported_answer_as_they_did(name: str) -> None:
    model = load_pickle((SAVED / f"{name}.pkl").read_bytes(), f"{name}.pkl")
    table = pd.read_csv(SAVED / f"{name}.csv", float_precision="round_trip")
    answered = model.predict_proba(table.drop(columns="p"))[:, 1]
    np.testing.assert_allclose(answered, table.p, atol=1e-12)
    assert not [module for module in sys.modules if module.startswith("imblearn")]


@pytest.mark.parametrize("name", [name for name, target in STAND_INS.items() if target in FREE])
def test_nothing_of_an_ignored_name_is_imported(name: str) -> None:
    """Each may stand as a value, be called, be made and be given a state; an object that keeps nothing comes of it."""
    module, _, last = name.rpartition(".")
    value = named(module, last)
    state = pairs(a=plain(1))
    data = whole(b"(", value, call(value, plain(2)), value + b")\x81" + state + b"b", b"t")
    modules = set(sys.modules)
    kind, called, made = load_pickle(data, "model.pkl")
    assert issubclass(kind, Ignored)
    assert (type(called), type(made), vars(made)) == (kind, kind, {})
    assert set(sys.modules) == modules


def neighbours(**changes: Any) -> bytes:
    """The pickle of a model of neighbours with a tree whose arrays are changed."""
    model = KNeighborsRegressor(3, algorithm="kd_tree").fit(X, VALUE)
    state = list(model._tree.__getstate__())
    for place, value in changes.items():
        state[int(place[1:])] = value
    forged = model._tree
    forged.__setstate__(tuple(state))
    return pickle.dumps(model, 5)


def test_the_arrays_of_a_tree_of_neighbours_are_not_used() -> None:
    """C code would walk to wherever they say."""
    far = np.full(len(X), 2**40, dtype=np.intp)
    opened = load_pickle(neighbours(_1=far), "model.pkl")
    assert isinstance(opened._tree, RebuiltKDTree)
    honest = KNeighborsRegressor(3, algorithm="kd_tree").fit(X, VALUE)
    np.testing.assert_array_equal(opened.predict(X), honest.predict(X))


def test_a_tree_of_neighbours_over_endless_rows_is_refused() -> None:
    rows = X.copy()
    rows[3, 1] = np.inf
    with pytest.raises(PickleRefused, match="rows that are not finite"):
        load_pickle(neighbours(_0=rows), "model.pkl")


def test_a_metric_that_is_not_listed_is_refused() -> None:
    model = KNeighborsClassifier(metric="canberra", algorithm="ball_tree").fit(X, TWO)
    with pytest.raises(PickleRefused, match="CanberraDistance"):
        load_pickle(pickle.dumps(model, 5), "model.pkl")


@pytest.mark.parametrize(
    "index",
    [pd.MultiIndex.from_tuples([("a", "b")]), pd.date_range("2024-01-01", periods=2), pd.Index([1.5, 2.5])],
    ids=["several levels", "dates", "fractions"],
)
def test_an_index_that_names_no_columns_is_refused(index: Any) -> None:
    with pytest.raises(PickleRefused):
        load_pickle(pickle.dumps(index, 5), "model.pkl")


def test_an_index_of_columns_becomes_a_list() -> None:
    for index in (pd.Index(["a", "b"]), pd.Index(["a", "b"], dtype="string"), pd.RangeIndex(2), pd.Index([3, 4])):
        assert load_pickle(pickle.dumps(index, 5), "model.pkl") == index.tolist()
    with pytest.raises(ValueError, match="not texts"):
        column_names(Ignored, {"data": np.array(["a", 1], dtype=object)})
    with pytest.raises(ValueError, match="more columns"):
        column_names(Ignored, {"start": 0, "stop": 2**60, "step": 1})


PLACES = np.array([0, 2, 3], dtype="<i4").tobytes()


def test_texts_of_arrow_are_read_within_their_bytes() -> None:
    assert arrow_texts(("string", 2, 0, 0, [None, PLACES, b"abc"], [], None)) == ["ab", "c"]
    assert arrow_texts(("string", 1, 0, 1, [None, PLACES, b"abc"], [], None)) == ["c"]


@pytest.mark.parametrize(
    "parts",
    [
        ("string", 2, 0, 0, [None, PLACES, b"ab"], [], None),
        ("string", 3, 0, 0, [None, PLACES, b"abc"], [], None),
        ("string", -1, 0, 0, [None, PLACES, b"abc"], [], None),
        ("string", 2, 1, 0, [None, PLACES, b"abc"], [], None),
        ("string", 1, 0, -1, [None, PLACES, b"abc"], [], None),
        ("string", 2, 0, 0, [None, np.array([2, 0, 3], dtype="<i4").tobytes(), b"abc"], [], None),
        ("int64", 2, 0, 0, [None, PLACES, b"abc"], [], None),
    ],
)
def test_forged_texts_of_arrow_are_refused(parts: Any) -> None:
    with pytest.raises(ValueError, match="an array of Arrow"):
        arrow_texts(parts)


GETATTR = named("builtins", "getattr")


@pytest.mark.parametrize(
    "data",
    [
        whole(call(GETATTR, instance("sklearn.pipeline", "Pipeline"), text("__class__"))),
        whole(call(GETATTR, text("a"), text("__class__"))),
        whole(call(GETATTR, named("sklearn.pipeline", "Pipeline"), text("__subclasses__"))),
        whole(call(GETATTR, named("numpy", "vectorize"), text("__subclasses__"))),
        whole(call(GETATTR, call(named("numpy", "vectorize")), text("a"), text("b"))),
    ],
    ids=["of an object", "of a text", "of a class", "of an ignored class", "with a default"],
)
def test_an_attribute_of_anything_but_an_ignored_object_is_refused(data: bytes) -> None:
    with pytest.raises(PickleRefused, match=r"builtins\.getattr"):
        load_pickle(data, "model.pkl")


def test_an_attribute_of_an_ignored_object_is_ignored() -> None:
    data = whole(call(GETATTR, call(named("numpy", "vectorize")), text("__class__")))
    assert type(load_pickle(data, "model.pkl")) is Ignored


def test_items_of_other_objects_than_a_bunch_are_refused() -> None:
    bunch = instance("sklearn.utils._bunch", "Bunch") + b"(" + text("a") + plain(1) + b"u"
    assert load_pickle(whole(bunch), "model.pkl") == {"a": 1}
    other = instance("sklearn.pipeline", "Pipeline") + b"(" + text("a") + plain(1) + b"u"
    with pytest.raises(PickleRefused, match=rf"what sklearn\.pipeline\.{Pipeline.__name__} gave"):
        load_pickle(whole(other), "model.pkl")
