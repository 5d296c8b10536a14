"""A project with an input of every type, a model that is a rule, and a server of it on a real socket."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import numpy as np
import uvicorn

from tests.history.memory import MemoryHistory
from vaticina.api.app import make_app
from vaticina.api.front_app import App
from vaticina.api.server import HTTP
from vaticina.api.service import Service
from vaticina.contract import Bundle, Contract, Manifest, Matrix, Outputs, Project, Runtime
from vaticina.contract.project import parse_project
from vaticina.errors import BundleCorrupt
from vaticina.history import History
from vaticina.serving.engine import Engine
from vaticina.serving.follower import Follower
from vaticina.serving.recorder import Recorder
from vaticina.serving.slot import LoadedVersion, load

CLASSES = ("low", "high")

TEXT = """
[project]
name = "{name}"
title = {{ es = "Clínica", en = "Clinic" }}
timezone = "America/Lima"

[contract]
unknown = "{unknown}"

[security]
auth = "{auth}"

[serving]
max_rows = 500
max_body = 100000
deadline = {deadline}
max_queue = 64

[inputs.age]
type = "number"
min = 0
max = 150
unit = "years"
example = 45.5
description = {{ es = "Edad", en = "Age" }}
[inputs.visits]
type = "integer"
min = 0
max = 1000
[inputs.ward]
type = "category"
categories = ["north", "south"]
example = "south"
[inputs.town]
type = "category"
seen = ["Ica", "Nazca"]
optional = true
[inputs.smoker]
type = "flag"
default = false
[inputs.patient]
type = "identifier"
max_length = 20
optional = true
[inputs.at]
type = "instant"
default = 2026-01-31T12:00:00Z

[data]
target = "risk"

[outputs]
risk = "label"
probability = "probability"
probabilities = "probabilities"
when = "time"
input = "input"
"""

ROW = {"age": 45.5, "visits": 3, "ward": "south"}

VERSION = "20261120T000000000Z-0badcafe"


class Rule:
    """High above 60 years; fails at 13.13, and takes ``seconds`` at 77.77."""

    seconds = 0.4
    closed = False

    def predict(self, matrix: Matrix) -> Outputs:
        assert not self.closed, "a closed runtime was asked"
        age = matrix[:, 0]
        if (age == 13.13).any():
            raise ValueError("secret: the password is hunter2")
        if (age == 77.77).any():
            time.sleep(self.seconds)
        high = np.clip(age / 120, 0, 1)
        return Outputs(
            len(matrix), {"label": (high > 0.5).astype(np.intp), "probabilities": np.column_stack([1 - high, high])}
        )

    def close(self) -> None:
        self.closed = True


class Published:
    """Where versions come from: each answers by the same rule, but one called bad is damaged."""

    def __init__(self, promoted: str | None = VERSION, make: Callable[[], Runtime] = Rule) -> None:
        self.promoted = promoted
        self.contract = project().draft(classes=CLASSES)
        self._make = make

    def target(self) -> str | None:
        return self.promoted

    def load(self, version: str) -> LoadedVersion:
        if version == "bad":
            raise BundleCorrupt("/srv/models/model.pkl of version bad was changed")
        return load(Bundle(Path(), manifest(self.contract, version)), self._make(), 500)

    def last_good(self) -> LoadedVersion | None:
        return None

    def remember(self, version: str) -> None:
        """There is no cache."""


def manifest(contract: Contract, version: str) -> Manifest:
    return Manifest(
        project=contract.name,
        version=version,
        created=datetime(2026, 11, 20, tzinfo=UTC),
        contract=contract,
        contract_hash=contract.hash,
        runtime="native",
        files={},
        python="3.11",
        libraries={"numpy": "2"},
        metrics={"f1_macro": 0.9},
    )


def project(
    name: str = "clinic", *, auth: str = "none", unknown: str = "ignore", deadline: float = 30, more: str = ""
) -> Project:
    text = TEXT.format(name=name, auth=auth, unknown=unknown, deadline=deadline)
    return parse_project(text + more, Path("project.toml"))


def service(
    about: Project | None = None, published: Published | None = None, history: History | None = None
) -> Service:
    about = about or project()
    published = published or Published()
    published.contract = about.draft(classes=CLASSES)
    kept = history or MemoryHistory()
    engine = Engine(Recorder(kept, about.history.durability), about.serving)
    return Service(about, engine, Follower(engine.slot, published, 0.05), kept)


def open_app(*services: Service) -> App:
    return make_app(services or (service(),))


@contextlib.contextmanager
def served(app: App) -> Iterator[int]:
    """The port where ``app`` answers, on a thread of this process, until the block ends."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=HTTP,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            lifespan="on",
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        wait_until(lambda: server.started or not thread.is_alive())
        assert server.started
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "the server did not end"


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def rows(count: int) -> Sequence[dict[str, object]]:
    return [{**ROW, "age": float(at % 150)} for at in range(count)]
