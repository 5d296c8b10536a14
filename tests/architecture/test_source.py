"""The architecture holds in the source as it stands."""

from pathlib import Path

from tests.architecture.rules import broken
from tests.architecture.source import read_source

PACKAGE = Path(__file__).parents[2] / "src" / "vaticina"


def test_source_keeps_the_architecture() -> None:
    assert "\n".join(map(str, broken(read_source(PACKAGE)))) == ""


def test_source_was_read() -> None:
    modules = read_source(PACKAGE).modules
    assert {"vaticina", "vaticina.errors", "vaticina.contract", "vaticina.contract.contract"} <= modules.keys()
    assert len(modules["vaticina.contract.validator"].imports) > 5
