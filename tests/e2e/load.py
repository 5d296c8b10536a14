"""Callers that keep asking, and write down what they were told."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType

import orjson

from tests.api.wire import Heard, Wire, request


@dataclass
class Told:
    """What callers heard: uids answered with 200, statuses, versions, and answers that were wrong."""

    uids: list[str] = field(default_factory=list)
    lists: list[list[str]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    wrong: list[bytes] = field(default_factory=list)


class Load:
    """``callers`` keep-alive connections that ask, one row or a list of three at a time, while the block lasts."""

    def __init__(self, port: int, callers: int = 8) -> None:
        self.told = Told()
        self._port = port
        self._over = Event()
        self._threads = [Thread(target=self._call, args=(number,), daemon=True) for number in range(callers)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(40)

    @property
    def answered(self) -> int:
        return self.told.statuses[200]

    def _call(self, number: int) -> None:
        x = number * 1_000
        try:
            with Wire(self._port, 40) as wire:
                while not self._over.is_set():
                    x += 1
                    rows = [{"x": x}, {"x": x + 0.25}, {"x": x + 0.5}] if x % 5 == 0 else {"x": x}
                    wire.send(request("POST", "/predict", orjson.dumps(rows)))
                    self._note(wire.hear(), x)
        except (OSError, EOFError):
            return  # the server was killed

    def _note(self, heard: Heard, x: int) -> None:
        told = self.told
        told.statuses[heard.status] += 1
        if heard.status != 200:
            told.wrong.append(heard.body)
            return
        uids = heard.headers["vaticina-prediction"].split(",")
        told.uids += uids
        told.lists.append(uids)
        told.versions[heard.headers["vaticina-version"]] += 1
        found = heard.json()
        first = found[0] if isinstance(found, list) else found
        if first["version"] != heard.headers["vaticina-version"] or len(uids) != (len(found) if x % 5 == 0 else 1):
            told.wrong.append(heard.body)
