"""The documented names of a set of files that together are one model; nothing is opened here.

``scaler.joblib``, ``kmeans_model.joblib`` and ``modelo_cluster_N_prod.joblib`` for each cluster N from 0 on.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

from vaticina.errors import ImportRefused

SCALER = "scaler.joblib"
KMEANS = "kmeans_model.joblib"
PACKAGE = re.compile(r"modelo_cluster_(\d{1,4})_prod\.joblib")


def belongs(name: str) -> bool:
    """Whether a file of this name is one of such a set."""
    return name in (SCALER, KMEANS) or PACKAGE.fullmatch(name) is not None


def is_whole_set(names: Iterable[str]) -> bool:
    """Whether nothing is seen to be missing without opening a file: clusters are numbered from 0 without a gap."""
    known = set(names)
    numbers = sorted(number(name) for name in known if PACKAGE.fullmatch(name))
    return {SCALER, KMEANS} <= known and bool(numbers) and numbers == list(range(len(numbers)))


def set_files(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that belong to the set, in its order. Raises ImportRefused for a missing scaler or k-means."""
    known = set(names)
    missing = [name for name in (SCALER, KMEANS) if name not in known]
    if missing:
        raise ImportRefused(
            f"The set has no {' and no '.join(missing)}, without which no row finds its cluster; add it."
        )
    return [SCALER, KMEANS, *sorted((name for name in known if PACKAGE.fullmatch(name)), key=number)]


def number(name: str) -> int:
    """The cluster of a package's file; -1 for any other."""
    match = PACKAGE.fullmatch(name)
    return int(match[1]) if match else -1


def set_fingerprint(files: Mapping[str, bytes]) -> str:
    """What tells one set from any other: a hash of all its names and bytes."""
    lines = (f"{name} {hashlib.sha256(files[name]).hexdigest()}" for name in sorted(files))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
