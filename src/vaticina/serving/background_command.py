"""What versions that another process makes have in common: where they come from, and that process."""

import os
import subprocess
from collections.abc import Sequence

from vaticina.serving.follower import VersionSource
from vaticina.serving.slot import LoadedVersion

NICENESS = 10
"""Predictions go before, but even a busy server gets its new version in minutes; a training may take longer."""


class BackgroundVersions:
    """The versions of ``source``, some of which a ``command`` of our own makes in a process beside this one."""

    def __init__(self, source: VersionSource, command: Sequence[str]) -> None:
        self._source = source
        self._command = list(command)
        self._behind: subprocess.Popen[str] | None = None

    def load(self, version: str) -> LoadedVersion:
        """That version, ready to answer."""
        return self._source.load(version)

    def last_good(self) -> LoadedVersion | None:
        """The version that answered last on this machine."""
        return self._source.last_good()

    def remember(self, version: str) -> None:
        """Notes that ``version`` answers well here."""
        self._source.remember(version)


def start(command: Sequence[str], *, behind: bool) -> "subprocess.Popen[str]":
    """``command`` at work, ``behind`` the predictions or waited for; what it says on standard error is kept."""
    started = subprocess.Popen(  # noqa: S603 -- our own module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if behind and hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, started.pid, NICENESS)
    return started


def reason(said: str, silent: str) -> str:
    """What a command failed by: its error, else the last line of what it ``said``; ``silent`` when there is none."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error: ")]
    return (errors or lines or [silent])[-1].removeprefix("error: ")
