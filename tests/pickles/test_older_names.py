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


@pytest.mark.parametrize("made_by", [b"", named("numpy.random._pickle", "__bit_generator_ctor")], ids=["1.23", "1.24"])
def test_a_generator_of_numpy_1_is_known(made_by: bytes) -> None:
    examine(whole(call(named("numpy.random._pickle", "__randomstate_ctor"), plain("MT19937"), made_by)), "model.pkl")


def test_a_generator_of_other_bits_is_not() -> None:
    with pytest.raises(PickleRefused):
        examine(whole(call(named("numpy.random._pickle", "__randomstate_ctor"), plain("system"))), "model.pkl")
