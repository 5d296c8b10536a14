"""A thread of our own: it ends with the process, whatever it is doing."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

Job = Callable[[], None]


class DaemonThread:
    """Does one job after another, in order.

    A daemon, unlike an executor's threads: a model or a database that hangs must not keep the process from ending. It
    starts with the first job, so that a process may fork before.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    def submit(self, job: Job) -> None:
        """Has ``job`` done; it must not raise."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def close(self, timeout: float) -> bool:
        """Ends the thread once all jobs are done; False when that took more than ``timeout`` seconds."""
        if self._thread is None:
            return True
        self._jobs.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
