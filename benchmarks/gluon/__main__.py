"""listings as the original served it, and as Vaticina does: `python -m benchmarks.gluon`."""

from benchmarks.bars import GLUON
from benchmarks.contenders import ROOT, Builder
from benchmarks.gluon import builders
from benchmarks.gluon.health import healths
from benchmarks.session import main

BUILDERS: dict[str, Builder] = {
    "original": builders.original,
    "persisted": builders.persisted,
    "worker": builders.worker,
    "compiled": builders.compiled,
}

PAGE = ROOT / "docs" / "explanation" / "gluon.md"

if __name__ == "__main__":
    main(BUILDERS, GLUON, "gluon", __doc__, PAGE, healths)
