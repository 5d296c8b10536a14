"""The pickle audit and the reading of foreign versions could leave this package: they import nothing else of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import vaticina
from tests.architecture.source import Source, read_source

SOURCE = read_source(Path(vaticina.__file__).parent)

ALLOWED: Mapping[str, frozenset[str]] = {
    "pickles": frozenset({"vaticina.audits", "vaticina.errors", "vaticina.pickles"}),
    "foreign": frozenset(
        {"vaticina.audits", "vaticina.errors", "vaticina.exact", "vaticina.foreign", "vaticina.pickles"}
    ),
}
"""Package -> the modules and packages of ours that it may import, directly or through one of them."""


def forbidden_imports(source: Source, package: str) -> set[str]:
    """Each import that leads out of ``package`` to a module it may not have: "importing module -> imported module".

    What ``vaticina.errors`` itself imports is not looked at.
    """
    waiting = [module.name for module in source.modules.values() if module.part == package]
    checked: set[str] = set()
    forbidden: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in checked or name == "vaticina.errors":
            continue
        checked.add(name)
        for imported in imported_modules(source, name):
            if is_within(imported, ALLOWED[package]):
                waiting.append(imported)
            else:
                forbidden.add(f"{name} -> {imported}")
    return forbidden


def imported_modules(source: Source, name: str) -> set[str]:
    """The modules of ours that the module ``name`` imports, anywhere in its text."""
    modules: set[str] = set()
    for line in source.modules[name].imports:
        module = source.module_of(line.target)
        if module is not None:
            modules.add(module.name)
    return modules


def is_within(name: str, packages: frozenset[str]) -> bool:
    """Whether the module ``name`` is one of ``packages`` or stands in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("package", ALLOWED)
def test_it_imports_nothing_else_of_ours(package: str) -> None:
    assert forbidden_imports(SOURCE, package) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from vaticina.contract import Contract",
        "import vaticina.contract.fields",
        "from vaticina import settings",
        "from ..contract import Contract",
        "def late() -> None:\n    from vaticina.contract import Contract",
    ],
)
def test_an_import_of_the_contract_is_found(tmp_path: Path, line: str) -> None:
    files = {
        "__init__.py": "",
        "settings.py": "",
        "contract/__init__.py": "",
        "contract/fields.py": "",
        "pickles/__init__.py": "",
        "pickles/audit.py": line,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (forbidden,) = forbidden_imports(read_source(tmp_path), "pickles")
    assert forbidden.startswith("vaticina.pickles.audit -> vaticina.")


def test_the_other_interpreters_script_imports_nothing_of_ours() -> None:
    """It runs where this package is not installed."""
    assert imported_modules(SOURCE, "vaticina.foreign.script") == set()
