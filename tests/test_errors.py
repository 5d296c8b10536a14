"""One tree of errors: every class is drawn, titled in every language, documented, and told apart by its code."""

import ast
import re
from pathlib import Path

import pytest

from vaticina import errors
from vaticina.contract.messages import LANGUAGES, TITLES, VIOLATIONS
from vaticina.errors import ContractViolation, PredictionFailed, QueueFull, RequestError, VaticinaError

ROOT = Path(__file__).parents[1]
CLASSES = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, VaticinaError)]
REFERENCE = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")

every_class = pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)


def drawn() -> list[tuple[int, str, int, str]]:
    """Depth, name, status and code of each line of the tree in the module's docstring."""
    line = re.compile(r"^ {4}(?P<branch>[│├└─ ]*)(?P<name>\w+) +(?P<status>\d{3}) (?P<code>\w+)$", re.MULTILINE)
    found = line.finditer(errors.__doc__ or "")
    return [(len(m["branch"]) // 4, m["name"], int(m["status"]), m["code"]) for m in found]


def declared(error: type[VaticinaError] = VaticinaError, depth: int = 0) -> list[tuple[int, str, int, str]]:
    below = [item for child in CLASSES if child.__base__ is error for item in declared(child, depth + 1)]
    return [(depth, error.__name__, error.status, error.code), *below]


def test_the_tree_is_drawn_as_it_is() -> None:
    assert sorted(drawn()) == sorted(declared())


def test_the_drawing_hangs_each_class_below_its_parent() -> None:
    parents: list[str] = []
    for depth, name, _, _ in drawn():
        parents[depth:] = [name]
        expected = vars(errors)[name].__base__.__name__ if depth else None
        assert (parents[depth - 1] if depth else None) == expected


def test_every_code_is_one_class() -> None:
    codes = [error.code for error in CLASSES]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z][a-z_]*[a-z]", code) for code in codes)


def test_the_catalogue_holds_the_codes_and_no_other() -> None:
    assert {error.code for error in CLASSES} == TITLES.keys()


@every_class
def test_an_error_has_a_title_in_every_language(error: type[VaticinaError]) -> None:
    assert TITLES[error.code].keys() == set(LANGUAGES)


@every_class
def test_an_error_is_documented_with_its_status_and_class(error: type[VaticinaError]) -> None:
    assert f"\n### {error.code}\nStatus {error.status}, `{error.__name__}`. " in REFERENCE


def test_the_reference_documents_nothing_else() -> None:
    assert set(re.findall(r"^### (\w+)$", REFERENCE, re.MULTILINE)) == {error.code for error in CLASSES}
    assert re.findall(r"^\| `(\w+)` \|", REFERENCE, re.MULTILINE) == list(VIOLATIONS)


@every_class
def test_a_docstring_is_the_message_when_none_is_given(error: type[VaticinaError]) -> None:
    made = error([]) if issubclass(error, ContractViolation) else error()
    assert made.message == error.__doc__ == str(made)
    assert re.fullmatch(r"[A-Z].+\.", made.message)


@every_class
def test_a_message_that_is_given_is_the_message(error: type[VaticinaError]) -> None:
    made = error([], "x is 5.") if issubclass(error, ContractViolation) else error("x is 5.")
    assert made.message == "x is 5."


@every_class
def test_a_status_is_an_error_of_the_caller_or_of_the_server(error: type[VaticinaError]) -> None:
    assert 400 <= error.status < 600
    assert not issubclass(error, RequestError) or error.status < 500


def test_details_go_into_the_problem() -> None:
    assert VaticinaError().details == {}
    assert ContractViolation([{"field": "x"}]).details == {"errors": [{"field": "x"}]}
    assert PredictionFailed(row=3).details == {"row": 3}
    assert PredictionFailed().details == {}
    assert QueueFull.retry_after >= 1


def test_errors_are_declared_in_one_module() -> None:
    names = {error.__name__ for error in CLASSES}
    source = ROOT / "src" / "vaticina"
    elsewhere = [
        f"{file.relative_to(source)}:{node.lineno} {node.name}"
        for file in source.rglob("*.py")
        if file.name != "errors.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and names & {base.id for base in node.bases if isinstance(base, ast.Name)}
    ]
    assert elsewhere == []
