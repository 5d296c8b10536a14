"""The follower: keeps a slot on the version its alias names, without a dropped request."""

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
"""What is wanted when the model was reset: that nothing answers."""


class VersionSource(Protocol):
    """Where versions come from; both methods block and run on a thread."""

    def wanted(self) -> str | None:
        """The version that should answer; None when nothing was promoted, ``NO_VERSION`` when none should answer.

        Raises RegistryError.
        """
        ...

    def load(self, version: str) -> LoadedVersion:
        """That version: fetched, verified, warmed up. Raises RegistryError."""
        ...

    def last_good(self) -> LoadedVersion | None:
        """The version that answered last on this machine, from the local cache."""
        ...

    def remember(self, version: str) -> None:
        """Notes that ``version`` answers well here."""
        ...


NORMAL_INTERVAL = sys.getswitchinterval()
SHORT_INTERVAL = 0.0005
"""Seconds that a thread may keep the interpreter from another while a version is loaded."""


@contextmanager
def short_switch_interval() -> Iterator[None]:
    """Lets the event loop wait half a millisecond for the interpreter instead of Python's five, again and again, while
    a version is loaded beside it; always, it would cost a few percent."""
    sys.setswitchinterval(SHORT_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(NORMAL_INTERVAL)


class Follower:
    """Loads what the alias names at start, then looks again every ``interval`` seconds.

    A version that cannot be loaded never replaces the one that answers; it is tried again only when the alias moves.
    """

    def __init__(self, slot: Slot, source: VersionSource, interval: float = 1.0) -> None:
        self._slot = slot
        self._source = source
        self._interval = interval
        self._refused: str | None = None
        self.problem: VaticinaError | None = None

    async def start(self) -> None:
        """Loads the wanted version; when that fails, the last good one of this machine, or none."""
        wanted = await self.look()
        if self._slot.version is None and wanted != NO_VERSION:
            loaded = await asyncio.to_thread(self._source.last_good)
            if loaded is not None:
                log.warning("serving version %s, the last good one here", loaded.version)
                self._slot.swap(loaded)

    async def run(self) -> None:
        """Looks for a new version until cancelled; the followers of many projects do not all look at once."""
        await asyncio.sleep(self._interval * random.random())  # noqa: S311 -- no secret
        while True:
            await asyncio.sleep(self._interval)
            await self.look()

    async def look(self) -> str | None:
        """One look: loads and swaps when the alias names another version; returns what it names.

        What goes wrong becomes ``problem``.
        """
        wanted: str | None = None
        try:
            wanted = await asyncio.to_thread(self._source.wanted)
            if wanted is not None and wanted == self._refused:
                return wanted
            if wanted == NO_VERSION:
                self._slot.clear()
            elif wanted not in (None, self._slot.version):
                await self._follow(wanted)
        except Exception as error:
            self._note(wanted, error)
        else:
            self._refused, self.problem = None, None
        return wanted

    async def _follow(self, wanted: str) -> None:
        with short_switch_interval():
            loaded = await asyncio.to_thread(self._source.load, wanted)
        self._slot.swap(loaded)
        log.info("serving version %s", loaded.version)
        try:
            await asyncio.to_thread(self._source.remember, loaded.version)
        except Exception:  # it answers all the same; only a start without the store would miss it
            log.exception("version %s could not be noted as the last good one", loaded.version)

    def _note(self, wanted: str | None, error: Exception) -> None:
        known = isinstance(error, VaticinaError)
        problem = (
            error if isinstance(error, VaticinaError) else VaticinaError(f"The version could not be loaded: {error!r}")
        )
        repeated = self.problem is not None and problem.message == self.problem.message
        # a store that is away comes back; a version that is bad stays bad
        self._refused = None if type(error) is RegistryError else wanted
        self.problem = problem
        if not repeated:
            log.error("version %s is not served: %s", wanted, problem.message, exc_info=None if known else error)
