"""The engine of one project: slot, batcher and recorder."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter_ns

from vaticina.contract import Parsed
from vaticina.contract.project import Serving
from vaticina.errors import ModelUnavailable, VaticinaError
from vaticina.serving.batch import Prediction, Request, Result, answer
from vaticina.serving.batcher import SWEEP, Batcher
from vaticina.serving.recorder import Recorder
from vaticina.serving.slot import LoadedVersion, Slot


class Engine:
    """Answers validated requests with the slot's version, in batches, recorded.

    ``absent`` is what a request hears while no version is there.
    """

    def __init__(self, recorder: Recorder, limits: Serving, absent: type[VaticinaError] = ModelUnavailable) -> None:
        self.slot = Slot(absent)
        self._recorder = recorder
        self._limits = limits
        self._batcher = Batcher(self._work, limits)

    def predict(
        self, loaded: LoadedVersion, parsed: Parsed, request_id: str, principal: str | None, key: str | None = None
    ) -> "asyncio.Future[Prediction]":
        """The prediction to come for rows that ``loaded``'s validator has checked; ``key`` is an idempotency key.

        Raises:
            QueueFull: too much is waiting.
        """
        future: asyncio.Future[Prediction] = asyncio.get_running_loop().create_future()
        self._batcher.submit(Request(parsed.rows, loaded, future, request_id, principal, perf_counter_ns(), key))
        return future

    async def drained(self) -> None:
        """Returns when every request taken so far has its result; a model that hangs gave it none by the deadline."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._batcher.drained(), self._limits.deadline + 2 * SWEEP)

    def close(self) -> None:
        """Ends the engine thread, writes what is still to be recorded and lets the model go."""
        self._batcher.close()
        self._recorder.close()
        self.slot.close()

    def _work(self, requests: Sequence[Request]) -> list[Result]:
        return answer(requests, self._recorder, self._limits.max_batch)
