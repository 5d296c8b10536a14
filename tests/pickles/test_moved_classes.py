"""Pickles that name our own classes by the modules they used to stand in open as the classes of today."""

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.pickles.models import MODELS, answers
from tests.pickles.opcodes import call, named, plain, text, whole
from vaticina.errors import PickleRefused
from vaticina.pickles.allowlist import NAMES
from vaticina.pickles.audit import load_pickle
from vaticina.pickles.examine import examine
from vaticina.pickles.moved import MOVED

HOLDING = {
    "calibrated": {"vaticina.runtimes.calibrated.CalibratedClassifier"},
    "clusters": {"vaticina.runtimes.clusters.ClusterAnomaly", "vaticina.runtimes.clusters.Member"},
    "framed": {"vaticina.runtimes.framed.Framed"},
}
"""Kind of model -> the old names in its pickle."""


def todays_class(name: str) -> type[Any]:
    """The class ``module.Class``."""
    module, _, class_name = name.rpartition(".")
    named_class: type[Any] = getattr(import_module(module), class_name)
    return named_class


@contextmanager
def classes_where_they_were() -> Iterator[None]:
    """Within the block our classes are pickled under their old names, as an older version would."""
    with pytest.MonkeyPatch.context() as patch:
        for old, new in MOVED.items():
            module, _, class_name = old.rpartition(".")
            if module not in sys.modules:
                patch.setitem(sys.modules, module, ModuleType(module))
            patch.setattr(sys.modules[module], class_name, todays_class(new), raising=False)
            patch.setattr(todays_class(new), "__module__", module)
            todays_class(new).__qualname__ = class_name
        try:
            yield
        finally:
            for new in MOVED.values():
                todays_class(new).__qualname__ = new.rpartition(".")[2]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", HOLDING)
def test_a_pickle_of_an_older_version_opens_and_answers_the_same(kind: str, protocol: int) -> None:
    model, rows = MODELS[kind]()
    with classes_where_they_were():
        data = pickle.dumps(model, protocol)
    names = examine(data, "model.pkl").names
    assert {name for name in names if name.startswith("vaticina.")} == HOLDING[kind]
    opened = load_pickle(data, "model.pkl")
    assert type(opened) is type(model)
    for before, after in zip(answers(model, rows), answers(opened, rows), strict=True):
        np.testing.assert_array_equal(before, after)


def test_every_moved_class_is_tested() -> None:
    assert set().union(*HOLDING.values()) == set(MOVED)


@pytest.mark.parametrize("old", MOVED)
def test_an_old_name_stands_for_a_class_of_today_that_is_on_the_list(old: str) -> None:
    """A chain of moves would not be followed: each old name gives today's at once."""
    assert MOVED[old] in NAMES
    assert f"{todays_class(MOVED[old]).__module__}.{todays_class(MOVED[old]).__name__}" == MOVED[old]
    with pytest.raises(ModuleNotFoundError):
        import_module(old.rpartition(".")[0])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (whole(named("vaticina.runtimes.clusters", "filled")), r"it wants vaticina\.runtimes\.clusters\.filled"),
        (whole(named("vaticina.runtimes.native", "load")), r"it wants vaticina\.runtimes\.native\.load"),
        (whole(named("vaticina.runtimes", "framed.Framed")), r"it wants vaticina\.\S+\.FrameModel, not on the list"),
        (whole(named("vaticina.runtimes.framed", "Framed.__init__")), r"it wants vaticina\.\S+\.__init__"),
        (whole(call(named("vaticina.runtimes.framed", "Framed"), plain([]))), "FrameModel, which may only be named"),
        (whole(call(named("vaticina.runtimes.clusters", "Member"), text("x"))), "arguments that no model needs"),
    ],
    ids=["another name", "another module", "dotted class", "dotted method", "constructor", "other arguments"],
)
def test_nothing_else_comes_in_by_an_old_name(data: bytes, reason: str) -> None:
    with pytest.raises(PickleRefused, match=reason):
        load_pickle(data, "model.pkl")
