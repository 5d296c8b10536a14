"""What holds for the repository as a whole: no host of a registry, one version, a lock in step, a short README."""

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
LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
LISTINGS = ROOT / "src" / "vaticina" / "examples" / "listings"
PINS = {
    canonicalize_name(name): Version(pin) for name, pin in re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCK, re.MULTILINE)
}

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
PLACES = ["/".join(["", "work", folder]) for folder in ("main", "shared")]
"""Where one machine keeps its checkout: nothing of ours knows it."""


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


@pytest.mark.parametrize("lock", ["lock.txt", "uv.txt", "poetry.txt"])
def test_every_pin_has_a_hash(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    entries = [entry for entry in text.replace("\\\n", " ").splitlines() if entry and not entry.startswith("#")]
    assert entries
    assert [entry[:40] for entry in entries if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_there_is_one_version() -> None:
    headings = re.findall(r"^## \[?([\w.]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert PROJECT["version"] == vaticina.__version__ == headings[0]


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
    assert re.findall(r"^make (\w+)$", script.read_text(encoding="utf-8"), re.MULTILINE) == ["setup", "test"]


@pytest.mark.parametrize("verb", ["setup", "run", "test", "check", "format", "lock", "bench", "clean"])
def test_make_has_the_verb(verb: str) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{verb}:", text, re.MULTILINE)
    assert re.search(rf"^\.PHONY:.*\b{verb}\b", text, re.MULTILINE)


GZIP = "\\x1f\\x8b"
"""How a name begins that pytest made of a gzip file, which holds the time it was made."""


def test_no_test_is_named_by_the_moment(request: pytest.FixtureRequest) -> None:
    """Two processes of one run must find the same names."""
    assert [item.nodeid for item in request.session.items if GZIP in item.nodeid] == []
