"""The worker process of an AutoGluon model: answers batches over the pipe whose descriptor it is started with.

``python -m vaticina.formats.autogluon.worker_process DESCRIPTOR``. It ends when the pipe does, so it never outlives its
server.
"""

import logging
import os
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Contract, Runtime
from vaticina.formats.autogluon.model import open_model
from vaticina.formats.autogluon.worker_message import ANSWER, FAILURE, READY, pack_outputs, unpack_batch
from vaticina.pickles.guard import guarded

MAX_REASON = 1_000
"""Characters of a failure that go back to the server."""


def main() -> None:
    """Loads the model of the first message and answers the batches that follow."""
    connection = Connection(int(sys.argv[1]))
    logging.disable(logging.ERROR)
    os.dup2(2, 1)  # what libraries print must not reach the server's own output
    with suppress(EOFError, ConnectionError):  # the server has closed the pipe, or died
        _answer_batches(connection)


def _answer_batches(connection: Connection) -> None:
    first_message = orjson.loads(connection.recv_bytes())
    with guarded(frozenset(first_message["names"])), threadpool_limits(1):
        try:
            model = _load(first_message)
        except Exception as error:
            connection.send_bytes(_failure(error))
            return
        connection.send_bytes(READY)
        while True:
            connection.send_bytes(_reply(model, connection.recv_bytes()))


def _load(first_message: dict[str, Any]) -> Runtime:
    model = open_model(Path(first_message["folder"]), Contract.model_validate(first_message["contract"]))
    model.persist()
    return model


def _reply(model: Runtime, batch: bytes) -> bytes:
    try:
        return ANSWER + pack_outputs(model.predict(unpack_batch(batch)))
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> bytes:
    return FAILURE + f"{type(error).__name__}: {error}"[:MAX_REASON].encode()


if __name__ == "__main__":
    main()
