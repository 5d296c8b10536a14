import asyncio
import logging
import statistics
import time
from collections.abc import Sequence
from functools import partial
from threading import Event
from time import perf_counter_ns

import orjson
import pytest

from tests.history.memory import MemoryHistory
from tests.serving.rig import Rig, Unreachable, all_ys, answered, loaded, ys
from tests.serving.runtimes import Echo, FailsOn, Held, NaNOn, NeverCloses, OneTooMany, Slow
from vaticina.contract import Record
from vaticina.contract.project import Serving
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import DeadlineExceeded, HistoryUnavailable, PredictionFailed, QueueFull, VaticinaError, WorkerLost
from vaticina.serving.batch import Prediction, Request, Result, answer
from vaticina.serving.batcher import SWEEP_INTERVAL, Batcher, Work
from vaticina.serving.engine import Engine
from vaticina.serving.recorder import Recorder


def test_answers_equal_inputs_in_number_and_order_under_concurrency() -> None:
    async def scenario() -> None:
        rig = Rig(Slow(0.001), limits=Serving(max_batch=16))
        lists: list[list[float]] = []
        for number in range(600):
            lists.append([number + part / 10 for part in range(number % 5 + 1)])

        async def caller(start: int) -> None:
            for xs in lists[start::30]:
                assert await rig.ask(*xs) == xs
                await asyncio.sleep(0)

        await asyncio.gather(*map(caller, range(30)))
        assert rig.history.total("toy") == sum(map(len, lists))
        rig.engine.close()

    asyncio.run(scenario())


def test_every_row_has_a_uid_of_its_own_and_the_history_holds_it_with_its_place() -> None:
    async def scenario() -> None:
        rig = Rig(Echo())
        results = answered(await rig.settle(*(rig.submit(*range(start, start + 3)) for start in range(50))))
        uids: list[str] = []
        for prediction in results:
            uids += prediction.uids
        assert len(set(uids)) == 150
        assert sorted(uids) == sorted(rig.uids())
        for prediction in results:
            stored = map(partial(rig.history.find, "toy"), prediction.uids)
            records = [item.record for item in stored if item]
            assert [record.row_index for record in records] == [0, 1, 2]
            assert [orjson.loads(record.input)["x"] for record in records] == ys(prediction)
            assert [record.output.encode() for record in records] == prediction.bodies
            assert {record.version for record in records} == {prediction.version}

    asyncio.run(scenario())


def test_what_one_turn_of_the_loop_brings_is_one_batch() -> None:
    async def scenario() -> None:
        runtime = Echo()
        rig = Rig(runtime)
        runtime.batches.clear()
        await rig.settle(*rig.submit_each(range(10)))
        assert runtime.batches == [10]

    asyncio.run(scenario())


def test_what_arrives_while_the_engine_works_is_the_next_batch_within_the_limit() -> None:
    async def scenario() -> None:
        runtime = Held()
        rig = Rig(runtime, limits=Serving(max_batch=8))
        runtime.go.clear()
        runtime.batches.clear()
        first = rig.submit(0.0)
        await asyncio.sleep(0.05)
        rest = rig.submit_each(range(1, 21))
        await asyncio.sleep(0.05)
        runtime.go.set()
        assert len(answered(await rig.settle(first, *rest))) == 21
        assert runtime.batches == [1, 8, 8, 4]

    asyncio.run(scenario())


def test_callers_who_ask_again_at_once_join_the_few_who_wait() -> None:
    async def scenario() -> None:
        runtime = Held()
        rig = Rig(runtime, limits=Serving(max_batch=20))
        runtime.go.clear()
        runtime.batches.clear()

        async def caller(times: int) -> None:
            for x in range(times):
                await rig.ask(float(x))

        first = [asyncio.create_task(caller(3)) for _ in range(9)]
        await asyncio.sleep(0.05)
        late = asyncio.create_task(caller(2))
        await asyncio.sleep(0.05)
        runtime.go.set()
        await asyncio.gather(*first, late)
        assert runtime.batches == [9, 10, 10]

    asyncio.run(scenario())


def test_a_lone_request_on_an_idle_engine_waits_for_no_timer() -> None:
    async def scenario() -> list[float]:
        rig = Rig(Echo())
        taken = []
        for x in range(40):
            start = time.perf_counter()
            await rig.ask(float(x))
            taken.append(time.perf_counter() - start)
        return taken

    assert statistics.median(asyncio.run(scenario())) < SWEEP_INTERVAL / 4


