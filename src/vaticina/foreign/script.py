"""Runs in an interpreter of another version: opens a model's files there, and writes nothing but data.

Started as ``python -I script.py JOB.json``. It imports nothing of Vaticina but the files that the job names, and needs
Python 3.7, numpy and the libraries that the model was made with. The job is a JSON object:

- ``files``: the name, path and SHA-256 of each file. They were audited by whoever starts the script; a file whose bytes
  differ is refused. Each is one plain pickle: joblib's files were rewritten as such by the audit.
- ``names``: the exact names that may be imported; ``aliases``: other names of some of them. ``stand_ins``: names of
  modules that no library here has -> the files that they are in.
- ``estimators``: the classes whose objects are described by their attributes.
- ``rows``: the path of rows to be answered, or null; ``ask``: how the objects are asked, see ``answers``.
- ``out``: the folder for the results.

Without rows it writes ``objects.json``, which describes what each file holds: plain values, and each fitted estimator
as the name of its class and its attributes; and ``arrays.npz`` with the arrays of that description, end to end, one
pool for each type. With rows it writes ``outputs.npz``: what the original answers to them.
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
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import numpy as np

REFUSED = 3
"""The exit code when a file is refused; the reason is the last line on standard error."""

OLDER = {"numpy._core.multiarray": "numpy.core.multiarray", "numpy._core.numeric": "numpy.core.numeric"}
"""Name of a module in numpy 2 -> its name in numpy 1."""

MEMORY = 8 * 2**30
"""How many bytes of memory the script may take."""

SECONDS = 900
"""How many seconds of the processor it may take."""

PLAIN = "biufcSU"
"""The kinds of arrays that are written as they are."""


class Refusal(Exception):
    """The reason why a file is not opened."""


class AliasUnpickler(pickle.Unpickler):
    """An unpickler that imports listed names only; ``aliases`` are other names of some of them."""

    def __init__(self, data: bytes, job: dict[str, Any]) -> None:
        super().__init__(io.BytesIO(data), fix_imports=False)
        self._names = frozenset(job["names"])
        self._aliases = job["aliases"]
        self._stand_ins = job["stand_ins"]

    def find_class(self, module: str, name: str) -> Any:
        """The object ``module.name``, in whichever module this version of its library keeps it."""
        full = module + "." + name
        listed = self._aliases.get(full, full)
        if "." in name or listed not in self._names:
            raise Refusal("it wants " + full + ", not on the list of what a model needs")
        listed_module, _, listed_name = listed.rpartition(".")
        if listed_module in self._stand_ins:
            return getattr(_stand_in_module(listed_module, self._stand_ins[listed_module]), listed_name)
        for candidate in (listed_module, module, OLDER.get(listed_module, module)):
            try:
                return super().find_class(candidate, listed_name)
            except (ImportError, AttributeError):
                continue
        raise Refusal("it wants " + full + ", which the versions installed for it do not have")


def _stand_in_module(name: str, path: str) -> Any:
    """The module ``name``, which is in the file ``path``."""
    if name not in sys.modules:
        module = sys.modules[name] = types.ModuleType(name)
        SourceFileLoader(name, path).exec_module(module)
    return sys.modules[name]


def read_object(file: dict[str, str], job: dict[str, Any]) -> Any:
    """The object in one file of the job. Raises Refusal."""
    data = Path(file["path"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != file["sha256"]:
        raise Refusal("it is not the file that was audited")
    return AliasUnpickler(data, job).load()


class DescriptionWriter:
    """Describes objects as JSON, with their arrays apart."""

    def __init__(self, estimators: frozenset[str]) -> None:
        self._estimators = estimators
        self._pools: dict[str, list[Any]] = {}
        self._sizes: dict[str, int] = {}
        self._numbers: dict[int, int] = {}
        self._described: list[Any] = []
        self._kinds: list[tuple[Any, Callable[[Any], Any]]] = [
            (np.generic, self._scalar),
            (float, self._float),
            (complex, self._complex),
            (np.ndarray, self._array),
            (list, self._list),
            (tuple, self._tuple),
            ((set, frozenset), self._set),
            (dict, self._dict),
            (slice, self._slice),
            (np.dtype, self._dtype),
            ((type, types.FunctionType, np.ufunc), self._named),
        ]

    def arrays(self) -> dict[str, Any]:
        """The pools: one array for each type."""
        return {name: np.concatenate(parts) for name, parts in self._pools.items()}

    def describe(self, value: Any) -> Any:
        """``value`` as JSON."""
        if value is None or isinstance(value, (bool, int, str)):
            return value
        for kind, describe_kind in self._kinds:
            if isinstance(value, kind):
                return describe_kind(value)
        name = _full_name(type(value))
        if name == "sklearn.tree._tree.Tree":
            return {"tree": self._tree(value)}
        if name == "lightgbm.basic.Booster":
            return {"booster": value.model_to_string(num_iteration=-1), "best": int(value.best_iteration)}
        if name == "xgboost.core.Booster":
            return {"xgboost": _xgboost_document(value)}
        if name in self._estimators:
            return self._estimator(value, name)
        return {"opaque": name}

    def describe_each(self, values: dict[str, Any]) -> dict[str, Any]:
        """Each of the named ``values`` as JSON."""
        return {name: self.describe(value) for name, value in values.items()}

    def _scalar(self, value: Any) -> Any:
        return {"scalar": [value.dtype.str, self.describe(value.item())]}

    def _float(self, value: float) -> Any:
        if math.isfinite(value):
            return value
        return {"float": repr(value)}

    def _complex(self, _: complex) -> Any:
        return {"opaque": "builtins.complex"}

    def _list(self, values: Any) -> list[Any]:
        return list(map(self.describe, values))

    def _tuple(self, values: Any) -> Any:
        return {"tuple": self._list(values)}

    def _set(self, values: Any) -> Any:
        return {"set": self._list(values)}

    def _dict(self, values: dict[Any, Any]) -> Any:
        return {"dict": [[self.describe(key), self.describe(value)] for key, value in values.items()]}

    def _slice(self, value: slice) -> Any:
        return {"slice": self._list([value.start, value.stop, value.step])}

    def _dtype(self, value: Any) -> Any:
        return {"dtype": value.str}

    def _named(self, value: Any) -> Any:
        return {"name": _full_name(value)}

    def _array(self, value: Any) -> Any:
        if value.dtype.names:
            return {"fields": {name: self._array(value[name]) for name in value.dtype.names}}
        if value.dtype.kind == "O":
            return {"objects": [list(value.shape), self._list(value.ravel().tolist())]}
        if value.dtype.kind not in PLAIN:
            return {"opaque": "numpy.ndarray of " + value.dtype.str}
        pool = value.dtype.str
        if value.dtype.byteorder == ">":
            pool = value.dtype.newbyteorder("<").str
        start = self._sizes.get(pool, 0)
        self._pools.setdefault(pool, []).append(np.ascontiguousarray(value, dtype=pool).ravel())
        self._sizes[pool] = start + value.size
        return {"array": [pool, start, list(value.shape)]}

    def _tree(self, tree: Any) -> Any:
        _, (features, classes, outputs), state = tree.__reduce__()
        description = self.describe_each(state)
        description["features"] = int(features)
        description["classes"] = self.describe(np.asarray(classes))
        description["outputs"] = int(outputs)
        return description

    def _estimator(self, value: Any, name: str) -> Any:
        """The class and attributes of an estimator; one that was described before is told by its number."""
        if id(value) in self._numbers:
            return {"same": self._numbers[id(value)]}
        number = self._numbers[id(value)] = len(self._numbers)
        self._described.append(value)  # while it lives, no other object has its id
        return {"class": name, "number": number, "state": self.describe_each(vars(value))}


def _xgboost_document(booster: Any) -> str:
    """The JSON document of a booster, which every XGBoost since 1.0 writes by the end of the file's name."""
    path = Path("booster.json")
    booster.save_model(str(path))
    return path.read_text(encoding="utf-8")


