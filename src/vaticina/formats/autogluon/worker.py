"""The runtime of AutoGluon's models: the predictor answers from a worker process of its own.

The serving process never imports those libraries, and its event loop and engine only wait on a pipe. When the worker
dies, the batch in hand fails and no other; a new worker is started at once.
"""

import logging
import subprocess
import sys
from importlib.util import find_spec
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

import orjson

from vaticina.contract import Bundle, Matrix, Outputs
from vaticina.errors import BundleCorrupt, MissingExtra, PredictionFailed, WorkerLost
from vaticina.formats.autogluon.audit import audit_predictor
from vaticina.formats.autogluon.worker_message import ANSWER, READY, pack_batch, unpack_outputs

log = logging.getLogger("vaticina")

FOLDER = "predictor"
"""The folder of a bundle that the worker opens."""

START_TIMEOUT = 120.0
"""Seconds in which a worker must be ready: heavy libraries take some to be imported."""

BATCH_TIMEOUT = 60.0
"""Seconds in which it must answer a batch; one that does not is ended."""

END_TIMEOUT = 5.0
"""Seconds that it may take to end by itself before it is killed."""


class WorkerRuntime:
    """Asks a worker process, which has ``timeout`` seconds for a batch.

    ``first_message`` tells the process what to load: JSON with the predictor's ``folder``, its ``contract``, and the
    ``names`` that its pickles may import.
    """

    def __init__(self, first_message: bytes, timeout: float = BATCH_TIMEOUT) -> None:
        self._first_message = first_message
        self._timeout = timeout
        self._worker = _WorkerProcess(first_message)
        try:
            self._worker.await_ready()
        except BaseException:
            self._worker.end()
            raise

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns).

        Raises:
            PredictionFailed: the model refuses the batch.
            WorkerLost: the worker died or hung over it, or cannot be started.
        """
        if not self._worker.is_alive:
            self._restart("ended between two batches")
        try:
            self._worker.await_ready()
            return self._worker.ask(matrix, self._timeout)
        except WorkerLost as error:
            self._restart(error.message)
            raise

    def _restart(self, reason: str) -> None:
        log.error("worker process %d: %s; it is started again", self._worker.pid, reason)
        self._worker.end()
        self._worker = _WorkerProcess(self._first_message)

    def close(self) -> None:
        """Lets the worker end; never waits for it."""
        self._worker.end()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._worker.pid


class _WorkerProcess:
    """One worker process with the pipe to it."""

    def __init__(self, first_message: bytes) -> None:
        self._pipe, worker_end = Pipe()
        descriptor = worker_end.fileno()
        command = [sys.executable, "-P", "-m", "vaticina.formats.autogluon.worker_process", str(descriptor)]
        # a session of its own: Ctrl-C in a terminal is for the server, which then drains
        self._popen = subprocess.Popen(  # noqa: S603 -- our own module
            command, pass_fds=[descriptor], stdin=subprocess.DEVNULL, start_new_session=True
        )
        worker_end.close()
        self._ready = False
        self._send(first_message)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def await_ready(self) -> None:
        """Returns once the model is loaded. Raises BundleCorrupt when it cannot be, and WorkerLost."""
        if self._ready:
            return
        reply = self._receive(START_TIMEOUT)
        if reply != READY:
            raise BundleCorrupt(f"The worker process cannot load the model: {reply[1:].decode(errors='replace')}.")
        self._ready = True

    def ask(self, matrix: Matrix, timeout: float) -> Outputs:
        """The answer to one batch (n, columns) within ``timeout`` seconds. Raises PredictionFailed and WorkerLost."""
        self._send(pack_batch(matrix))
        reply = self._receive(timeout)
        if reply[:1] != ANSWER:
            raise PredictionFailed(reply[1:].decode(errors="replace"))
        return unpack_outputs(reply[1:])

    def _send(self, data: bytes) -> None:
        try:
            self._pipe.send_bytes(data)
        except OSError:
            raise self._lost("died") from None

    def _receive(self, timeout: float) -> bytes:
        try:
            if not self._pipe.poll(timeout):
                raise self._lost(f"did not answer in {timeout:.0f} s")
            return self._pipe.recv_bytes()
        except (EOFError, OSError):
            raise self._lost("died") from None

    def _lost(self, reason: str) -> WorkerLost:
        return WorkerLost(f"The worker process {reason} over this batch; a new one is being started: ask again.")

    def end(self) -> None:
        """Closes the pipe, at which the process ends by itself; a thread of its own kills it when it does not."""
        self._pipe.close()
        Thread(target=_wait_or_kill, args=(self._popen,), name="worker end", daemon=True).start()


def _wait_or_kill(popen: "subprocess.Popen[bytes]") -> None:
    try:
        popen.wait(END_TIMEOUT)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()


def load_worker(bundle: Bundle, allow: frozenset[str]) -> WorkerRuntime:
    """The worker of a bundle's ``predictor`` folder. Raises BundleCorrupt, PickleRefused, MissingExtra, WorkerLost."""
    if find_spec("autogluon") is None:
        raise MissingExtra.of("autogluon", f"Version {bundle.version}")
    files: dict[str, bytes] = {}
    for name in bundle.manifest.files:
        if Path(name).parts[0] == FOLDER:
            files[name] = bundle.read(name)
    first_message = {
        "folder": str((bundle.folder / FOLDER).resolve()),
        "contract": bundle.manifest.contract.model_dump(mode="json", by_alias=True),
        "names": list(audit_predictor(files, allow)),
    }
    return WorkerRuntime(orjson.dumps(first_message))
