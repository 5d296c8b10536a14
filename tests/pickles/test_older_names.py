"""Names under which older versions of scikit-learn wrote what is on the list."""

import pytest

from tests.pickles.opcodes import call, named, plain, whole
from vaticina.errors import PickleRefused
from vaticina.pickles.allowlist import LOSSES
from vaticina.pickles.examine import examine

CHECKSUM = plain(0x0D41EB0D)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("module", ["_loss", "sklearn._loss._loss"])
def test_a_loss_is_known_with_its_package_and_without(module: str, name: str) -> None:
    """As 1.1 to 1.3 rebuild them, and as 1.4 to 1.8 name their module."""
    rebuilt = call(named(module, f"__pyx_unpickle_{name}"), named(module, name), CHECKSUM, b")")
    assert f"{module}.{name}" in examine(whole(rebuilt), "model.pkl").names


@pytest.mark.parametrize(
    "data",
    [
        call(named("_loss", "__pyx_unpickle_CyHuberLoss"), named("builtins", "object"), CHECKSUM, b")"),
        call(named("_loss", "system")),
        call(named("_loss", "CyHalfSquaredError"), plain(1)),
    ],
    ids=["of another class", "another name", "with arguments"],
)
def test_nothing_else_comes_in_by_the_short_name(data: bytes) -> None:
    with pytest.raises(PickleRefused):
        examine(whole(data), "model.pkl")
