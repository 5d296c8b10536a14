"""The command line: one file per noun, one thin function per verb; a verb's module is imported only when it runs."""

from vaticina.cli.verbs import app


def main() -> None:
    """The console script ``vaticina``."""
    app(prog_name="vaticina")


__all__ = ["app", "main"]
