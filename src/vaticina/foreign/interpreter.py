"""Files that only another version can read: opened there, rebuilt here."""

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
from vaticina.foreign import script as foreign_script
from vaticina.foreign.description import Description
from vaticina.foreign.environment import Environment
from vaticina.foreign.rebuild import rebuilt
from vaticina.pickles.allowlist import OBJECTS

SECONDS = 1_200
"""How long the other interpreter may take for one job."""

CLEAN = {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""All of the environment that it sees: no credentials, no settings."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Audited files (name -> one plain pickle) and the environment of their versions.

    ``listing`` holds the ``names`` that may be imported, and ``aliases`` of some. Every method starts the interpreter
    anew.
    """

    files: Mapping[str, bytes]
    environment: Environment
    listing: Mapping[str, object]

    def objects(self) -> dict[str, Any]:
        """The object in each file, made of the versions installed here.

        Raises:
            PickleRefused: the other interpreter refuses a file.
            ImportRefused: it fails, or what it says cannot be rebuilt.
            MissingExtra: a library of the model is not installed here.
        """
        with self._ran(None, None) as out:
            description = Description(out)
            return {name: rebuilt(description, name) for name in self.files}

    def answers(self, ask: Mapping[str, Any], columns: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the original answers to rows, given as ``columns``: of doubles, or of texts with None for a missing one.

        Raises PickleRefused and ImportRefused.
        """
        with self._ran(ask, columns) as out:
            try:
                with np.load(out / "outputs.npz", allow_pickle=False) as found:
                    return {name: found[name] for name in found.files}
            except (OSError, ValueError) as error:
                raise ImportRefused(f"The original's answers cannot be read: {error}.") from None

    @contextmanager
    def _ran(self, ask: Mapping[str, Any] | None, columns: Sequence[NDArray[Any]] | None) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="vaticina-isolated-") as name:
            folder = Path(name)
            job = {
                **self.listing,
                "files": [self._written(folder, at, *pair) for at, pair in enumerate(self.files.items())],
                "estimators": sorted(OBJECTS),
                "rows": None if columns is None else _written_rows(folder, columns),
                "ask": ask,
                "out": name,
            }
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            self._run(folder)
            yield folder

    def _written(self, folder: Path, at: int, name: str, data: bytes) -> dict[str, str]:
        path = folder / f"file{at}"
        path.write_bytes(data)
        return {"name": name, "path": str(path), "sha256": hashlib.sha256(data).hexdigest()}

    def _run(self, folder: Path) -> None:
        script = foreign_script.__file__
        command = [str(self.environment.python), "-I", "-B", script, str(folder / "job.json")]
        try:
            ran = subprocess.run(  # noqa: S603 -- our own script, in the environment made for it
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
        if ran.returncode == foreign_script.REFUSED:
            raise PickleRefused(f"{_last(ran.stderr)}.")
        if ran.returncode:
            raise ImportRefused(
                f"The isolated interpreter (Python {self.environment.version}, {', '.join(self.environment.pins)}) "
                f"failed: {_last(ran.stderr) or f'exit code {ran.returncode}'}"
            )


def _last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:1_000]


def _written_rows(folder: Path, columns: Sequence[NDArray[Any]]) -> str:
    """Writes the rows as ``c0``, ``c1``, …, and which of a text column's are missing as ``m0``, …"""
    arrays: dict[str, NDArray[Any]] = {}
    for at, column in enumerate(columns):
        if column.dtype.kind != "O":
            arrays[f"c{at}"] = column
            continue
        missing = np.array([value is None for value in column])
        arrays[f"c{at}"] = np.array(["" if value is None else str(value) for value in column], dtype=np.str_)
        arrays[f"m{at}"] = missing
    path = folder / "rows.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return str(path)
