"""Somebody's pickle or joblib file, compressed or not: made one plain pickle, and audited."""

import io
from collections.abc import Mapping
from pathlib import Path

from vaticina.pickles.allowlist import ALIASES, NAMES
from vaticina.pickles.audit import Examined, audit, checked
from vaticina.pickles.compression import decompressed
from vaticina.pickles.joblib_stream import MARKED, JoblibStream
from vaticina.pickles.stand_in_names import HERE, TREES


def examine(data: bytes, where: str, allow: frozenset[str] = frozenset()) -> Examined:
    """The file ``data``, a pickle or a joblib file, compressed or not, as one audited pickle.

    All of it is accounted for, to the last byte of every stream in it. ``where`` names it in errors; ``allow`` are more
    exact ``module.Class`` names.

    Raises:
        PickleRefused: it wants a name that is not listed, does what no model needs, is damaged or goes on behind its
            end.
        MissingExtra: it is compressed by lz4, which is not installed.
    """
    return audit(_plain(decompressed(data, where), where, allow), where, allow)


def _plain(data: bytes, where: str, allow: frozenset[str]) -> bytes:
    """A joblib file as one plain pickle; a pickle as it is."""
    if MARKED not in data:
        return data
    stream = JoblibStream(io.BytesIO(data), allow)
    return checked(stream, stream.plain, where)


def exported_allowlist(allow: frozenset[str] = frozenset()) -> Mapping[str, object]:
    """The list as JSON can hold it, for another interpreter: ``names``, and ``aliases`` of some of them.

    ``stand_ins`` are the modules of ours that it opens in the place of others, each with its file.
    """
    files = {}
    for module in (HERE, TREES):
        files[module] = str(Path(__file__).with_name(f"{module.rpartition('.')[2]}.py"))
    return {"names": sorted(NAMES | allow), "aliases": dict(ALIASES), "stand_ins": files}
