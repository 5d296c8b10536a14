"""Files of others: pickles and joblib files are read to the last byte before any of it is opened."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import random
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import StandardScaler

from tests.pickles.hostile import HOSTILE, Reducing, Touching, register_extension
from tests.pickles.models import X
from tests.pickles.opcodes import call, instance, named, pairs, plain, text, touch, whole
from vaticina.errors import MissingExtra, PickleRefused
from vaticina.pickles.allowlist import NAMES
from vaticina.pickles.audit import load_examined, load_pickle
from vaticina.pickles.compression import decompressed
from vaticina.pickles.examine import examine, exported_allowlist

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
}


def dumped(value: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file, **options)
    return file.getvalue()


def opened(data: bytes) -> Any:
    return load_examined(examine(data, "model.joblib"))


ARRAYS = {
    "numbers": np.arange(12.0).reshape(3, 4),
    "columns first": np.asfortranarray(np.arange(12).reshape(3, 4)),
    "big endian": np.arange(3, dtype=">f4"),
    "texts": np.array(["a", "ñandú"]),
    "fields": np.array([(1.5, 2)], dtype=[("x", "<f8"), ("n", "<i4")]),
    "no rows": np.zeros((0, 3)),
    "a single one": np.array(7.5),
    "objects": np.array(["a", None, float("inf"), 3], dtype=object),
}


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 1), ("bz2", 3), ("lzma", 1), ("xz", 1)])
def test_arrays_stand_where_joblib_wrote_them(compress: Any) -> None:
    value = [ARRAYS, {"again": ARRAYS["objects"]}, (1, "x"), ARRAYS["numbers"]]
    arrays, _, pair, again = opened(dumped(value, compress=compress))
    assert pair == (1, "x")
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype.newbyteorder("="), "numpy reads its own pickles so too"
        assert arrays[name].flags.f_contiguous == array.flags.f_contiguous
    np.testing.assert_array_equal(again, value[3])


@pytest.mark.parametrize("protocol", range(6))
def test_joblib_files_of_every_protocol_are_read(protocol: int) -> None:
    """The oldest two, which joblib's own pickler writes for no wrapper, too."""
    forest = RandomForestClassifier(3, random_state=0).fit(X, np.arange(len(X)) % 3)
    data = dumped(forest, protocol=protocol)
    np.testing.assert_array_equal(opened(data).predict_proba(X), forest.predict_proba(X))


def test_the_plain_pickle_names_nothing_of_joblib() -> None:
    """So that whoever opens it, here or in another interpreter, needs no reader of joblib's."""
    examined = examine(dumped(KMeans(2, n_init=1).fit(X)), "model.joblib")
    assert "joblib" not in " ".join(examined.names)
    assert examined.versions == {sklearn.__version__}
    assert load_pickle(examined.pickle, "plain").n_clusters == 2


def test_a_plain_pickle_stays_what_it_is() -> None:
    data = pickle.dumps(StandardScaler().fit(X))
    assert examine(data, "scaler.pkl").pickle == data


def test_the_list_may_be_handed_over_as_json() -> None:
    exported: Any = exported_allowlist(frozenset({"pathlib.PosixPath"}))
    assert set(exported["names"]) == NAMES | {"pathlib.PosixPath"}
    assert exported["aliases"]["numpy.core.multiarray.scalar"] == "numpy._core.multiarray.scalar"
    assert json.loads(json.dumps(exported)) == exported


STANDS_ALONE = {"compressed", "joblib array"}  # not hostile in a file, or built otherwise below


@pytest.mark.parametrize("packing", PACKINGS)
def test_harm_in_a_compressed_file_is_named_and_never_runs(packing: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name in ("os.system", "getattr chain", "memo", "numpy.testing", "second pickle", "setstate", "text protocol"):
        with pytest.raises(PickleRefused) as refused:
            examine(PACKINGS[packing](HOSTILE[name].build(canary)), "model.joblib")
        assert HOSTILE[name].wants in refused.value.message
    assert not canary.exists()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in STANDS_ALONE])
def test_harm_behind_an_array_is_named_and_never_runs(name: str, tmp_path: Path) -> None:
    """The nested stream of an array of objects is a pickle like any other; so is what stands in front of it."""
    register_extension()
    canary = tmp_path / "canary"
    modules = set(sys.modules)
    with pytest.raises(PickleRefused) as refused:
        examine(nested(HOSTILE[name].build(canary)), "model.joblib")
    assert refused.value.message.startswith("model.joblib is not opened: ")
    if HOSTILE[name].fires:
        assert HOSTILE[name].wants in refused.value.message
    assert not canary.exists()
    assert set(sys.modules) == modules


def nested(inner: bytes, *behind: bytes) -> bytes:
    """A joblib file whose array of objects is ``inner``."""
    state = pairs(
        subclass=named("numpy", "ndarray"),
        shape=plain((1,)),
        order=text("C"),
        dtype=call(named("numpy", "dtype"), text("O8"), b"\x89", b"\x88"),
        allow_mmap=b"\x89",
        numpy_array_alignment_bytes=plain(16),
    )
    start = whole(instance("joblib.numpy_pickle", "NumpyArrayWrapper"), state, b"b")[:-1]
    return start + inner + b"".join(behind) + b"."


