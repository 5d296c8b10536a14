"""Somebody's pickle or joblib file: read whole without being executed, then opened through the same list."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaticina.pickles.allowlist import ALIASES, NAMES
from vaticina.pickles.audit import judge, load_pickle
from vaticina.pickles.compression import unfolded
from vaticina.pickles.joblib_stream import MARKED, Stream
from vaticina.pickles.scan import Scan


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that was found to want nothing but listed names.

    ``pickle`` is all of it as one plain pickle, whatever it was wrapped in, with the names as the file writes them:
    what is opened, here or elsewhere. ``names`` are those it imports; ``versions`` the versions of scikit-learn that
    wrote its objects.
    """

    pickle: bytes
    names: tuple[str, ...]
    versions: frozenset[str]


def examine(data: bytes, where: str, allow: frozenset[str] = frozenset()) -> Examined:
    """What the file ``data`` is, a pickle or a joblib file, compressed or not; ``where`` names it in errors.

    All of it is accounted for, to the last byte of every stream in it. ``allow`` are more exact ``module.Class`` names.

    Raises:
        PickleRefused: it wants a name that is not listed, does what no model needs, is damaged or goes on behind its
            end.
        MissingExtra: it is compressed by lz4, which is not installed.
    """
    plain = _plain(unfolded(data, where), where, allow)
    scan = Scan(plain, allow)
    judge(scan, scan.run, where)
    return Examined(plain, tuple(scan.wanted), frozenset(scan.versions))


def _plain(data: bytes, where: str, allow: frozenset[str]) -> bytes:
    if MARKED not in data:
        return data
    stream = Stream(io.BytesIO(data), allow)
    found: list[bytes] = []
    judge(stream, lambda: found.append(stream.plain()), where)
    return found[0]


def load_examined(examined: Examined, where: str, allow: frozenset[str] = frozenset()) -> Any:
    """The object of an examined file, whose names are resolved through the list once more.

    Raises PickleRefused and MissingExtra, as ``load_pickle`` does.
    """
    return load_pickle(examined.pickle, where, allow)


def listing(allow: frozenset[str] = frozenset()) -> Mapping[str, object]:
    """The list as JSON may hold it, for an interpreter elsewhere: ``names``, and ``aliases`` of some of them."""
    return {"names": sorted(NAMES | allow), "aliases": dict(ALIASES)}
