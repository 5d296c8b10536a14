"""The packages that servers import are light: what trains, compiles or opens files is imported when it is needed."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
ROOMS = [SOURCE / "vaticina" / name for name in ("datasets", "tasks", "formats")]
FILES = sorted(file for room in ROOMS for file in (room / "__init__.py", *room.glob("*/__init__.py")))

HEAVY = {
    *("sklearn", "pandas", "scipy", "joblib", "onnx", "skl2onnx", "lightgbm", "xgboost", "autogluon", "skops"),
    *("yaml", "typer", "rich", "alembic", "mlflow", "matplotlib"),
}

IMPORTS = """
import importlib, json, sys
loaded = {}
for package in sys.argv[1:]:
    importlib.import_module(package)
    loaded[package] = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps(loaded))
"""


def package(file: Path) -> str:
    return ".".join(file.parent.relative_to(SOURCE).parts)


def test_importing_a_room_or_one_of_its_packages_loads_no_heavy_library() -> None:
    packages = list(map(package, FILES))
    assert {"vaticina.tasks.window", "vaticina.formats.autogluon"} <= set(packages)
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTS, *packages], capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    for name, modules in json.loads(ran.stdout).items():
        assert HEAVY.isdisjoint(modules), f"{name} loads {sorted(HEAVY.intersection(modules))}"


@pytest.mark.parametrize("file", FILES, ids=package)
def test_no_module_hides_a_function_of_its_package(file: Path) -> None:
    """Python sets a package's attribute to a module of that name once it is imported: the function would be gone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    modules = {module.stem for module in file.parent.glob("*.py")}
    packages = {inner.parent.name for inner in file.parent.glob("*/__init__.py")}
    assert functions.isdisjoint(modules | packages)
