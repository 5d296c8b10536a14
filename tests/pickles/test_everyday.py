"""What people pickle every day opens by the list, and answers the same."""

import pickle
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.pickles.everyday import EVERYDAY
from tests.pickles.models import answers
from vaticina.pickles.audit import load_pickle

pytestmark = pytest.mark.filterwarnings("ignore:Class PassiveAggressive:FutureWarning")


@cache
def fitted(kind: str) -> Any:
    return EVERYDAY[kind]()


@pytest.mark.parametrize("kind", EVERYDAY)
def test_models_of_every_kind_open_and_answer_the_same(kind: str) -> None:
    model, rows = fitted(kind)
    opened = load_pickle(pickle.dumps(model, 5), kind)
    assert type(opened) is type(model)
    for before, after in zip(answers(model, rows), answers(opened, rows), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-12)  # arrays may lie otherwise in memory


@pytest.mark.parametrize("kind", ["voting", "grid", "neighbours, default", "columns by an index of strings"])
@pytest.mark.parametrize("protocol", range(5))
def test_they_open_by_every_protocol(kind: str, protocol: int) -> None:
    model, rows = fitted(kind)
    opened = load_pickle(pickle.dumps(model, protocol), kind)
    for before, after in zip(answers(model, rows), answers(opened, rows), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["voting", "random search", "neighbours, default", "columns by an index", "sampled"])
def test_what_was_opened_is_pickled_and_opened_again(kind: str) -> None:
    """A model that does not compile is published as a pickle of what was opened."""
    model, rows = fitted(kind)
    once = load_pickle(pickle.dumps(model, 5), kind)
    twice = load_pickle(pickle.dumps(once, 5), kind)
    for before, after in zip(answers(model, rows), answers(twice, rows), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-12)
