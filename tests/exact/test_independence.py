"""Compilation and verification could stand in a house of their own: they import nothing of ours but the errors."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
EXACT = SOURCE / "vaticina" / "exact"

ALLOWED = ("vaticina.errors.", "vaticina.exact.")

LOADED = """
import sys
import vaticina.exact.session
print("\\n".join(sys.modules))
"""


def imports(file: Path) -> Iterator[str]:
    """The full names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name


def is_ours(name: str) -> bool:
    return name.partition(".")[0] == "vaticina"


def test_it_imports_nothing_of_ours_but_errors() -> None:
    files = sorted(EXACT.rglob("*.py"))
    assert EXACT / "verify.py" in files
    refused = []
    for file in files:
        for name in imports(file):
            if is_ours(name) and not f"{name}.".startswith(ALLOWED):
                refused.append(f"{file.relative_to(SOURCE)} imports {name}")
    assert refused == []


def test_its_package_imports_nothing() -> None:
    assert list(imports(EXACT / "__init__.py")) == []


def test_the_session_that_serving_loads_needs_numpy_and_onnxruntime_only() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    assert sorted(filter(is_ours, loaded)) == ["vaticina", "vaticina.exact", "vaticina.exact.session"]
    assert {"onnx", "sklearn", "scipy", "pandas"}.isdisjoint(loaded)
