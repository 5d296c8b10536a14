"""Versions that are made of files in a folder: another process imports what is new there, and promotes it.

That process audits, compiles and verifies, and holds the training libraries for as long as it works; this one never
does. What it refuses changes nothing here, and is told in the log.
"""

import logging
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from vaticina.serving.background_command import BackgroundVersions, reason, start
from vaticina.serving.follower import VersionSource

log = logging.getLogger("vaticina")

Files = tuple[tuple[str, int, int], ...]
"""Names, sizes and times of change of the files that together are one model."""


class FolderVersions(BackgroundVersions):
    """The versions of ``source``, and those that ``command`` makes of the files that ``newest`` names.

    ``is_known`` tells whether a version was made of such files already. Files are taken when two looks found them the
    same, so that none is read while it is copied. Until there is a version the command is waited for.
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
        self._seen: Files = ()
        self._taken: Files = ()

    def wanted(self) -> str | None:
        """The version that should answer; the first one is waited for. Raises RegistryError."""
        found = self._source.wanted()
        if found is not None:
            self._look()
            return found
        files = _files(self._newest())
        if files and files != self._taken:
            self._taken = files
            self._end(self._start(behind=False))
            return self._source.wanted()
        return None

    def _look(self) -> None:
        """Takes new files when they have come to rest, one model at a time."""
        if self._behind is not None:
            if self._behind.poll() is None:
                return
            self._end(self._behind)
            self._behind = None
        paths = self._newest()
        files = _files(paths)
        rested, self._seen = files == self._seen, files
        if files and rested and files != self._taken:
            self._taken = files
            if not self._is_known(paths):
                self._behind = self._start(behind=True)

    def _start(self, *, behind: bool) -> "subprocess.Popen[str]":
        log.info("importing %s", ", ".join(name for name, _, _ in self._taken))
        return start(self._command, behind=behind)

    def _end(self, ran: "subprocess.Popen[str]") -> None:
        _, said = ran.communicate()
        if ran.returncode:
            names = ", ".join(name for name, _, _ in self._taken)
            log.error("%s: no new version: %s", names, reason(said, "it ended without a word"))


def _files(paths: Sequence[Path]) -> Files:
    """Empty while one of the files cannot be looked at."""
    try:
        found = [(path.name, path.stat()) for path in paths]
    except OSError:
        return ()
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)