def _full_name(value: Any) -> str:
    return str(getattr(value, "__module__", None) or "numpy") + "." + str(getattr(value, "__name__", "?"))


def answers(objects: dict[str, Any], ask: dict[str, Any], rows: Any) -> dict[str, Any]:
    """What the original answers to ``rows`` (n, columns): one array for each quantity.

    ``ask`` holds the ``columns`` of the rows, and either ``parts``, the files of the transformers and of the model in
    the order in which rows pass them, or the files of a set of clusters, see ``_clusters``. Beside ``parts``, ``keys``
    may hold by the number of each the keys that lead to it within the file's object.
    """
    if "clusters" in ask:
        return _clusters(objects, ask, rows)
    *transformers, model = _parts(objects, ask)
    value = _input([*transformers, model][0], ask, rows)
    for transformer in transformers:
        value = transformer.transform(value)
    if type(model).__name__ == "Booster":
        return _booster_answers(model, value)
    if hasattr(model, "predict_proba"):
        shares = np.asarray(model.predict_proba(value), dtype=np.float64)
        return {"probabilities": shares, "label": _label_places(model, value)}
    return {"value": np.asarray(model.predict(value), dtype=np.float64)}


def _parts(objects: dict[str, Any], ask: dict[str, Any]) -> list[Any]:
    """The objects that the rows pass, the model last."""
    parts = []
    paths = ask.get("keys") or {}
    for number, file in enumerate(ask["parts"]):
        part = objects[file]
        for key in paths.get(str(number), ()):
            if isinstance(part, (list, tuple)):
                part = part[int(key)]
            else:
                part = {str(name): item for name, item in part.items()}[key]
        parts.append(part)
    return parts


