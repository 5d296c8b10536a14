"""The list for AutoGluon's folders names what AutoGluon writes, whatever it was trained for, and no more."""

import os
import pickle
import re
import warnings
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from tests.pickles.opcodes import call, instance, named, pairs, plain, text, whole
from vaticina.errors import PickleRefused
from vaticina.formats.autogluon.audit import AUTOGLUON, audit_predictor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from autogluon.core.metrics import METRICS

SCORERS: dict[str, Any] = {}
for kind, metrics in METRICS.items():
    for metric, scorer in metrics.items():
        SCORERS[f"{kind} {metric}"] = scorer


@pytest.mark.parametrize("name", SCORERS)
def test_every_metric_that_a_predictor_may_hold_is_on_the_list(name: str) -> None:
    names = audit_predictor({"learner.pkl": pickle.dumps(SCORERS[name], protocol=4)})
    assert set(names) >= AUTOGLUON


@pytest.mark.parametrize(
    "harm",
    [os.system, partial(os.system, "true"), {"a": eval}, pickle.Unpickler],
    ids=["call", "partial", "eval", "io"],
)
def test_what_is_not_on_the_list_is_refused_by_name(harm: Any) -> None:
    with pytest.raises(PickleRefused, match=r"models/x\.pkl is not opened: it wants \S+\.(system|eval|Unpickler)"):
        audit_predictor({"models/x.pkl": pickle.dumps(harm, protocol=4)})


def test_one_more_name_may_be_allowed() -> None:
    data = pickle.dumps(Fraction, protocol=4)
    with pytest.raises(PickleRefused, match=r"fractions\.Fraction"):
        audit_predictor({"x.pkl": data})
    assert "fractions.Fraction" in audit_predictor({"x.pkl": data}, frozenset({"fractions.Fraction"}))


def test_nothing_stands_in_for_an_object_of_a_predictor() -> None:
    """AutoGluon's own libraries open its files, so a name means what it says."""
    for name in ("sklearn.feature_selection._univariate_selection.f_classif", "imblearn.pipeline.Pipeline"):
        module, _, last = name.rpartition(".")
        with pytest.raises(PickleRefused, match=re.escape(name)):
            audit_predictor({"x.pkl": whole(named(module, last))})


def test_what_runs_code_cannot_be_allowed() -> None:
    with pytest.raises(PickleRefused, match=r"posix\.getcwd cannot be allowed"):
        audit_predictor({"x.pkl": pickle.dumps(os.getcwd, protocol=4)}, frozenset({"posix.getcwd"}))


PREDICTOR = ("autogluon.tabular.predictor.predictor", "TabularPredictor")
DTYPE = call(named("numpy", "dtype"), text("O8"), b"\x89", b"\x88")
POINTERS = pairs(shape=plain((1,)), dtype=DTYPE, buffer=plain(b"A" * 8))

F1_SCORE = named("sklearn.metrics._classification", "f1_score")

HOSTILE = {
    "a constructor that writes files": call(named(*PREDICTOR), text("label"), b"N", b"N", b"N", text("/tmp/evil")),
    "pointers by an index": call(named("pandas.core.indexes.base", "_new_Index"), named("numpy", "ndarray"), POINTERS),
    "a partial of an array": call(named("functools", "partial"), named("numpy", "ndarray")),
    "a partial that is rebound": call(named("functools", "partial"), F1_SCORE)
    + b"("
    + named("numpy", "ndarray")
    + b")}Ntb",
    "a factory of one's own": call(named("collections", "defaultdict"), named("numpy", "ndarray")),
    "a tree of another class": call(named("sklearn.neighbors._kd_tree", "newObj"), named("numpy", "ndarray")),
    "a scorer that makes arrays": instance("autogluon.core.metrics", "_PredictScorer")
    + pairs(_score_func=named("numpy", "ndarray"))
    + b"b",
    "a booster of a cut text": instance("lightgbm.basic", "Booster") + pairs(handle=text("tree\nversion=v4")) + b"b",
    "a dtype without objects": call(named("numpy", "dtype"), text("O8"), b"\x89", b"\x88")
    + plain((3, "|", None, None, None, -1, -1, 0))
    + b"b",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_the_list_are_used_as_autogluon_uses_them(name: str) -> None:
    with pytest.raises(PickleRefused, match=r"models/x\.pkl is not opened: it"):
        audit_predictor({"models/x.pkl": whole(HOSTILE[name])})


def test_files_that_are_no_pickles_are_not_read_as_such() -> None:
    assert audit_predictor({"version.txt": b"1.6.3", "metadata.json": b"{}"})