def test_the_nested_stream_would_have_run(tmp_path: Path) -> None:
    """These tests can fail: joblib itself runs what stands there."""
    canary = tmp_path / "canary"
    data = nested(whole(call(named("os", "system"), touch(canary))))
    with pytest.raises(AttributeError, match="dtype"):  # joblib wants an array of it, once it ran
        joblib.load(io.BytesIO(data))
    assert canary.exists()


def test_harm_behind_the_first_array_of_a_real_file(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    value = [np.arange(3.0), np.array([Reducing(Path.touch, canary)], dtype=object)]
    with pytest.raises(PickleRefused, match=r"pathlib\.Path\.touch"):
        examine(dumped(value), "model.joblib")
    joblib.load(io.BytesIO(dumped(value)))
    assert canary.exists(), "joblib's own reader runs it"


def test_states_of_unexpected_classes_in_a_real_file(tmp_path: Path) -> None:
    touching = Touching()
    touching.__dict__.update(canary=str(tmp_path / "canary"), array=np.arange(3.0))
    with pytest.raises(PickleRefused, match=r"tests\.pickles\.hostile\.Touching"):
        examine(dumped(touching, compress=3), "model.joblib")
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (dumped(np.arange(3.0)) + b"x", "no whole|follow"),
        (dumped(np.arange(3.0)) + whole(plain(1)), "follow its end"),
        (dumped(np.arange(3.0)) + whole(named("os", "system")), r"os\.system"),
        (dumped(np.arange(3.0))[:-20], "ends after"),
        (dumped(KMeans(2).fit(X))[:-300], "no whole pickle|ends after|runs empty"),
        (zlib.compress(dumped(np.arange(3.0))) + b"x", "follow the end of its compressed data"),
        (gzip.compress(whole(plain(1))) * 2, "follow the end of its compressed data"),
        (zlib.compress(whole(plain(1)))[:-3], "end too early"),
        (b"\x78\x9c" + b"no stream", "damaged"),
        (zlib.compress(zlib.compress(whole(plain(1)))), "no whole pickle"),
    ],
)
def test_bytes_that_are_not_accounted_for_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(PickleRefused, match=reason):
        examine(data, "model.joblib")


@pytest.mark.parametrize(
    "state",
    [
        {"subclass": named("sklearn.pipeline", "Pipeline")},
        {"shape": text("a")},
        {"shape": plain((-1,))},
        {"order": text("K")},
        {"dtype": text("f8")},
        {"numpy_array_alignment_bytes": text("a")},
        {"dtype": call(named("numpy", "dtype"), text("S0"), b"\x89", b"\x88"), "shape": plain((10**6,))},
    ],
)
def test_a_wrapper_as_joblib_does_not_write_it_is_refused(state: dict[str, bytes]) -> None:
    regular = {
        "subclass": named("numpy", "ndarray"),
        "shape": plain((1,)),
        "order": text("C"),
        "dtype": call(named("numpy", "dtype"), text("f8"), b"\x89", b"\x88"),
    }
    data = whole(instance("joblib.numpy_pickle", "NumpyArrayWrapper"), pairs(**{**regular, **state}), b"b" + b"\0" * 16)
    with pytest.raises(PickleRefused, match="in a way joblib does not"):
        examine(data, "model.joblib")


def test_a_wrapper_in_a_nested_stream_is_refused() -> None:
    """joblib would leave the wrapper itself in the array."""
    with pytest.raises(PickleRefused, match=r"NumpyArrayWrapper"):
        examine(nested(dumped(np.arange(3.0))), "model.joblib")


def test_a_bomb_of_zeros_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaticina.pickles.compression.MOST", 2**20)
    with pytest.raises(PickleRefused, match="unfold"):
        decompressed(zlib.compress(bytes(2**26)), "model.joblib")


def test_lz4_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaticina.pickles.compression.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"needs lz4.*pip install lz4"):
        examine(b"\x04\x22\x4d\x18rest", "model.joblib")


def test_one_more_name_may_be_allowed_exactly() -> None:
    data = dumped({"folder": Path("a"), "array": np.arange(3.0)})
    kind = f"pathlib.{type(Path('a')).__name__}"
    with pytest.raises(PickleRefused, match=kind):
        examine(data, "model.joblib")
    allow = frozenset({kind})
    assert load_examined(examine(data, "model.joblib", allow))["folder"] == Path("a")


def test_broken_joblib_files_are_refused_and_nothing_else() -> None:
    """Hundreds of changed files: each is read whole or refused, and raises nothing else."""
    forest = RandomForestClassifier(2, random_state=0).fit(X, np.array(["a", "b"])[(X[:, 0] > 0).astype(int)])
    data = dumped([forest, np.array(["x", None], dtype=object)])
    chance = random.Random(4)
    refused = 0
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(broken))
            broken[start : start + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        try:
            examine(bytes(broken), "model.joblib")
        except PickleRefused:
            refused += 1
    assert 100 < refused <= 300
