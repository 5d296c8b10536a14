"""Versions made of model files in a folder: a command imports new files there and promotes the version.

The command audits, compiles and verifies in a process of its own, which holds the training libraries while it works;
the server never does. When it refuses the files, the log says why and the served version stays.
"""

import logging
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from vaticina.serving.background_command import BackgroundVersions, failure_message, start_command
from vaticina.serving.follower import VersionSource

log = logging.getLogger("vaticina")

FileStates = tuple[tuple[str, int, int], ...]
"""Names, sizes in bytes and times of change (nanoseconds) of the files that together are one model."""


class FolderVersions(BackgroundVersions):
    """The versions of ``source``, and those that ``command`` makes of the files that ``newest`` returns.

    ``is_known`` says whether a version was made of such files already. Files are imported when two looks in a row find
    them unchanged, so that none is read while it is copied. As long as there is no version, the server waits for the
    command.
    """

    def __init__(
        self,
        source: VersionSource,
        newest: Callable[[], Sequence[Path]],
        is_known: Callable[[Sequence[Path]], bool],
        command: Sequence[str],
    ) -> None:
        super().__init__(source, command)
        self._newest = newest
        self._is_known = is_known
        self._last_seen: FileStates = ()
        self._imported: FileStates = ()

    def target(self) -> str | None:
        """The version to serve; the first one is waited for. Raises RegistryError."""
        version = self._source.target()
        if version is not None:
            self._import_in_background()
            return version
        files = _states(self._newest())
        if files and files != self._imported:
            self._imported = files
            self._finish(self._start(in_background=False))
            return self._source.target()
        return None

    def _import_in_background(self) -> None:
        """Imports new files that no longer change, one model at a time."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._finish(self._process)
            self._process = None
        paths = self._newest()
        files = _states(paths)
        is_stable = files == self._last_seen
        self._last_seen = files
        if files and is_stable and files != self._imported:
            self._imported = files
            if not self._is_known(paths):
                self._process = self._start(in_background=True)

    def _start(self, *, in_background: bool) -> "subprocess.Popen[str]":
        log.info("importing %s", self._imported_names())
        return start_command(self._command, in_background=in_background)

    def _finish(self, process: "subprocess.Popen[str]") -> None:
        _, stderr = process.communicate()
        if process.returncode:
            reason = failure_message(stderr, "the import ended without a message")
            log.error("%s: no new version: %s", self._imported_names(), reason)

    def _imported_names(self) -> str:
        return ", ".join(name for name, _, _ in self._imported)


def _states(paths: Sequence[Path]) -> FileStates:
    """Empty when one of the files cannot be read."""
    states: list[tuple[str, int, int]] = []
    try:
        for path in paths:
            status = path.stat()
            states.append((path.name, status.st_size, status.st_mtime_ns))
    except OSError:
        return ()
    return tuple(states)
