"""A copy of the repository in another folder, and environments there, for tests that install Vaticina anew."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "src")
"""What a wheel is built from."""

UV = Path(sys.executable).with_name("uv")


def copy_sources(place: Path) -> Path:
    """The files of git that Vaticina is built from, as they are in this folder now, committed in a new repository."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *BUILT_FROM).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():  # else it was just removed
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    git(place, "init", "--quiet")
    git(place, "add", "--all")
    git(place, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", "all")
    return place


def git(folder: Path, *words: str) -> str:
    """What git prints in ``folder``."""
    command = ["git", "-c", "safe.directory=*", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def make_environment(place: Path, *options: str) -> Path:
    """The interpreter of a new virtual environment of this Python in ``place``."""
    command = [str(UV), "venv", "--quiet", "--no-project", "--python", sys.executable, *options, str(place)]
    subprocess.run(command, check=True)
    return place / "bin" / "python"


def index_url() -> str:
    """The package index that pip asks on this machine: its help tells the default, after its configuration."""
    command = [sys.executable, "-m", "pip", "install", "--help"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    match = re.search(r"--index-url .*?\(default\s+(\S+)\)", text, re.DOTALL)
    assert match, text
    return match[1].rstrip("/") + "/"