@pytest.mark.parametrize(
    "error", [ValueError("bad"), MemoryError(), RecursionError(), SystemExit(3), KeyboardInterrupt()]
)
def test_one_bad_row_never_fails_its_neighbours(error: BaseException) -> None:
    async def scenario() -> None:
        rig = Rig(FailsOn(13.0, error))
        results = await rig.settle(*rig.submit_each(range(20)))
        assert len(answered(results)) == 19
        assert isinstance(results[13], PredictionFailed)
        assert all_ys(results) == [*map(float, range(13)), *map(float, range(14, 20))]
        assert len(rig.uids()) == 19

    asyncio.run(scenario())


def test_the_death_of_a_worker_fails_its_batch_once_and_the_next_is_answered() -> None:
    """No half of it is asked again: each try could cost another worker."""

    async def scenario() -> None:
        runtime = FailsOn(3.0, WorkerLost())
        rig = Rig(runtime)
        runtime.batches.clear()
        lost = await rig.settle(*rig.submit_each(range(20)))
        assert [type(result) for result in lost] == [WorkerLost] * 20
        assert len(runtime.batches) == 1
        assert await rig.ask(4.0) == [4.0]

    asyncio.run(scenario())


def test_several_bad_rows_fail_alone_and_cost_a_few_calls_only() -> None:
    async def scenario() -> None:
        runtime = FailsOn(7.0, ValueError())
        rig = Rig(runtime)
        runtime.batches.clear()
        xs = list(map(float, range(100, 164)))
        xs[3] = xs[40] = 7.0
        results = await rig.settle(*rig.submit_each(xs))
        failures = [index for index, result in enumerate(results) if isinstance(result, PredictionFailed)]
        assert failures == [3, 40]
        assert len(runtime.batches) < 32

    asyncio.run(scenario())


def test_a_list_with_a_bad_row_is_refused_whole_naming_the_row() -> None:
    async def scenario() -> None:
        rig = Rig(FailsOn(13.0, ValueError()))
        good, bad = await rig.settle(rig.submit(1.0, 2.0), rig.submit(4.0, 5.0, 13.0, 6.0))
        assert isinstance(good, Prediction)
        assert isinstance(bad, PredictionFailed)
        assert bad.details == {"row": 2}
        assert "row 2" in bad.message
        assert sorted(rig.uids()) == sorted(good.uids)

    asyncio.run(scenario())


def test_the_bad_row_of_a_long_list_is_found_without_asking_row_by_row() -> None:
    async def scenario() -> None:
        runtime = FailsOn(-1.0, ValueError())
        rig = Rig(runtime, limits=Serving(max_batch=64))
        runtime.batches.clear()
        (bad,) = await rig.settle(rig.submit(*range(9_999), -1.0))
        assert isinstance(bad, PredictionFailed)
        assert bad.row == 9_999
        assert len(runtime.batches) < 3 * 10_000 / 64
        assert rig.uids() == []

    asyncio.run(scenario())


def test_a_list_that_fails_only_as_a_whole_names_no_row() -> None:
    async def scenario() -> None:
        rig = Rig(OneTooMany())
        (bad,) = await rig.settle(rig.submit(1.0, 2.0))
        assert isinstance(bad, PredictionFailed)
        assert bad.details == {}

    asyncio.run(scenario())


def test_a_wrong_number_of_outputs_answers_nobody_with_anothers_row() -> None:
    async def scenario() -> None:
        rig = Rig(OneTooMany())
        results = await rig.settle(*rig.submit_each(range(9)))
        assert all_ys(results) == list(map(float, range(9)))

    asyncio.run(scenario())


def test_what_is_no_number_is_not_answered() -> None:
    async def scenario() -> None:
        rig = Rig(NaNOn(2.0))
        results = await rig.settle(*rig.submit_each(range(5)), rig.submit(7.0, 2.0))
        assert [type(result) for result in results] == [
            Prediction,
            Prediction,
            PredictionFailed,
            Prediction,
            Prediction,
            PredictionFailed,
        ]
        assert len(rig.uids()) == 4

    asyncio.run(scenario())


def test_a_model_failure_says_nothing_of_the_inside_and_the_log_names_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        rig = Rig(FailsOn(1.5, ValueError("secret inside")))
        (bad,) = await rig.settle(rig.submit(1.5))
        assert isinstance(bad, PredictionFailed)
        assert "secret" not in bad.message

    asyncio.run(scenario())
    assert "request-1.5" in caplog.text
    assert "secret inside" in caplog.text


