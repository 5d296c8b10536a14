"""Versions made of models in a bucket: a command looks there, imports what changed and promotes it.

The command runs in a process of its own, which holds the training libraries while it works; the server never does.
"""

import logging
import time
from collections.abc import Sequence

from vaticina.errors import RegistryError
from vaticina.serving.background_command import BackgroundVersions, failure_message, start_command
from vaticina.serving.follower import VersionSource

log = logging.getLogger("vaticina")

FIRST_PULL_OPTIONS = ("--present",)
"""For a start, the files that are whole on this machine are enough."""

NO_MESSAGE = "the models could not be pulled"
"""The message of a command that failed without one."""

RETRY_SECONDS = 30.0
"""How long a pull that failed is not tried again while no version is served."""


class BucketVersions(BackgroundVersions):
    """The versions of ``source``, kept up to date by ``command``, which runs every ``every`` seconds.

    As long as there is no version, the server waits for the command, with ``FIRST_PULL_OPTIONS``; later it runs in the
    background.
    """

    def __init__(self, source: VersionSource, command: Sequence[str], every: float) -> None:
        super().__init__(source, command)
        self._every = every
        self._next = 0.0
        self._failure = ""

    def target(self) -> str | None:
        """The version to serve. Raises RegistryError, with the command's message, when there is none."""
        version = self._source.target()
        if version is None:
            self._pull_now()
            return self._source.target()
        self._pull_in_background()
        return version

    def _pull_now(self) -> None:
        if time.monotonic() < self._next:
            raise RegistryError(self._failure)
        try:
            pull_first(self._command)
        except RegistryError as error:
            self._failure, self._next = error.message, time.monotonic() + RETRY_SECONDS
            raise
        self._next = 0.0

    def _pull_in_background(self) -> None:
        """Starts the command when it is time, and logs how the last one ended."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            _, stderr = self._process.communicate()
            self._log("" if not self._process.returncode else failure_message(stderr, NO_MESSAGE))
            self._process = None
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            self._process = start_command(self._command, in_background=True)

    def _log(self, failure: str) -> None:
        """Logs a failure once, not after every pull: the server goes on with the version it has."""
        if failure and failure != self._failure:
            log.warning("no new models from the bucket: %s", failure)
        self._failure = failure


def pull_first(command: Sequence[str]) -> None:
    """Runs ``command`` for a server that has no version yet. Raises RegistryError with the command's message."""
    process = start_command([*command, *FIRST_PULL_OPTIONS], in_background=False)
    _, stderr = process.communicate()
    if process.returncode:
        raise RegistryError(failure_message(stderr, NO_MESSAGE))
