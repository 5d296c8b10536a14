"""What two other scanners of pickles say of the list and of hostile pickles: picklescan, by names, and fickling."""

import io
import warnings
from pathlib import Path

import pytest
from fickling.analysis import Severity, check_safety
from fickling.fickle import Pickled
from picklescan.scanner import SafetyLevel, scan_pickle_bytes

from tests.compat.old_versions import ARTEFACTS
from tests.pickles.hostile import HOSTILE, register_extension
from vaticina.errors import PickleRefused
from vaticina.pickles.allowlist import ALIASES, NAMES
from vaticina.pickles.audit import load_pickle

HELD_BY_RULES = {"__builtin__.getattr", "builtins.getattr", "functools.partial"}
"""Names of the list that picklescan calls dangerous. A pickle's getattr is answered by a stand-in, which reads nothing,
and a partial may hold ``check_array`` alone."""


def dangerous_names(data: bytes) -> set[str]:
    """The names in a pickle that picklescan calls dangerous."""
    names = set()
    for imported in scan_pickle_bytes(io.BytesIO(data), "model.pkl").globals:
        if imported.safety == SafetyLevel.Dangerous:
            names.add(f"{imported.module}.{imported.name}")
    return names


def is_malicious(data: bytes) -> bool:
    """Whether fickling calls a pickle likely malicious. It calls every import from outside Python unsafe."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            severity = check_safety(Pickled.load(io.BytesIO(data))).severity
        except Exception:  # what it cannot read, it has no opinion on
            return False
    return bool(severity >= Severity.LIKELY_OVERTLY_MALICIOUS)


def test_no_name_of_the_list_is_dangerous_but_those_that_rules_hold() -> None:
    dangerous = set()
    for name in {*NAMES, *ALIASES}:
        module, _, last = name.rpartition(".")
        dangerous |= dangerous_names(f"c{module}\n{last}\n.".encode())
    assert dangerous == HELD_BY_RULES


@pytest.mark.parametrize("file", sorted(ARTEFACTS.rglob("*.pkl")), ids=lambda file: str(file.relative_to(ARTEFACTS)))
def test_what_people_saved_is_not_called_dangerous(file: Path) -> None:
    assert dangerous_names(file.read_bytes()) <= HELD_BY_RULES


def test_what_either_calls_dangerous_is_refused(tmp_path: Path) -> None:
    register_extension()
    called_dangerous = 0
    for name, hostile in HOSTILE.items():
        data = hostile.build(tmp_path / "canary")
        if dangerous_names(data) or is_malicious(data):
            called_dangerous += 1
            with pytest.raises(PickleRefused):
                load_pickle(data, name)
    assert called_dangerous > 30, "both scanners still have opinions"
