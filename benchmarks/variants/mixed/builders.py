"""Who is measured with the second model: the floors, the service by hand, and Vaticina."""

import sys
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

from benchmarks import contenders
from benchmarks.contenders import VATICINA, Contender, count, prepare, serve, uvicorn
from benchmarks.variants.mixed.table import write_bodies, write_csv

_HERE = Path(__file__).parent


def bare(folder: Path) -> Contender:
    """The bare ASGI app, sent the second model's rows."""
    return replace(contenders.bare(folder), title="mixed: bare ASGI app (floor)", rows=_bodies(folder))


def fastapi(folder: Path) -> Contender:
    """A pydantic body and a constant answer."""
    return Contender("mixed: empty FastAPI handler", folder, uvicorn("floor_app:app", _HERE), rows=_bodies(folder))


def handwritten(folder: Path) -> Contender:
    """FastAPI, joblib, a pandas row, one insert a request."""
    table, model, database = folder / "data.csv", folder / "model.joblib", folder / "handwritten.db"
    write_csv(table)
    prepare(sys.executable, str(_HERE / "model.py"), str(table), str(model), folder=folder)
    return Contender(
        "mixed: hand-written",
        folder,
        uvicorn("handwritten_app:app", _HERE),
        {"MODEL": str(model), "DB": str(database)},
        rows=_bodies(folder),
        records=lambda: count(database, "predictions"),
    )


def mixed(folder: Path) -> Contender:
    """The second model as Vaticina trains and serves it."""
    project = folder / "mixed"
    project.mkdir()
    copyfile(_HERE / "project.toml", project / "project.toml")
    write_csv(project / "data.csv")
    prepare(VATICINA, "train", "mixed", folder=folder)
    return Contender(
        "Vaticina: mixed",
        folder,
        serve("mixed"),
        rows=_bodies(folder),
        records=lambda: count(project / ".vaticina" / "history.db", "predictions"),
    )


def _bodies(folder: Path) -> Path:
    file = folder / "bodies.jsonl"
    write_bodies(file)
    return file