def _booster_answers(booster: Any, rows: Any) -> dict[str, Any]:
    """What a booster without an estimator answers: numbers, and the shares of the classes if it has classes."""
    if type(booster).__module__.startswith("xgboost"):
        import xgboost

        rows = xgboost.DMatrix(rows, feature_names=booster.feature_names)
    numbers = np.asarray(booster.predict(rows), dtype=np.float64)
    if numbers.ndim == 2:
        return {"probabilities": numbers}
    return {"value": numbers, "probabilities": np.column_stack([1.0 - numbers, numbers])}


def _label_places(model: Any, value: Any) -> Any:
    """The places of the labels that ``predict`` answers among the model's classes: (n,)."""
    places = {label: place for place, label in enumerate(np.asarray(model.classes_).tolist())}
    labels = np.asarray(model.predict(value)).reshape(-1).tolist()
    return np.array([places[label] for label in labels], dtype=np.int64)


def _input(first: Any, ask: dict[str, Any], rows: Any) -> Any:
    """The rows as the ``first`` part takes them: a table where it was fitted to one, else a matrix."""
    if not any(hasattr(first, name) for name in ("feature_names_in_", "_feature_names_in", "_df_columns")):
        return _matrix(ask, rows)
    import pandas

    return pandas.DataFrame({name: _column(rows, number) for number, name in enumerate(ask["columns"])})


def _matrix(ask: dict[str, Any], rows: Any) -> Any:
    return np.column_stack([_column(rows, number) for number in range(len(ask["columns"]))])


def _column(rows: Any, number: int) -> Any:
    values = rows["c" + str(number)]
    if values.dtype.kind != "U":
        return values
    column = values.astype(object)
    column[rows["m" + str(number)]] = None
    column[rows["n" + str(number)]] = np.nan
    return column


def _clusters(objects: dict[str, Any], ask: dict[str, Any], rows: Any) -> dict[str, Any]:
    """The cluster of each row, and the decision of the cluster's own detector.

    ``ask`` holds the files ``scaler`` and ``kmeans``, the ``order`` of the columns that they take, and ``clusters``:
    number of a cluster -> the file of its package.
    """
    matrix = _matrix(ask, rows)
    scaler, kmeans = objects[ask["scaler"]], objects[ask["kmeans"]]
    cluster = kmeans.predict(scaler.transform(matrix[:, ask["order"]]))
    decision = np.empty(len(matrix))
    for number, name in ask["clusters"].items():
        inside = cluster == int(number)
        if inside.any():
            package = objects[name]
            positions = list(map(ask["columns"].index, package["features"]))
            scaled = package["scaler"].transform(matrix[inside][:, positions])
            decision[inside] = package["model"].decision_function(scaled)
    return {"cluster": np.asarray(cluster, dtype=np.int64), "decision": decision}


def limit() -> None:
    """Bounds the memory and the time that a forged model may take."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, hard))


def run(job: dict[str, Any]) -> None:
    """Opens the job's files, then answers its rows, or describes the objects. Raises Refusal."""
    out = Path(job["out"])
    objects = read_objects(job)
    if job["rows"]:
        with np.load(job["rows"], allow_pickle=False) as rows:
            outputs = answers(objects, job["ask"], dict(rows))
        np.savez(out / "outputs.npz", **outputs)
        return
    writer = DescriptionWriter(frozenset(job["estimators"]))
    descriptions = writer.describe_each(objects)
    (out / "objects.json").write_text(json.dumps(descriptions, allow_nan=False), encoding="utf-8")
    np.savez(out / "arrays.npz", **writer.arrays())


def read_objects(job: dict[str, Any]) -> dict[str, Any]:
    """The object in each file of the job, by the file's name. Raises Refusal."""
    objects = {}
    for file in job["files"]:
        try:
            objects[file["name"]] = read_object(file, job)
        except Refusal as refusal:
            raise Refusal(file["name"] + " is not opened: " + str(refusal)) from None
        except Exception as error:
            raise Refusal(file["name"] + " cannot be opened: " + type(error).__name__ + ": " + str(error)) from None
    return objects


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
