"""Runs in an interpreter of another version: opens a model's files there, and gives back nothing but data.

Started as ``python -I foreign_script.py JOB.json``, it knows nothing of Vaticina and needs Python 3.7, numpy and the
libraries the model was made with. The job names the files (already audited by who starts it, and refused here when a
byte differs), the exact names that may be imported, rows to be answered, and a folder for the results.
Each file is one plain pickle: joblib's files were rewritten as such by the audit.


``objects.json``: what each file holds: plain values, and each fitted estimator as its class's name and attributes.
``arrays.npz``: the arrays of that description, end to end, one pool for each type.
``outputs.npz``: what the original answers to the job's rows.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import pickle
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

REFUSED = 3
"""The exit code when a file is refused; the reason is the last line on standard error."""

MOVED = {"numpy.core.multiarray": "numpy._core.multiarray", "numpy.core.numeric": "numpy._core.numeric"}
"""Modules under their names in numpy 1 -> in numpy 2."""

MEMORY = 8 * 2**30
SECONDS = 900
PLAIN = "biufcSU"


class Refusal(Exception):
    """Why a file is not opened."""


class Listed(pickle.Unpickler):
    """An unpickler that imports listed names only; ``aliases`` are other names of some of them."""

    def __init__(self, data: bytes, names: frozenset[str], aliases: dict[str, str]) -> None:
        super().__init__(io.BytesIO(data), fix_imports=False)
        self._names = names
        self._aliases = aliases

    def find_class(self, module: str, name: str) -> Any:
        """The object ``module.name``, wherever this version of its library keeps it."""
        full = module + "." + name
        if "." in name or self._aliases.get(full, full) not in self._names:
            raise Refusal("it wants " + full + ", not on the list of what a model needs")
        wanted = self._aliases.get(full, full).rpartition(".")
        for place in (wanted[0], module, *(old for old, new in MOVED.items() if new == wanted[0])):
            try:
                return super().find_class(place, wanted[2])
            except (ImportError, AttributeError):
                continue
        raise Refusal("it wants " + full + ", which the versions installed for it do not have")


def opened(file: dict[str, str], job: dict[str, Any]) -> Any:
    """The object in one file of the job."""
    data = Path(file["path"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != file["sha256"]:
        raise Refusal("it is not the file that was audited")
    return Listed(data, frozenset(job["names"]), job["aliases"]).load()


class Description:
    """Objects as JSON, their arrays aside."""

    def __init__(self, estimators: frozenset[str]) -> None:
        self._estimators = estimators
        self._pools: dict[str, list[Any]] = {}
        self._sizes: dict[str, int] = {}
        self._told: dict[int, int] = {}
        self._kept: list[Any] = []

    def arrays(self) -> dict[str, Any]:
        """The pools: one array for each type."""
        return {name: np.concatenate(parts) for name, parts in self._pools.items()}

    def told(self, value: Any) -> Any:
        """``value`` as JSON."""
        if value is None or isinstance(value, (bool, int, str)):
            return value
        for kind, tell in self._kinds():
            if isinstance(value, kind):
                return tell(value)
        name = _full_name(type(value))
        if name == "sklearn.tree._tree.Tree":
            return {"tree": self._tree(value)}
        if name == "lightgbm.basic.Booster":
            return {"booster": value.model_to_string(num_iteration=-1), "best": int(value.best_iteration)}
        if name in self._estimators:
            return self._estimator(value, name)
        return {"opaque": name}

    def _kinds(self) -> list[tuple[Any, Callable[[Any], Any]]]:
        return [
            (np.generic, lambda value: {"scalar": [value.dtype.str, self.told(value.item())]}),
            (float, lambda value: value if math.isfinite(value) else {"float": repr(value)}),
            (complex, lambda _: {"opaque": "builtins.complex"}),
            (np.ndarray, self._array),
            (list, lambda value: [self.told(one) for one in value]),
            (tuple, lambda value: {"tuple": [self.told(one) for one in value]}),
            ((set, frozenset), lambda value: {"set": [self.told(one) for one in value]}),
            (dict, lambda value: {"dict": [[self.told(key), self.told(one)] for key, one in value.items()]}),
            (slice, lambda value: {"slice": [self.told(one) for one in (value.start, value.stop, value.step)]}),
            (np.dtype, lambda value: {"dtype": value.str}),
            ((type, types.FunctionType, np.ufunc), lambda value: {"name": _full_name(value)}),
        ]

    def _array(self, value: Any) -> Any:
        if value.dtype.names:
            return {"fields": {name: self._array(value[name]) for name in value.dtype.names}}
        if value.dtype.kind == "O":
            return {"objects": [list(value.shape), [self.told(one) for one in value.ravel().tolist()]]}
        if value.dtype.kind not in PLAIN:
            return {"opaque": "numpy.ndarray of " + value.dtype.str}
        pool = value.dtype.newbyteorder("<").str if value.dtype.byteorder == ">" else value.dtype.str
        start = self._sizes.get(pool, 0)
        self._pools.setdefault(pool, []).append(np.ascontiguousarray(value, dtype=pool).ravel())
        self._sizes[pool] = start + value.size
        return {"array": [pool, start, list(value.shape)]}

    def _tree(self, tree: Any) -> Any:
        _, (features, classes, outputs), state = tree.__reduce__()
        told = {"features": int(features), "classes": self.told(np.asarray(classes)), "outputs": int(outputs)}
        return {**told, **{name: self.told(part) for name, part in state.items()}}

    def _estimator(self, value: Any, name: str) -> Any:
        if id(value) in self._told:
            return {"same": self._told[id(value)]}
        number = self._told[id(value)] = len(self._told)
        self._kept.append(value)  # its id stays its own
        return {"class": name, "number": number, "state": {key: self.told(one) for key, one in vars(value).items()}}


def _full_name(value: Any) -> str:
    return str(getattr(value, "__module__", None) or "numpy") + "." + str(getattr(value, "__name__", "?"))


def answers(objects: dict[str, Any], ask: dict[str, Any], rows: Any) -> dict[str, Any]:
    """What the original answers to ``rows`` (n, columns): one array for each quantity."""
    if "clusters" in ask:
        return _clusters(objects, ask, rows)
    value = _given(objects[ask["parts"][0]], ask, rows)
    for name in ask["parts"][:-1]:
        value = objects[name].transform(value)
    model = objects[ask["parts"][-1]]
    if hasattr(model, "predict_proba"):
        return {"probabilities": np.asarray(model.predict_proba(value), dtype=np.float64)}
    return {"value": np.asarray(model.predict(value), dtype=np.float64)}


def _given(first: Any, ask: dict[str, Any], rows: Any) -> Any:
    """The rows as the first part takes them: a table where it was fitted to one."""
    named = any(hasattr(first, name) for name in ("feature_names_in_", "_feature_names_in", "_df_columns"))
    if not named:
        return np.column_stack([rows["c" + str(at)] for at in range(len(ask["columns"]))])
    import pandas

    return pandas.DataFrame({name: _column(rows, at) for at, name in enumerate(ask["columns"])})


def _column(rows: Any, at: int) -> Any:
    values = rows["c" + str(at)]
    if values.dtype.kind != "U":
        return values
    column = values.astype(object)
    column[rows["m" + str(at)]] = np.nan
    return column


def _clusters(objects: dict[str, Any], ask: dict[str, Any], rows: Any) -> dict[str, Any]:
    """The cluster of each row, and what the cluster's own package decides on it."""
    matrix = np.column_stack([rows["c" + str(at)] for at in range(len(ask["columns"]))])
    scaler, kmeans = objects[ask["scaler"]], objects[ask["kmeans"]]
    cluster = kmeans.predict(scaler.transform(matrix[:, ask["order"]]))
    decision = np.empty(len(matrix))
    for number, name in ask["clusters"].items():
        inside = cluster == int(number)
        if inside.any():
            package = objects[name]
            own = matrix[inside][:, [ask["columns"].index(column) for column in package["features"]]]
            decision[inside] = package["model"].decision_function(package["scaler"].transform(own))
    return {"cluster": np.asarray(cluster, dtype=np.int64), "decision": decision}


def limit() -> None:
    """Bounds what a forged model may take of the machine."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def run(job: dict[str, Any]) -> None:
    """Opens the job's files, describes them, and answers its rows."""
    out = Path(job["out"])
    objects = {}
    for file in job["files"]:
        try:
            objects[file["name"]] = opened(file, job)
        except Refusal as refusal:
            raise Refusal(file["name"] + " is not opened: " + str(refusal)) from None
        except Exception as error:
            raise Refusal(file["name"] + " cannot be opened: " + type(error).__name__ + ": " + str(error)) from None
    if job["rows"]:
        with np.load(job["rows"], allow_pickle=False) as rows:
            found = answers(objects, job["ask"], dict(rows))
        np.savez(out / "outputs.npz", **found)
        return
    description = Description(frozenset(job["estimators"]))
    told = {name: description.told(value) for name, value in objects.items()}
    (out / "objects.json").write_text(json.dumps(told, allow_nan=False), encoding="utf-8")
    np.savez(out / "arrays.npz", **description.arrays())


def main() -> int:
    """Runs the job named on the command line."""
    warnings.simplefilter("ignore")
    limit()
    try:
        run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    except Refusal as refusal:
        sys.stderr.write(" ".join(str(refusal).split()) + "\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
