"""The follower: it loads the version that an alias names and swaps it into a slot, without a dropped request."""

import asyncio
import logging
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from vaticina.errors import RegistryError, VaticinaError
from vaticina.serving.slot import LoadedVersion, Slot

log = logging.getLogger("vaticina")

NO_VERSION = ""
"""The target when the alias was withdrawn: no version answers."""


class VersionSource(Protocol):
    """Where a follower gets its versions from. All methods block, so they run on a thread."""

    def target(self) -> str | None:
        """The version to serve; None when none was promoted yet, ``NO_VERSION`` when the alias was withdrawn.

        Raises RegistryError.
        """
        ...

    def load(self, version: str) -> LoadedVersion:
        """``version``, downloaded, verified and warmed up. Raises RegistryError."""
        ...

    def last_good(self) -> LoadedVersion | None:
        """The version that answered last on this machine, from the local cache."""
        ...

    def remember(self, version: str) -> None:
        """Notes that ``version`` answers correctly on this machine."""
        ...


NORMAL_INTERVAL = sys.getswitchinterval()
SHORT_INTERVAL = 0.0005
"""Seconds after which a thread must give the interpreter to another one while a version is loaded."""


@contextmanager
def short_switch_interval() -> Iterator[None]:
    """While a version is loaded on a thread, the event loop waits half a millisecond for the interpreter, not five.

    It is not the setting for all the time, since it costs a few percent of the throughput.
    """
    sys.setswitchinterval(SHORT_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(NORMAL_INTERVAL)


class Follower:
    """Loads the target version at the start, then checks every ``interval`` seconds whether the target changed.

    A version that cannot be loaded does not replace the one that answers. It is tried again when the target changes.
    """

    def __init__(self, slot: Slot, source: VersionSource, interval: float = 1.0) -> None:
        self._slot = slot
        self._source = source
        self._interval = interval
        self._refused: str | None = None
        self.problem: VaticinaError | None = None

    async def start(self) -> None:
        """Loads the target version; when that fails, the last good one of this machine, if there is one."""
        target = await self.check()
        if self._slot.version is None and target != NO_VERSION:
            loaded = await asyncio.to_thread(self._source.last_good)
            if loaded is not None:
                log.warning("serving version %s, the last good one on this machine", loaded.version)
                self._slot.swap(loaded)

    async def run(self) -> None:
        """Checks for a new version until it is cancelled. Followers of several projects begin at different times."""
        await asyncio.sleep(self._interval * random.random())  # noqa: S311 -- no secret
        while True:
            await asyncio.sleep(self._interval)
            await self.check()

    async def check(self) -> str | None:
        """Loads the target version when it is another one than in the slot; returns the target.

        An error becomes ``problem``.
        """
        target: str | None = None
        try:
            target = await asyncio.to_thread(self._source.target)
            if target is not None and target == self._refused:
                return target
            if target == NO_VERSION:
                self._slot.clear()
            elif target not in (None, self._slot.version):
                await self._load(target)
        except Exception as error:
            self._set_problem(target, error)
        else:
            self._refused, self.problem = None, None
        return target

    async def _load(self, version: str) -> None:
        with short_switch_interval():
            loaded = await asyncio.to_thread(self._source.load, version)
        self._slot.swap(loaded)
        self._refused, self.problem = None, None  # with the swap: whoever gets its answers is told that it is well
        log.info("serving version %s", loaded.version)
        try:
            await asyncio.to_thread(self._source.remember, loaded.version)
        except Exception:  # the version answers all the same; only a start without the store needs the note
            log.exception("version %s could not be noted as the last good one", loaded.version)

    def _set_problem(self, target: str | None, error: Exception) -> None:
        traceback: Exception | None = None
        if isinstance(error, VaticinaError):
            problem = error
        else:
            traceback = error
            problem = VaticinaError(f"The version could not be loaded: {error!r}")
        is_repeated = self.problem is not None and problem.message == self.problem.message
        self.problem = problem
        self._refused = target
        if type(error) is RegistryError:  # the store may answer again; only a bad version stays bad
            self._refused = None
        if not is_repeated:
            log.error("%s is not served: %s", _name(target), problem.message, exc_info=traceback)


def _name(target: str | None) -> str:
    return f"version {target}" if target else "a new version"
