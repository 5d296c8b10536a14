"""What holds for the repository as a whole: no host of a registry, one version, a lock in step, a short README."""

import ast
import math
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import vaticina

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LOCKS = {
    name: (ROOT / "requirements" / name).read_text(encoding="utf-8")
    for name in ("lock.txt", "run.txt", "uv.txt", "poetry.txt")
}
PIN = re.compile(r"^([\w.-]+)==([^ ;\\]+)", re.MULTILINE)
PINS = {canonicalize_name(name): Version(pin) for name, pin in PIN.findall(LOCKS["lock.txt"])}
LISTINGS = ROOT / "src" / "vaticina" / "examples" / "listings"

HOSTS = [
    ".".join(parts)
    for parts in [  # taken apart, so that this file does not name them either
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("yarnpkg", "com"),
        ("anaconda", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("rubygems", "org"),
        ("maven", "org"),
        ("deb", "debian", "org"),
        ("debian", "net"),
        ("archive", "ubuntu", "com"),
        ("security", "ubuntu", "com"),
        ("launchpad", "net"),
    ]
]
PLACES = ["/".join(place) for place in [("", "work", "main"), ("", "work", "shared"), ("..", "shared")]]
"""Where one machine keeps its checkout, and what stands beside it: nothing of ours knows them."""

HEADING = re.compile(r"^- \*\*(\w+)\*\*: .", re.MULTILINE)

LARGEST = 25_000_000
"""Bytes of all files that git keeps."""


@pytest.fixture(scope="module")
def committed() -> dict[str, bytes]:
    """Every file that git keeps, by name, with its bytes."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    return {name: (ROOT / name).read_bytes() for name in names}


@pytest.mark.parametrize("needle", HOSTS + PLACES)
def test_no_file_names_a_registry_host_or_a_machine(committed: dict[str, bytes], needle: str) -> None:
    assert [name for name, data in committed.items() if needle.encode() in data] == []


def test_the_files_were_found(committed: dict[str, bytes]) -> None:
    assert {"pyproject.toml", "requirements/lock.txt", "src/vaticina/errors.py", ".ci/run"} <= committed.keys()


def height(node: ast.expr, root: int) -> float:
    """How many folders above its own file a path leads, where ROOT leads ``root``; -inf if it begins elsewhere."""
    match node:
        case ast.Call(func=ast.Name(id="Path"), args=[ast.Name(id="__file__")]):
            return 0
        case ast.Name(id="ROOT"):
            return root
        case ast.Call(func=ast.Attribute(value=path, attr="resolve")):
            return height(path, root)
        case ast.Attribute(value=path, attr="parent"):
            return height(path, root) + 1
        case ast.Subscript(value=ast.Attribute(value=path, attr="parents"), slice=ast.Constant(value=int(above))):
            return height(path, root) + above + 1
        case ast.BinOp(left=path, op=ast.Div(), right=ast.Constant(value=str(name))) if name.startswith(".."):
            return height(path, root) + 1
    return -math.inf


def leaves(name: str, code: str) -> bool:
    """Whether the file ``name`` of the repository leads to a folder above the repository, which no clone has."""
    root = len(Path(name).parts)
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.expr)]
    return any(height(node, root) > root for node in nodes)


def test_nothing_reads_what_stands_beside_the_checkout(committed: dict[str, bytes]) -> None:
    python = {name: data.decode() for name, data in committed.items() if name.endswith(".py")}
    assert [name for name, code in python.items() if leaves(name, code)] == []


@pytest.mark.parametrize(
    ("code", "outside"),
    [
        ("Path(__file__).parents[1]", False),
        ("Path(__file__).resolve().parent.parent", False),
        ("Path(__file__).parents[2]", True),
        ("Path(__file__).resolve().parent.parent.parent", True),
        ("Path(__file__).parent.parents[1] / 'data'", True),
        ("ROOT / 'tests'", False),
        ("folder.parent.parent.parent", False),
        ("(ROOT.parent / 'data').is_dir()", True),
        ("ROOT / '..' / 'data'", True),
        ("open(ROOT / '../data')", True),
    ],
)
def test_a_path_that_leaves_the_checkout_is_seen(code: str, outside: bool) -> None:
    assert leaves("tests/test_it.py", code) == outside


def test_a_clone_is_small(committed: dict[str, bytes]) -> None:
    assert sum(map(len, committed.values())) <= LARGEST


def test_every_table_says_where_it_is_from_and_under_which_licence(committed: dict[str, bytes]) -> None:
    folders = {"/".join(Path(name).parts[:3]) for name in committed if name.startswith("tests/data/")}
    texts = {folder: committed.get(f"{folder}/SOURCE.md", b"").decode() for folder in folders}
    assert [folder for folder, text in texts.items() if not {"Source", "Licence"} <= set(HEADING.findall(text))] == []


def dependencies() -> list[Requirement]:
    """All that pyproject.toml asks for, but for our own extras."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    groups += PYPROJECT["dependency-groups"].values()
    found = [Requirement(text) for group in groups for text in group]
    return [requirement for requirement in found if requirement.name != PROJECT["name"]]


@pytest.mark.parametrize("requirement", dependencies(), ids=str)
def test_the_lock_is_in_step_with_what_is_asked_for(requirement: Requirement) -> None:
    pin = PINS.get(canonicalize_name(requirement.name))
    assert pin, f"{requirement.name} is not in requirements/lock.txt; run 'make lock'"
    assert pin in requirement.specifier, f"{requirement} is locked at {pin}; run 'make lock'"


def test_the_demo_is_installed_at_the_pins_of_the_lock() -> None:
    """So that whoever runs the demo first and the tests later has one environment."""
    assert set(PIN.findall(LOCKS["run.txt"])) <= set(PIN.findall(LOCKS["lock.txt"]))


def locked_for_listings() -> dict[str, Version]:
    """The pins of the example that has a lock of Poetry's."""
    lock = tomllib.loads((LISTINGS / "poetry.lock").read_text(encoding="utf-8"))
    return {canonicalize_name(package["name"]): Version(package["version"]) for package in lock["package"]}


def dependencies_of_listings() -> list[Requirement]:
    """All that Vaticina asks for with the extras that the example names."""
    (vaticina,) = tomllib.loads((LISTINGS / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    extras = Requirement(vaticina).extras
    groups = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in sorted(extras))]
    return [Requirement(text) for group in groups for text in group]


@pytest.mark.parametrize("requirement", dependencies_of_listings(), ids=str)
def test_the_lock_of_listings_is_in_step_with_what_is_asked_for(requirement: Requirement) -> None:
    pin = locked_for_listings().get(canonicalize_name(requirement.name))
    assert pin, f"{requirement.name} is not in poetry.lock; run 'make lock'"
    assert pin in requirement.specifier, f"{requirement} is locked at {pin}; run 'make lock'"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = [entry for entry in LOCKS[lock].replace("\\\n", " ").splitlines() if entry and not entry.startswith("#")]
    assert entries
    assert [entry[:40] for entry in entries if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_there_is_one_version() -> None:
    """What is not released yet stands above it in the changelog."""
    released = re.findall(r"^## \[?(\d[\w.]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert PROJECT["version"] == vaticina.__version__ == released[0]


@pytest.mark.parametrize("name", ["README.md", "README.es.md"])
def test_a_readme_is_short(name: str) -> None:
    file = ROOT / name
    assert not file.exists() or len(file.read_text(encoding="utf-8").split()) <= 600


def test_the_licence_is_mit() -> None:
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert PROJECT["license"] == "MIT"


def test_python_is_the_documented_one_or_newer() -> None:
    assert PROJECT["requires-python"] == ">=3.11"
    assert PYPROJECT["tool"]["mypy"]["python_version"] == "3.11"


def test_pyproject_is_one_that_poetry_reads() -> None:
    """Poetry 2 installs any project with PEP 621 metadata and a PEP 517 back-end; a table of its own is not needed."""
    assert {"name", "version", "description", "readme", "requires-python", "dependencies"} <= PROJECT.keys()
    assert PYPROJECT["build-system"].keys() >= {"requires", "build-backend"}
    assert "dynamic" not in PROJECT


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("fastapi", "0.104"),
        ("pydantic", "2.0"),
        ("sqlalchemy", "2.0"),
        ("uvicorn", "0.24"),
        ("joblib", "1.5"),
        ("numpy", "2.0"),
        ("scikit-learn", "1.7"),
        ("pytest", "9.0"),
    ],
)
def test_the_lock_holds_the_documented_stack_or_newer(name: str, least: str) -> None:
    assert PINS[canonicalize_name(name)] >= Version(least)


def test_ci_calls_the_same_verbs_as_people() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    verbs = re.findall(r"^make ([\w-]+)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert verbs == ["system", "check", "test", "test-system"]


@pytest.mark.parametrize(
    "verb", ["setup", "system", "run", "test", "test-system", "check", "format", "lock", "bench", "clean"]
)
def test_make_has_the_verb(verb: str) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{verb}:", text, re.MULTILINE)
    assert re.search(rf"^\.PHONY:.*\b{verb}\b", text, re.MULTILINE)


GZIP = "\\x1f\\x8b"
"""How a name begins that pytest made of a gzip file, which holds the time it was made."""


def test_no_test_is_named_by_the_moment(request: pytest.FixtureRequest) -> None:
    """Two processes of one run must find the same names."""
    assert [item.nodeid for item in request.session.items if GZIP in item.nodeid] == []
