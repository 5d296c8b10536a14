"""Names under which older versions of scikit-learn wrote what is on the list."""

import pytest

from vaticina.errors import PickleRefused
from vaticina.pickles.allowlist import LOSSES
from vaticina.pickles.examine import examine

CHECKSUM = b"J\x0d\xeb\x41\x0d"


def named(module: str, name: str) -> bytes:
    """The opcodes that import ``module.name``."""
    return b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name)) + b"\x93"


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("module", ["_loss", "sklearn._loss._loss"])
def test_a_loss_is_known_with_its_package_and_without(module: str, name: str) -> None:
    """As 1.1 to 1.3 rebuild them, and as 1.4 to 1.8 name their module."""
    rebuilt = named(module, f"__pyx_unpickle_{name}") + named(module, name) + CHECKSUM + b")\x87R."
    found = examine(b"\x80\x04" + rebuilt, "model.pkl")
    assert f"{module}.{name}" in found.names


@pytest.mark.parametrize(
    "data",
    [
        named("_loss", "__pyx_unpickle_CyHuberLoss") + named("builtins", "object") + CHECKSUM + b")\x87R.",
        named("_loss", "system") + b")R.",
        named("_loss", "CyHalfSquaredError") + b"K\x01\x85R.",
    ],
    ids=["of another class", "another name", "with arguments"],
)
def test_nothing_else_comes_in_by_the_short_name(data: bytes) -> None:
    with pytest.raises(PickleRefused):
        examine(b"\x80\x04" + data, "model.pkl")
