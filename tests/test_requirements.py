"""Traceability: every requirement of the five documents is listed, and every proof that is named exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.requirements import FILE, ROOT, ROWS

SYSTEMS = {"S0": 43, "S1": 70, "S2": 43, "S3": 35, "S4": 75}
"""How many rows each document has."""

STEPS = {
    "Foundation": 49,
    "Fast path": 0,
    "Systems": 76,
    "Redesign": 0,
    "Models and tables": 0,
    "Reliability": 0,
    "Training": 0,
    "Trust": 8,
    "Operations": 65,
    "Life of a model": 36,
    "People": 31,
    "Many machines": 1,
}
"""The steps of the plan, in their order, and how many rows each builds. A step without rows of its own completes rows
of others, which are ``partly`` until then."""


def missing(proof: str, root: Path = ROOT) -> str | None:
    """Why ``proof`` is none: ``tests/file.py::test_name``, or ``docs/page.md#heading``."""
    path, _, name = proof.partition("::" if "::" in proof else "#")
    file = root / path
    if not name:
        return f"{proof} names no test and no heading"
    if not file.is_file():
        return f"{path} does not exist"
    if file.suffix == ".py":
        return None if name in _tests(file) else f"{path} has no test called {name}"
    return None if name in _anchors(file) else f"{path} has no heading #{name}"


@cache
def _tests(file: Path) -> frozenset[str]:
    """The test functions of ``file``."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@cache
def _anchors(file: Path) -> frozenset[str]:
    """The headings of a Markdown file, as links write them."""
    text = re.sub(r"^```.*?^```", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?) *#*$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_every_row_is_listed_once_and_in_order() -> None:
    assert list(ROWS) == [f"{system}-{at:02}" for system, count in SYSTEMS.items() for at in range(1, count + 1)]
    assert len(ROWS) == 266


def test_every_step_has_its_rows() -> None:
    assert {step: sum(row["step"] == step for row in ROWS.values()) for step in STEPS} == STEPS
    assert sum(STEPS.values()) == len(ROWS)


@pytest.mark.parametrize("key", ROWS)
def test_a_row_is_proved_or_waits_for_its_step(key: str) -> None:
    row = ROWS[key]
    proofs = row.get("proof", [])
    assert row.keys() - {"proof", "partly", "todo"} == {"what", "step"}
    assert row.get("todo", False) is not bool(proofs), "a row is either todo or has proofs"
    assert [fault for proof in proofs if (fault := missing(proof))] == []


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if "partly" in row])
def test_a_row_that_is_met_in_part_says_what_is_missing_and_which_step_brings_it(key: str) -> None:
    row = ROWS[key]
    assert row.get("proof"), "something is proved"
    assert row["partly"]
    assert row["partly"].keys() <= STEPS.keys() - set(FILE["finished"])
    for gap in row["partly"].values():
        assert re.fullmatch(r"[A-Z`].{10,}\.", gap), "a sentence"


def test_no_row_of_a_finished_step_is_todo() -> None:
    finished = FILE["finished"]
    assert set(finished) <= STEPS.keys()
    assert [key for key, row in ROWS.items() if row["step"] in finished and row.get("todo")] == []


@pytest.mark.parametrize(
    ("proof", "fault"),
    [
        ("tests/test_page.py::test_it", None),
        ("tests/test_page.py::test_later", None),
        ("tests/test_page.py::test_other", "has no test called test_other"),
        ("tests/test_page.py::helper", "has no test called helper"),
        ("tests/test_page.py", "names no test and no heading"),
        ("tests/test_gone.py::test_it", "does not exist"),
        ("docs/page.md#a-heading", None),
        ("docs/page.md#código-y-más", None),
        ("docs/page.md#not-a-heading", "has no heading #not-a-heading"),
        ("docs/page.md", "names no test and no heading"),
        ("docs/gone.md#a-heading", "does not exist"),
    ],
)
def test_a_proof_that_does_not_exist_is_noticed(tmp_path: Path, proof: str, fault: str | None) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests" / "test_page.py").write_text(
        "def helper(): ...\ndef test_it(): ...\nasync def test_later(): ...\n# def test_other(): ...\n"
    )
    (tmp_path / "docs" / "page.md").write_text(
        "# A heading\n\n```\n# Not a heading\n```\n\n## Código, y más\n", encoding="utf-8"
    )
    found = missing(proof, tmp_path)
    assert found is None if fault is None else fault in (found or "")
