"""What the guides of the examples tell their readers to type."""

from pathlib import Path
from typing import NamedTuple

from tests.compat.terminal import ROOT, commands

GUIDES = ROOT / "docs" / "systems"

SERVERS = ("uvicorn ", "python servidor.py")


class Steps(NamedTuple):
    """The lines of a guide: ``install`` ends in an active environment, ``prepare`` makes and trains the project,
    ``serve`` starts its server, and ``ask`` is for another terminal."""

    install: list[str]
    prepare: list[str]
    serve: str
    ask: list[str]


def steps(example: str, page: Path | None = None) -> Steps:
    """The steps of the guide of ``example``; ``cd`` into the project is where the others are run."""
    lines = commands(page or GUIDES / f"{example}.md")
    made = lines.index(f"vaticina init {example} --example {example}")
    serve = next(at for at, line in enumerate(lines) if line.startswith(SERVERS))
    prepare = [line for line in lines[made:serve] if line != f"cd {example}"]
    return Steps(lines[:made], prepare, lines[serve], lines[serve + 1 :])