def test_a_full_queue_refuses_at_once_and_recovers() -> None:
    async def scenario() -> None:
        runtime = Held()
        rig = Rig(runtime, limits=Serving(max_batch=4, max_queue=10))
        runtime.go.clear()
        running = rig.submit(0.0)
        await asyncio.sleep(0.05)
        waiting = rig.submit_each(range(1, 11))
        for _ in range(3):
            with pytest.raises(QueueFull, match="10 rows are waiting"):
                rig.submit(99.0)
        runtime.go.set()
        assert len(answered(await rig.settle(running, *waiting))) == 11
        assert await rig.ask(5.0) == [5.0]
        assert rig.history.total("toy") == 12

    asyncio.run(scenario())


def test_a_list_longer_than_the_queue_is_taken_when_nothing_waits() -> None:
    async def scenario() -> None:
        rig = Rig(Echo(), limits=Serving(max_batch=4, max_queue=10))
        assert await rig.ask(*map(float, range(50))) == list(map(float, range(50)))

    asyncio.run(scenario())


def test_a_deadline_is_kept_while_the_engine_is_stuck_and_the_engine_goes_on() -> None:
    async def scenario() -> None:
        runtime = Held()
        rig = Rig(runtime, limits=Serving(deadline=0.3, max_batch=2))
        runtime.go.clear()
        start = time.perf_counter()
        results = await asyncio.gather(*rig.submit_each(range(7)), return_exceptions=True)
        assert time.perf_counter() - start < 5
        assert all(isinstance(result, DeadlineExceeded) for result in results)
        runtime.go.set()
        assert await rig.ask(8.0) == [8.0]
        # what was waiting when its deadline passed was never asked; what ran had been asked already
        assert sum(runtime.batches) <= 1 + 2 + 1
        assert rig.engine.slot.current.pending == 0

    asyncio.run(scenario())


def test_a_list_longer_than_a_batch_is_split_for_the_model_and_recorded_together() -> None:
    class Counting:
        def __init__(self) -> None:
            self.commits: list[int] = []

        def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
            self.commits.append(len(records))

    async def scenario() -> None:
        runtime, journal = Echo(), Counting()
        rig = Rig(runtime, journal, limits=Serving(max_batch=8))
        runtime.batches.clear()
        xs = list(map(float, range(30)))
        assert await rig.ask(*xs) == xs
        assert runtime.batches == [8, 8, 8, 6]
        assert journal.commits == [30]

    asyncio.run(scenario())


def test_a_caller_who_gives_up_while_waiting_is_not_predicted_for() -> None:
    async def scenario() -> None:
        runtime = Held()
        rig = Rig(runtime)
        runtime.go.clear()
        runtime.batches.clear()
        first = rig.submit(1.0)
        await asyncio.sleep(0.05)
        second, third = rig.submit(2.0), rig.submit(3.0)
        second.cancel()
        runtime.go.set()
        assert ys(await first) == [1.0]
        assert ys(await third) == [3.0]
        assert runtime.batches == [1, 1]
        assert len(rig.uids()) == 2

    asyncio.run(scenario())


def test_without_its_history_a_batch_is_refused_whole_and_it_recovers() -> None:
    async def scenario() -> None:
        journal = Unreachable()
        rig = Rig(Echo(), journal)
        results = await rig.settle(*rig.submit_each(range(9)), rig.submit(1.0, 2.0))
        assert all(isinstance(result, HistoryUnavailable) for result in results)
        journal.up = True
        assert await rig.ask(3.0) == [3.0]
        assert len(journal.records) == 1

    asyncio.run(scenario())


def test_a_row_that_the_history_refuses_fails_alone(caplog: pytest.LogCaptureFixture) -> None:
    class Picky:
        def __init__(self) -> None:
            self.records: list[Record] = []

        def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
            if any('"x":4.0' in record.input for record in records):
                raise ValueError("this text cannot be stored")
            self.records += records

    async def scenario() -> None:
        journal = Picky()
        rig = Rig(Echo(), journal)
        results = await rig.settle(*rig.submit_each(range(9)))
        assert isinstance(results[4], HistoryUnavailable)
        assert len(answered(results)) == 8
        uids = [record.uid for record in journal.records]
        assert sorted(uids) == sorted(prediction.uids[0] for prediction in answered(results))

    asyncio.run(scenario())
    assert "could not be recorded" in caplog.text


def test_recording_in_the_background_answers_first_and_writes_before_it_ends() -> None:
    async def scenario() -> None:
        rig = Rig(Echo(), durability="background")
        await rig.settle(*rig.submit_each(range(20)))
        rig.engine.close()
        assert len(rig.uids()) == 20

    asyncio.run(scenario())


def test_a_failure_in_the_background_is_logged_and_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        rig = Rig(Echo(), Unreachable(), durability="background")
        assert await rig.ask(1.0, 2.0) == [1.0, 2.0]
        rig.engine.close()

    asyncio.run(scenario())
    assert "2 predictions are not recorded" in caplog.text


