"""Versions that come from a bucket: another process looks there, imports what has changed, and promotes it.

That process holds the training libraries for as long as it works; this one never does.
"""

import logging
import time
from collections.abc import Sequence

from vaticina.errors import RegistryError
from vaticina.serving.background_command import BackgroundVersions, reason, start
from vaticina.serving.follower import VersionSource

log = logging.getLogger("vaticina")

FIRST = ("--present",)
"""What is whole on this machine is enough to start."""

SILENT = "the models could not be pulled"
"""What is said of a command that said nothing."""

PAUSE = 30.0
"""Seconds before a pull that failed, while nothing is served yet, is tried again."""


class BucketVersions(BackgroundVersions):
    """The versions of ``source``, kept up to date by ``command``, which is run every ``every`` seconds.

    Until there is a version the command is waited for, with the options ``FIRST``; then it runs behind the predictions.
    """

    def __init__(self, source: VersionSource, command: Sequence[str], every: float) -> None:
        super().__init__(source, command)
        self._every = every
        self._next = 0.0
        self._failure = ""

    def wanted(self) -> str | None:
        """The version that should answer. Raises RegistryError, with what the command said, while there is none."""
        found = self._source.wanted()
        if found is None:
            self._pull_now()
            return self._source.wanted()
        self._pull_behind()
        return found

    def _pull_now(self) -> None:
        if time.monotonic() < self._next:
            raise RegistryError(self._failure)
        try:
            pull_first(self._command)
        except RegistryError as error:
            self._failure, self._next = error.message, time.monotonic() + PAUSE
            raise
        self._next = 0.0

    def _pull_behind(self) -> None:
        """Starts the command when it is time, and looks whether it has ended."""
        if self._behind is not None:
            if self._behind.poll() is None:
                return
            _, said = self._behind.communicate()
            self._tell("" if not self._behind.returncode else reason(said, SILENT))
            self._behind = None
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            self._behind = start(self._command, behind=True)

    def _tell(self, failure: str) -> None:
        """A failure is logged once, for the version that answers goes on."""
        if failure and failure != self._failure:
            log.warning("no new models: %s", failure)
        self._failure = failure


def pull_first(command: Sequence[str]) -> None:
    """Runs ``command``, for a server that has nothing to serve yet. Raises RegistryError with what it said."""
    ran = start([*command, *FIRST], behind=False)
    _, said = ran.communicate()
    if ran.returncode:
        raise RegistryError(reason(said, SILENT))
