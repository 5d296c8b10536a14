"""The projects that come with Vaticina, copied to where people can change them."""

import shutil
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

import tomlkit

from vaticina.contract import load_project
from vaticina.contract.project import PROJECT_FILE
from vaticina.errors import ProjectError

STALE = shutil.ignore_patterns("__pycache__", ".vaticina", "*.db", "*.db-*")
"""What a project leaves behind when it runs."""


def bundled() -> dict[str, Traversable]:
    """The examples' folders, by name."""
    found = files("vaticina").joinpath("examples")
    folders = sorted(found.iterdir(), key=lambda entry: entry.name) if found.is_dir() else []
    return {folder.name: folder for folder in folders if folder.joinpath(PROJECT_FILE).is_file()}


def copy_example(example: str, name: str, folder: Path) -> None:
    """Copies ``example`` into ``folder``, as a project called ``name``. Raises ProjectError."""
    known = bundled()
    if example not in known:
        raise ProjectError(f"No example is called {example!r}; there are: {', '.join(known) or 'none'}.")
    if folder.is_dir() and any(folder.iterdir()):
        raise ProjectError(f"{folder} is not empty; choose another name or another --folder.")
    try:
        with as_file(known[example]) as source:
            shutil.copytree(source, folder, ignore=STALE, dirs_exist_ok=True)
        if name != example:
            _rename(folder / PROJECT_FILE, name)
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from None
    load_project(folder)


def _rename(file: Path, name: str) -> None:
    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    document["project"]["name"] = name
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
