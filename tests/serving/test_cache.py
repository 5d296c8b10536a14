"""The answer cache around a model."""

import asyncio
from typing import Any

import numpy as np
import pytest

from tests.serving.rig import Rig, answered, loaded, ys
from tests.serving.runtimes import Constant, Echo, FailsOn, OneTooMany
from vaticina.contract import Matrix, Outputs
from vaticina.contract.project import Cache
from vaticina.errors import PredictionFailed
from vaticina.serving.cache import CachedRuntime


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Columns(Echo):
    """Answers columns of every shape and type that models give."""

    def predict(self, matrix: Matrix) -> Outputs:
        self.batches.append(len(matrix))
        x = matrix[:, 0]
        columns: dict[str, Any] = {
            "label": (x > 2).astype(np.int64),
            "probabilities": np.stack([x / 10, 1 - x / 10], axis=1).astype(np.float32),
            "forecast": np.repeat(x, 6).reshape(-1, 2, 3),
        }
        return Outputs(len(matrix), columns)


def rows(*xs: float) -> Matrix:
    return np.array(xs).reshape(-1, 1)


def values(outputs: Outputs) -> list[float]:
    column: list[float] = outputs.columns["value"].tolist()
    return column


def test_a_row_that_was_asked_for_lately_is_not_asked_again() -> None:
    model = Echo()
    cached = CachedRuntime(model, 10, 60)
    assert values(cached.predict(rows(1, 2, 3))) == [1, 2, 3]
    assert values(cached.predict(rows(3, 4, 1, 4))) == [3, 4, 1, 4]
    assert values(cached.predict(rows(2, 4))) == [2, 4]
    assert model.batches == [3, 1], "only what was new, and each row once"


def test_what_is_missing_is_a_value_too() -> None:
    model = Echo()
    cached = CachedRuntime(model, 10, 60)
    for _ in range(2):
        assert np.isnan(values(cached.predict(rows(np.nan)))).all()
    assert model.batches == [1]


def test_columns_keep_their_shapes_and_types() -> None:
    model = Columns()
    cached = CachedRuntime(model, 10, 60)
    cached.predict(rows(1, 2))
    mixed, plain = cached.predict(rows(3, 2, 1)), Columns().predict(rows(3, 2, 1))
    assert model.batches == [2, 1]
    for name, column in plain.columns.items():
        np.testing.assert_array_equal(mixed.columns[name], column)
        assert mixed.columns[name].dtype == column.dtype
    assert mixed.size == 3


def test_a_row_is_forgotten_after_its_time() -> None:
    model, clock = Echo(), Clock()
    cached = CachedRuntime(model, 10, 60, clock)
    cached.predict(rows(1))
    clock.now = 59.9
    cached.predict(rows(1))
    clock.now = 60.0
    cached.predict(rows(1))
    clock.now = 119.0
    cached.predict(rows(1))
    assert model.batches == [1, 1], "its time runs from when the model was asked, not from when it was last wanted"


def test_the_rows_wanted_longest_ago_make_room() -> None:
    model = Echo()
    cached = CachedRuntime(model, 2, 60)
    for x in (1, 2, 1, 3, 1, 2):
        assert values(cached.predict(rows(x))) == [x]
    assert model.batches == [1, 1, 1, 1], "2 had to leave for 3"
    assert values(cached.predict(rows(*range(50)))) == list(range(50)), "a batch may be larger than the cache"


def test_what_failed_is_not_remembered() -> None:
    async def scenario() -> list[float]:
        rig = Rig(CachedRuntime(FailsOn(7.0, ValueError()), 10, 60))
        results = await rig.settle(*rig.submit_each((1.0, 7.0, 2.0)))
        assert [type(result).__name__ for result in results] == ["Prediction", "PredictionFailed", "Prediction"]
        return [*await rig.ask(1.0), *await rig.ask(2.0)]

    assert asyncio.run(scenario()) == [1.0, 2.0]


def test_a_model_that_answers_too_many_rows_is_refused() -> None:
    cached = CachedRuntime(OneTooMany(), 10, 60)
    cached.predict(rows(1))
    with pytest.raises(PredictionFailed, match="3 rows to 2"):
        cached.predict(rows(1, 2, 3))  # as many as rows came in, though not as many as were asked for
    assert values(cached.predict(rows(2))) == [2], "nothing of it was kept"


def test_every_answer_is_recorded_with_a_uid_of_its_own() -> None:
    model = Echo()

    async def scenario() -> None:
        rig = Rig(CachedRuntime(model, 10, 60))
        asked = len(model.batches)
        results = answered([await rig.submit(5.0) for _ in range(20)])
        assert [ys(result) for result in results] == [[5.0]] * 20
        assert len(model.batches) <= asked + 1
        uids = [result.uids[0] for result in results]
        assert len(set(uids)) == 20
        assert set(rig.uids()) == set(uids)
        page = rig.history.page("toy")
        assert len({item.record.time for item in page}) > 1, "and a time of its own"

    asyncio.run(scenario())


def test_a_new_version_answers_for_itself() -> None:
    async def scenario() -> list[float]:
        rig = Rig(CachedRuntime(Constant(1.0), 10, 60))
        first = await rig.ask(5.0)
        rig.engine.slot.swap(loaded(CachedRuntime(Constant(2.0), 10, 60), "v2"))
        return first + await rig.ask(5.0)

    assert asyncio.run(scenario()) == [1.0, 2.0]


def test_a_closed_cache_closes_its_model() -> None:
    model = Echo()
    CachedRuntime(model, 10, 60).close()
    assert model.closed == 1


@pytest.mark.parametrize(("ttl", "seconds"), [("60s", 60), ("5m", 300), ("2h", 7_200), ("1d", 86_400)])
def test_its_time_is_written_with_a_unit(ttl: str, seconds: float) -> None:
    assert Cache(ttl=ttl).seconds == seconds
