"""A command of ours that makes versions in a process of its own, in the background of a server."""

import os
import subprocess
from collections.abc import Sequence

from vaticina.serving.follower import VersionSource
from vaticina.serving.slot import LoadedVersion

NICENESS = 10
"""Predictions come first, but even a busy server gets its new version in minutes; a training may take longer."""


class BackgroundVersions:
    """The versions of ``source``, some of which ``command`` makes in a process of its own."""

    def __init__(self, source: VersionSource, command: Sequence[str]) -> None:
        self._source = source
        self._command = list(command)
        self._process: subprocess.Popen[str] | None = None

    def load(self, version: str) -> LoadedVersion:
        """``version``, ready to answer. Raises RegistryError."""
        return self._source.load(version)

    def last_good(self) -> LoadedVersion | None:
        """The version that answered last on this machine."""
        return self._source.last_good()

    def remember(self, version: str) -> None:
        """Notes that ``version`` answers correctly on this machine."""
        self._source.remember(version)


def start_command(command: Sequence[str], *, in_background: bool) -> "subprocess.Popen[str]":
    """Starts ``command``; ``in_background`` it gives way to predictions. Its standard error is kept."""
    process = subprocess.Popen(  # noqa: S603 -- our own module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if in_background and hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def failure_message(stderr: str, default: str) -> str:
    """Why a command failed: the last line of ``stderr`` that begins with ``error:``, else its last line, else
    ``default``."""
    lines = list(filter(str.strip, stderr.splitlines()))
    for line in reversed(lines):
        if line.startswith("error: "):
            return line.removeprefix("error: ")
    return lines[-1] if lines else default
