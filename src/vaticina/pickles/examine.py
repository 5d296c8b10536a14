"""Somebody's pickle or joblib file, compressed or not: made one plain pickle, and audited."""

import io
from collections.abc import Mapping

from vaticina.pickles.allowlist import ALIASES, NAMES
from vaticina.pickles.audit import Examined, audit, judge
from vaticina.pickles.compression import unfolded
from vaticina.pickles.joblib_stream import MARKED, Stream


def examine(data: bytes, where: str, allow: frozenset[str] = frozenset()) -> Examined:
    """The file ``data``, a pickle or a joblib file, compressed or not, as one audited pickle.

    All of it is accounted for, to the last byte of every stream in it. ``where`` names it in errors; ``allow`` are more
    exact ``module.Class`` names.

    Raises:
        PickleRefused: it wants a name that is not listed, does what no model needs, is damaged or goes on behind its
            end.
        MissingExtra: it is compressed by lz4, which is not installed.
    """
    return audit(_plain(unfolded(data, where), where, allow), where, allow)


def _plain(data: bytes, where: str, allow: frozenset[str]) -> bytes:
    if MARKED not in data:
        return data
    stream = Stream(io.BytesIO(data), allow)
    found: list[bytes] = []
    judge(stream, lambda: found.append(stream.plain()), where)
    return found[0]


def listing(allow: frozenset[str] = frozenset()) -> Mapping[str, object]:
    """The list as JSON may hold it, for an interpreter elsewhere: ``names``, and ``aliases`` of some of them."""
    return {"names": sorted(NAMES | allow), "aliases": dict(ALIASES)}
