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


def is_of_a_set(name: str) -> bool:
    """Whether a file of this name is one of such a set."""
    return name in (SCALER, KMEANS) or cluster_number(name) is not None


def is_whole_set(names: Iterable[str]) -> bool:
    """Whether nothing is seen to be missing without opening a file: clusters are numbered from 0 without a gap."""
    present = set(names)
    numbers = list(map(cluster_number, _packages(present)))
    return {SCALER, KMEANS} <= present and bool(numbers) and numbers == list(range(len(numbers)))


def set_files(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that belong to the set: scaler, k-means, and the packages by their clusters.

    Raises ImportRefused for a missing scaler or k-means.
    """
    present = set(names)
    missing = [name for name in (SCALER, KMEANS) if name not in present]
    if missing:
        raise ImportRefused(
            f"The set has no {' and no '.join(missing)}, without which no row finds its cluster; add it."
        )
    return [SCALER, KMEANS, *_packages(present)]


def _packages(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that are packages, by the number of their cluster."""
    numbered = []
    for name in names:
        number = cluster_number(name)
        if number is not None:
            numbered.append((number, name))
    return [name for _, name in sorted(numbered)]


def cluster_number(name: str) -> int | None:
    """The number of the cluster that a package's file is named after; None for any other file."""
    match = PACKAGE.fullmatch(name)
    if match is None:
        return None
    return int(match[1])


def set_fingerprint(files: Mapping[str, bytes]) -> str:
    """What tells one set from any other: a hash of all its names and bytes."""
    lines = []
    for name, data in sorted(files.items()):
        lines.append(f"{name} {hashlib.sha256(data).hexdigest()}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
