"""The engine of one project: it answers validated requests through slot, batcher and recorder."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter_ns

from vaticina.contract import Parsed
from vaticina.contract.project import Serving
from vaticina.errors import ModelUnavailable, VaticinaError
from vaticina.serving.batch import Prediction, Request, Result, answer
from vaticina.serving.batcher import SWEEP_INTERVAL, Batcher
from vaticina.serving.recorder import Recorder
from vaticina.serving.slot import LoadedVersion, Slot


class Engine:
    """Answers validated requests in batches with the version in the slot, and records the answers.

    ``absent`` is the error of a request while the slot is empty.
    """

    def __init__(self, recorder: Recorder, limits: Serving, absent: type[VaticinaError] = ModelUnavailable) -> None:
        self.slot = Slot(absent)
        self._recorder = recorder
        self._limits = limits
        self._batcher = Batcher(self._work, limits)

    def predict(
        self, loaded: LoadedVersion, parsed: Parsed, request_id: str, principal: str | None, key: str | None = None
    ) -> "asyncio.Future[Prediction]":
        """A future of the prediction for rows that the validator of ``loaded`` has checked.

        ``key`` is the idempotency key of the request.

        Raises:
            QueueFull: too many rows are waiting.
        """
        future: asyncio.Future[Prediction] = asyncio.get_running_loop().create_future()
        self._batcher.submit(Request(parsed.rows, loaded, future, request_id, principal, perf_counter_ns(), key))
        return future

    async def drained(self) -> None:
        """Returns when every request so far has its result, or its deadline has passed because the model hangs."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._batcher.drained(), self._limits.deadline + 2 * SWEEP_INTERVAL)

    def close(self) -> None:
        """Ends the engine thread, records what is left, and closes the model."""
        self._batcher.close()
        self._recorder.close()
        self.slot.close()

    def _work(self, requests: Sequence[Request]) -> list[Result]:
        return answer(requests, self._recorder, self._limits.max_batch)
