"""The command line: one file per noun, one thin function per verb; a verb's module is imported only when it runs."""

import sys

from vaticina.cli.become_server import become_server, is_plain
from vaticina.cli.deferred import module


def main() -> None:
    """The console script ``vaticina``."""
    if is_plain(sys.argv[1:]):
        become_server(sys.argv[2:])
    module("vaticina.cli.verbs").app(prog_name="vaticina")


__all__ = ["main"]
