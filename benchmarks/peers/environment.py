"""A virtual environment per peer, installed on first use from its pinned requirements."""

import shutil
import sys
from pathlib import Path

from benchmarks.contenders import FLOORS, ROOT, prepare

HOME = ROOT / ".bench"
_REQUIREMENTS = Path(__file__).parent / "requirements"


def installed(peer: str) -> Path:
    """The folder of a peer's executables; a change in its requirements installs them again.

    Raises:
        SystemExit: the installation failed; the installer's words are shown.
    """
    folder = HOME / peer
    wanted, done = _REQUIREMENTS / f"{peer}.txt", folder / "requirements.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        print(f"installing {peer} into {folder} …", flush=True)
        _install(folder, wanted)
        shutil.copyfile(wanted, done)
    return folder / "bin"


def _install(folder: Path, wanted: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    uv = str(Path(sys.executable).parent / "uv")
    prepare(uv, "venv", "--clear", "--python", sys.executable, str(folder), folder=folder.parent)
    prepare(uv, "pip", "sync", "--python", str(folder / "bin" / "python"), str(wanted), folder=folder.parent)


def model_of(peer: Path, folder: Path) -> str:
    """The one model that every contender serves, made with the peer's own libraries; returns its file."""
    file = str(folder / "model.joblib")
    prepare(str(peer / "python"), str(FLOORS / "model.py"), file, folder=folder)
    return file
