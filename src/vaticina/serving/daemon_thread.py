"""A worker thread that never keeps the process from ending."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

Callback = Callable[[], None]


class DaemonThread:
    """Runs one callback after another, in order.

    It is a daemon, unlike an executor's threads: a model or a database that hangs must not keep the process from
    ending. It starts with the first callback, so that the process may fork before.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[Callback | None] = SimpleQueue()
        self._thread: Thread | None = None

    def submit(self, callback: Callback) -> None:
        """Queues ``callback``, which must not raise."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._queue.put(callback)

    def close(self, timeout: float) -> bool:
        """Ends the thread after all queued callbacks; False when that takes more than ``timeout`` seconds."""
        if self._thread is None:
            return True
        self._queue.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (callback := self._queue.get()) is not None:
            callback()
