"""The command line: one file per noun, one thin function per verb; a verb's module is imported only when it runs."""

import sys

from vaticina.cli.become_server import become_server, is_plain


def main() -> None:
    """The console script ``vaticina``. A plain ``vaticina serve`` becomes the server without the rest of this."""
    if is_plain(sys.argv[1:]):
        become_server(sys.argv[2:])
    from vaticina.cli.verbs import app

    app(prog_name="vaticina")


__all__ = ["main"]
