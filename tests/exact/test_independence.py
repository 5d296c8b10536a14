"""Compilation and verification could stand in a house of their own: they import nothing of ours but the errors."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
EXACT = SOURCE / "vaticina" / "exact"

ALLOWED = ("vaticina.errors", "vaticina.exact")

LOADED = """
import sys
import vaticina.exact.session
print("\\n".join(sys.modules))
"""


def imports(file: Path) -> Iterator[str]:
    """The full names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_ours(name: str) -> bool:
    return name.partition(".")[0] == "vaticina"


def is_allowed(name: str) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in ALLOWED)


def test_it_imports_nothing_of_ours_but_errors() -> None:
    files = sorted(EXACT.rglob("*.py"))
    assert EXACT / "verify.py" in files
    foreign = {}
    for file in files:
        names = [name for name in imports(file) if is_ours(name) and not is_allowed(name)]
        if names:
            foreign[str(file.relative_to(SOURCE))] = names
    assert foreign == {}


def test_its_package_imports_nothing() -> None:
    assert list(imports(EXACT / "__init__.py")) == []


def test_the_session_that_serving_loads_needs_numpy_and_onnxruntime_only() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    ours = sorted(name for name in loaded if is_ours(name))
    assert ours == ["vaticina", "vaticina.exact", "vaticina.exact.session"]
    assert {"onnx", "sklearn", "scipy", "pandas"}.isdisjoint(loaded)
