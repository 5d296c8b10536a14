"""How ``vaticina serve`` becomes the server; light, for the server waits for it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

LAUNCH = "vaticina.api.launch"


def is_plain(arguments: Sequence[str]) -> bool:
    """Whether a command line is ``serve`` with folders and well-formed options only, which the server reads by itself.

    Whatever else there is (help, mistakes, other verbs) needs the whole command line, which takes as long to import as
    some servers to start.
    """
    if arguments[:1] != ["serve"]:
        return False
    left = list(arguments[1:])
    while left:
        word = left.pop(0)
        if word in LIMITS:
            value = left.pop(0) if left else ""
            if not (value.isascii() and value.isdigit() and 1 <= int(value) <= LIMITS[word]):
                return False
        elif word == "--host":
            word = left.pop(0) if left else ""
            if not word or word.startswith("-"):
                return False
        elif word.startswith("-") or not word:
            return False
    return True


LIMITS = {"--port": 65_535, "--workers": 64}
"""Options that take a number from 1 on, and the largest."""


def become_server(arguments: Sequence[str]) -> NoReturn:
    """Hands this process over to the server, which makes the checks: what the command line loaded leaves its memory."""
    # -P: a file of the current folder must not take the place of a library
    command = [sys.executable, "-P", "-m", LAUNCH, *arguments]
    sys.stdout.flush()
    if os.name == "nt":  # exec there starts another process and ends this one before it
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603 -- our own module
    os.execv(command[0], command)  # noqa: S606 -- likewise
