import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.serving.rig import TOY, Rig, answered, loaded, manifest, ys
from tests.serving.runtimes import Constant, Echo, FailsOn, Held, OneTooMany
from vaticina.contract import Bundle, Matrix, Outputs, Runtime
from vaticina.contract.bundle import Example
from vaticina.errors import BundleCorrupt, ContractViolation, ModelUnavailable, PredictionFailed
from vaticina.serving.slot import LoadedVersion, Slot, load


def test_an_empty_slot_says_so() -> None:
    slot = Slot()
    assert slot.version is None
    with pytest.raises(ModelUnavailable):
        _ = slot.current


def test_during_a_swap_under_load_each_request_is_answered_by_exactly_one_version_and_none_is_dropped() -> None:
    runtimes = [Constant(float(number)) for number in range(6)]

    async def scenario() -> None:
        rig = Rig(runtimes[0])
        seen: set[str] = set()

        async def caller(name: int) -> None:
            for _ in range(150):
                prediction = await rig.submit(*map(float, range(name % 4 + 1)))
                assert len(set(ys(prediction))) == 1
                if prediction.version != "v1":
                    assert ys(prediction)[0] == float(prediction.version.removeprefix("version-"))
                seen.add(prediction.version)
                await asyncio.sleep(0)

        async def swapper() -> None:
            for number, runtime in enumerate(runtimes[1:], 1):
                await asyncio.sleep(0.02)
                rig.engine.slot.swap(loaded(runtime, f"version-{number}"))

        await asyncio.gather(swapper(), *map(caller, range(20)))
        assert len(seen) >= 3
        assert rig.history.total("toy") == 150 * sum(name % 4 + 1 for name in range(20))
        assert [runtime.closed for runtime in runtimes] == [1, 1, 1, 1, 1, 0]

    asyncio.run(scenario())


def test_the_old_version_closes_after_its_last_request_not_before() -> None:
    async def scenario() -> None:
        old = Held()
        rig = Rig(old)
        old.go.clear()
        running = rig.submit(1.0)
        await asyncio.sleep(0.05)
        waiting = rig.submit(2.0)
        rig.engine.slot.swap(loaded(Constant(9.0), "v2"))
        newer = rig.submit(3.0)
        await asyncio.sleep(0.05)
        assert old.closed == 0
        old.go.set()
        first, second, third = answered(await rig.settle(running, waiting, newer))
        assert (first.version, second.version, third.version) == ("v1", "v1", "v2")
        assert (ys(first), ys(second), ys(third)) == ([1.0], [2.0], [9.0])
        assert old.closed == 1

    asyncio.run(scenario())


def test_an_idle_version_closes_when_it_is_swapped_away() -> None:
    runtime = Echo()
    slot = Slot()
    slot.swap(loaded(runtime))
    slot.swap(loaded(Echo(), "v2"))
    assert (runtime.closed, slot.version) == (1, "v2")


def with_examples(runtime: Runtime, *examples: Example) -> LoadedVersion:
    return load(Bundle(Path(), manifest("v1", TOY, examples)), runtime, 100)


def test_a_version_that_answers_as_when_it_was_published_is_loaded() -> None:
    examples = [Example(input={"x": float(x)}, outputs={"value": float(x)}) for x in range(3)]
    assert with_examples(Echo(), *examples).version == "v1"


def test_a_version_that_answers_otherwise_is_refused_and_closed() -> None:
    runtime = Constant(2.0)
    with pytest.raises(BundleCorrupt, match=r"but answered .*1\.0"):
        with_examples(runtime, Example(input={"x": 1.0}, outputs={"value": 1.0}))
    assert runtime.closed == 1


def test_an_example_that_makes_the_model_fail_is_refused_and_closed() -> None:
    runtime = FailsOn(1.0, ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        with_examples(runtime, Example(input={"x": 1.0}, outputs={"value": 1.0}))
    assert runtime.closed == 1


def test_an_example_that_does_not_satisfy_its_own_contract_is_refused() -> None:
    with pytest.raises(ContractViolation):
        with_examples(Echo(), Example(input={"x": "one"}, outputs={"value": 1.0}))


def test_without_examples_the_contracts_own_is_asked() -> None:
    runtime = Echo()
    with_examples(runtime)
    assert runtime.batches == [1]


class Labels(Echo):
    """Gives a label where the contract's answer needs a value."""

    def predict(self, matrix: Matrix) -> Outputs:
        return Outputs(len(matrix), {"label": np.zeros(len(matrix), dtype=np.intp)})


def test_a_version_whose_outputs_do_not_fill_its_answers_is_refused_at_load() -> None:
    with pytest.raises(KeyError, match="value"):
        loaded(Labels())


def test_as_many_rows_come_out_as_went_in() -> None:
    version = loaded(OneTooMany())
    with pytest.raises(PredictionFailed, match="answered 3 rows to 2"):
        version.outputs(np.zeros((2, 1)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_outputs_are_finite(bad: float) -> None:
    with pytest.raises(PredictionFailed, match="value"):
        loaded(Constant(bad))
