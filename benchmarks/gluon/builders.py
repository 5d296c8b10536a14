"""Who is measured with listings: the original design, and Vaticina's two ways of serving one ensemble."""

import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.contenders import ROOT, Contender, count, prepare, serve, uvicorn

_HERE = Path(__file__).parent


@cache
def _published(root: Path) -> Path:
    """The folder in which everything was trained and published, once a run."""
    folder = Path(mkdtemp(prefix="gluon-", dir=root))
    prepare(sys.executable, "-m", "benchmarks.gluon.publish", str(folder), folder=ROOT)
    return folder


def original(folder: Path) -> Contender:
    """As it was written: the models are read anew for each prediction."""
    made = _published(folder.parent)
    return _original("original design: FastAPI + to_thread(predict)", folder, made, {})


def persisted(folder: Path) -> Contender:
    """The original with its models kept in memory."""
    made = _published(folder.parent)
    return _original("original design, models kept in memory", folder, made, {"PERSIST": "1"})


def _original(title: str, folder: Path, made: Path, more: dict[str, str]) -> Contender:
    environment = {"PREDICTOR": str(made / "predictor"), **more}
    return Contender(title, folder, uvicorn("original_app:app", _HERE), environment, rows=made / "bodies.jsonl")


def worker(folder: Path) -> Contender:
    """Batches over a pipe to a worker process; both processes on the server's core."""
    return _ours("Vaticina: worker process", _published(folder.parent), "worker")


def compiled(folder: Path) -> Contender:
    """The same ensemble as one graph."""
    return _ours("Vaticina: compiled", _published(folder.parent), "compiled")


def _ours(title: str, made: Path, form: str) -> Contender:
    return Contender(
        title,
        made,
        serve(form),
        rows=made / "bodies.jsonl",
        records=lambda: count(made / form / ".vaticina" / "history.db", "predictions"),
    )
