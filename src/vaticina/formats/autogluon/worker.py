"""The worker runtime: a model that needs heavy libraries answers from a process of its own.

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
from vaticina.formats.autogluon.audit import audited
from vaticina.formats.autogluon.worker_message import ANSWER, READY, pack_batch, unpack_outputs

log = logging.getLogger("vaticina")

FOLDER = "predictor"
"""The folder of a bundle that the worker opens."""

START = 120.0
"""Seconds in which a worker must be ready: heavy libraries take some to be imported."""

BATCH = 60.0
"""Seconds in which it must answer a batch; one that does not is ended."""

LAST = 5.0
"""Seconds that it may take to end by itself."""


class WorkerRuntime:
    """Asks a worker process; ``orders`` are its first message, ``patience`` the seconds it has for a batch."""

    def __init__(self, orders: bytes, patience: float = BATCH) -> None:
        self._orders = orders
        self._patience = patience
        self._worker = _Worker(orders)
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
            self._renew("ended between two batches")
        try:
            self._worker.await_ready()
            return self._worker.ask(matrix, self._patience)
        except WorkerLost as error:
            self._renew(error.message)
            raise

    def _renew(self, why: str) -> None:
        log.error("worker process %d: %s; it is started again", self._worker.process, why)
        self._worker.end()
        self._worker = _Worker(self._orders)

    def close(self) -> None:
        """Lets the worker end; never waits for it."""
        self._worker.end()

    @property
    def process(self) -> int:
        """The worker's process id."""
        return self._worker.process


class _Worker:
    """One process with its pipe."""

    def __init__(self, orders: bytes) -> None:
        self._pipe, theirs = Pipe()
        descriptor = theirs.fileno()
        command = [sys.executable, "-P", "-m", "vaticina.formats.autogluon.worker_process", str(descriptor)]
        # a session of its own: Ctrl-C in a terminal is for the server, which then drains
        self._popen = subprocess.Popen(  # noqa: S603 -- our own module
            command, pass_fds=[descriptor], stdin=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        self._ready = False
        self._send(orders)

    @property
    def process(self) -> int:
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
        said = self._received(START)
        if said != READY:
            raise BundleCorrupt(f"The worker process cannot load the model: {said[1:].decode(errors='replace')}.")
        self._ready = True

    def ask(self, matrix: Matrix, patience: float) -> Outputs:
        """The answer to one batch. Raises PredictionFailed and WorkerLost."""
        self._send(pack_batch(matrix))
        said = self._received(patience)
        if said[:1] != ANSWER:
            raise PredictionFailed(said[1:].decode(errors="replace"))
        return unpack_outputs(said[1:])

    def _send(self, data: bytes) -> None:
        try:
            self._pipe.send_bytes(data)
        except OSError:
            raise self._lost("died") from None

    def _received(self, seconds: float) -> bytes:
        try:
            if not self._pipe.poll(seconds):
                raise self._lost(f"did not answer in {seconds:.0f} s")
            return self._pipe.recv_bytes()
        except (EOFError, OSError):
            raise self._lost("died") from None

    def _lost(self, how: str) -> WorkerLost:
        return WorkerLost(f"The worker process {how} over this batch; a new one is being started: ask again.")

    def end(self) -> None:
        """Closes the pipe, at which the process ends, and sees to it on a thread of its own that it does."""
        self._pipe.close()
        Thread(target=_see_off, args=(self._popen,), name="worker end", daemon=True).start()


def _see_off(popen: "subprocess.Popen[bytes]") -> None:
    try:
        popen.wait(LAST)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()


def load_worker(bundle: Bundle, allow: frozenset[str]) -> WorkerRuntime:
    """The worker of a bundle's ``predictor`` folder. Raises BundleCorrupt, PickleRefused, MissingExtra, WorkerLost."""
    if find_spec("autogluon") is None:
        raise MissingExtra.of("autogluon", f"Version {bundle.version}")
    files = {name: bundle.read(name) for name in bundle.manifest.files if Path(name).parts[0] == FOLDER}
    orders = {
        "folder": str((bundle.folder / FOLDER).resolve()),
        "contract": bundle.manifest.contract.model_dump(mode="json", by_alias=True),
        "names": list(audited(files, allow)),
    }
    return WorkerRuntime(orjson.dumps(orders))
