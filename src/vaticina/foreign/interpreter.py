"""Runs an interpreter of other versions that reads a model's files, and rebuilds here what it describes."""

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.errors import ImportRefused, PickleRefused
from vaticina.foreign import script
from vaticina.foreign.description import ModelDescription
from vaticina.foreign.environment import Environment
from vaticina.foreign.rebuild import rebuild_object
from vaticina.pickles.allowlist import OBJECTS

SECONDS = 1_200
"""How long the other interpreter may take for one job, in seconds."""

CLEAN = {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""All environment variables that it sees: no credentials, no settings."""


@dataclass(frozen=True, slots=True)
class ForeignInterpreter:
    """The interpreter of ``environment``, which reads audited ``files`` (name -> one plain pickle).

    ``allowlist`` holds the ``names`` that may be imported, and ``aliases`` of some. Every method starts the interpreter
    anew.
    """

    files: Mapping[str, bytes]
    environment: Environment
    allowlist: Mapping[str, object]

    def objects(self) -> dict[str, Any]:
        """The object in each file, rebuilt with the versions installed here.

        Raises:
            PickleRefused: the other interpreter refuses a file.
            ImportRefused: it fails, or what it describes cannot be rebuilt.
            MissingExtra: a library of the model is not installed here.
        """
        with self._results() as folder:
            description = ModelDescription(folder)
            return {name: rebuild_object(description, name) for name in self.files}

    def answers(self, ask: Mapping[str, Any], columns: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the original model answers to rows: one array for each quantity.

        The rows are ``columns`` of numbers, or of texts with None or NaN for a missing one. ``ask`` says how the files'
        objects are asked: script.py has its keys.

        Raises PickleRefused and ImportRefused.
        """
        with self._results(ask, columns) as folder:
            try:
                with np.load(folder / "outputs.npz", allow_pickle=False) as outputs:
                    return dict(outputs)
            except (OSError, ValueError) as error:
                raise ImportRefused(f"The original's answers cannot be read: {error}.") from None

    @contextmanager
    def _results(
        self, ask: Mapping[str, Any] | None = None, columns: Sequence[NDArray[Any]] | None = None
    ) -> Iterator[Path]:
        """The folder with what the interpreter wrote, once it ended; it is removed afterwards."""
        with tempfile.TemporaryDirectory(prefix="vaticina-isolated-") as name:
            folder = Path(name)
            job = {
                **self.allowlist,
                "files": self._write_files(folder),
                "estimators": sorted(OBJECTS),
                "rows": None,
                "ask": ask,
                "out": name,
            }
            if columns is not None:
                job["rows"] = str(_write_rows(folder, columns))
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            self._run(folder)
            yield folder

    def _write_files(self, folder: Path) -> list[dict[str, str]]:
        """Writes the files, and gives the name, path and hash of each."""
        entries = []
        for number, (name, data) in enumerate(self.files.items()):
            path = folder / f"file{number}"
            path.write_bytes(data)
            entries.append({"name": name, "path": str(path), "sha256": hashlib.sha256(data).hexdigest()})
        return entries

    def _run(self, folder: Path) -> None:
        """Runs the job in ``folder``. Raises PickleRefused and ImportRefused."""
        command = [str(self.environment.python), "-I", "-B", script.__file__, str(folder / "job.json")]
        try:
            completed = subprocess.run(  # noqa: S603 -- our own script, in the environment made for it
                command,
                cwd=folder,
                env={**CLEAN, "HOME": str(folder)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise ImportRefused(f"The isolated interpreter did not end within {SECONDS // 60} minutes.") from None
        if completed.returncode == script.REFUSED:
            raise PickleRefused(f"{_last_line(completed.stderr)}.")
        if completed.returncode:
            raise ImportRefused(
                f"The isolated interpreter (Python {self.environment.version}, {', '.join(self.environment.pins)}) "
                f"failed: {_last_line(completed.stderr) or f'exit code {completed.returncode}'}; name other versions "
                "with --python and --with, or save the model as ONNX where it was made."
            )


def _last_line(text: str) -> str:
    """The last line of ``text``, cut short; empty when there is none."""
    return text.strip().rpartition("\n")[2][:1_000]


def _write_rows(folder: Path, columns: Sequence[NDArray[Any]]) -> Path:
    """Writes each column as an array ``c0``, ``c1``, …; of texts, ``m0``, … say which are None, ``n0``, … which NaN."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, column in enumerate(columns):
        if column.dtype.kind != "O":
            arrays[f"c{number}"] = column
            continue
        is_none = np.array([value is None for value in column], dtype=np.bool_)
        is_nan = np.array([value != value for value in column], dtype=np.bool_)
        arrays[f"c{number}"] = np.where(is_none | is_nan, "", column).astype(np.str_)
        arrays[f"m{number}"], arrays[f"n{number}"] = is_none, is_nan
    path = folder / "rows.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path
