"""The projects of ``tests/artefacts``: where they are, how a copy is served, and how its answers are compared."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.clinic import served
from vaticina.api.server import create_app

ARTEFACTS = Path(__file__).parents[1] / "artefacts"

ANSWERS = "answers.json"
"""The file of a project with what each of its versions answered: ``{version: [{"input": row, "answer": answer}]}``."""

PROJECTS = sorted(file.parent.name for file in ARTEFACTS.glob("projects/*/project.toml"))

MOMENTARY = ("id", "when")
"""Fields that are new in each answer."""


def manifests(project: str) -> dict[str, dict[str, Any]]:
    """The manifests of ``project`` as they lie on disk, by version, the oldest first."""
    files = sorted(ARTEFACTS.glob(f"projects/{project}/.vaticina/registry/{project}/versions/*/manifest.json"))
    return {file.parent.name: json.loads(file.read_bytes()) for file in files}


def copied(project: str, place: Path) -> Path:
    """A copy of the folder of ``project`` in ``place``, which may be changed."""
    return Path(shutil.copytree(ARTEFACTS / "projects" / project, place / project))


def answers(folder: Path, rows: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The version that the server of ``folder`` answers with, and its answers to ``rows``, sent one by one."""
    version, found = "", []
    with served(create_app(folder)) as port:
        for row in rows:
            response = httpx.post(f"http://127.0.0.1:{port}/predict", json=row, timeout=60)
            assert response.status_code == 200, response.text
            version = response.headers["Vaticina-Version"]
            found.append({name: value for name, value in response.json().items() if name not in MOMENTARY})
    return version, found


def assert_same(found: Any, expected: Any) -> None:
    """Texts, whole numbers and structure must be equal, and decimal numbers to six digits."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert_same(found[name], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, value in zip(found, expected, strict=True):
            assert_same(one, value)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)
    else:
        assert found == expected