def test_a_history_that_hangs_in_the_background_takes_a_bounded_backlog(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("vaticina.serving.recorder.MAX_WAITING", 3)

    class Hangs:
        def __init__(self) -> None:
            self.back = Event()
            self.count = 0

        def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
            assert self.back.wait(30)
            self.count += len(records)

    async def scenario() -> None:
        journal = Hangs()
        rig = Rig(Echo(), journal, durability="background")
        for x in range(10):
            assert await rig.ask(float(x)) == [float(x)]
        journal.back.set()
        rig.engine.close()
        assert journal.count == 3

    asyncio.run(scenario())
    assert "are not recorded" in caplog.text


def test_nothing_is_recorded_when_the_project_says_off() -> None:
    async def scenario() -> None:
        rig = Rig(Echo(), Unreachable(), durability="off")
        assert await rig.ask(1.0) == [1.0]

    asyncio.run(scenario())


def test_drained_waits_for_everything_in_flight() -> None:
    async def scenario() -> None:
        rig = Rig(Slow(0.02), limits=Serving(max_batch=2))
        futures = rig.submit_each(range(10))
        await rig.engine.drained()
        assert all(future.done() for future in futures)
        assert [ys(future.result())[0] for future in futures] == list(map(float, range(10)))
        rig.engine.close()

    asyncio.run(scenario())


def test_an_idle_engine_is_drained_at_once() -> None:
    async def scenario() -> None:
        rig = Rig(Echo())
        await asyncio.wait_for(rig.engine.drained(), 1)
        rig.engine.close()

    asyncio.run(scenario())


def test_a_model_that_hangs_does_not_keep_the_process_from_ending(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        runtime = Held()
        rig = Rig(runtime, limits=Serving(deadline=0.2))
        runtime.go.clear()
        future = rig.submit(1.0)
        start = time.perf_counter()
        await rig.engine.drained()
        with pytest.raises(DeadlineExceeded):
            await future
        await asyncio.to_thread(rig.engine.close)
        assert time.perf_counter() - start < 10
        assert runtime.closed == 0  # it is still being asked
        runtime.go.set()

    asyncio.run(scenario())
    assert "left in the middle" in caplog.text


def test_closing_lets_the_model_go() -> None:
    async def scenario() -> Echo:
        runtime = Echo()
        rig = Rig(runtime)
        await rig.ask(1.0)
        rig.engine.close()
        return runtime

    assert asyncio.run(scenario()).closed == 1


def raises(_: Sequence[Request]) -> list[Result]:
    raise RuntimeError("ours")


def leaves(_: Sequence[Request]) -> list[Result]:
    raise SystemExit(1)


def miscounts(_: Sequence[Request]) -> list[Result]:
    return []


@pytest.mark.parametrize("mishap", [raises, leaves, miscounts])
def test_whatever_happens_on_the_engine_thread_each_caller_gets_an_answer(mishap: Work) -> None:
    async def scenario() -> None:
        works: list[Work] = [mishap, lambda requests: answer(requests, Recorder(MemoryHistory(), "commit"), 64)]
        batcher = Batcher(lambda requests: works.pop(0)(requests), Serving(max_queue=100))

        def submit(x: float) -> "asyncio.Future[Prediction]":
            future: asyncio.Future[Prediction] = asyncio.get_running_loop().create_future()
            batcher.submit(Request([{"x": x, "name": None}], version, future, "request", None, perf_counter_ns()))
            return future

        version = loaded(Echo())
        results = await asyncio.gather(submit(1.0), submit(2.0), return_exceptions=True)
        assert [type(result) for result in results] == [VaticinaError, VaticinaError]
        assert ys(await submit(3.0)) == [3.0]
        assert version.pending == 0

    asyncio.run(scenario())


def test_a_runtime_that_cannot_close_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        rig = Rig(NeverCloses(1.0))
        future = rig.submit(1.0)
        rig.engine.slot.swap(loaded(Echo(), "v2"))
        assert ys(await future) == [1.0]
        assert await rig.ask(5.0) == [5.0]

    with caplog.at_level(logging.ERROR):
        asyncio.run(scenario())
    assert "could not be closed" in caplog.text


def test_an_engine_made_before_a_fork_or_a_loop_works_in_it() -> None:
    engine = Engine(Recorder(Unreachable(), "off"), Serving())
    engine.slot.swap(loaded(Echo()))

    async def scenario() -> Prediction:
        return await engine.predict(
            engine.slot.current, engine.slot.current.validator.parse(b'{"x":4}'), "request", None
        )

    assert ys(asyncio.run(scenario())) == [4.0]
    engine.close()
