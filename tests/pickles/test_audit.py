"""What may be opened is opened and answers the same; what means harm is named and never runs."""

import io
import pickle
import random
import sys
import warnings
from collections import Counter, OrderedDict, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pickles.everyday import EVERYDAY
from tests.pickles.hostile import HOSTILE, register_extension
from tests.pickles.models import MODELS, answers
from tests.pickles.opcodes import call, instance, named, plain, whole
from vaticina.errors import BundleCorrupt, MissingExtra, PickleRefused
from vaticina.pickles.allowlist import DESCENT, LOSS, LOSSES, NAMES, canonical
from vaticina.pickles.audit import Examined, audit, load_examined, load_pickle
from vaticina.pickles.scan import Scan
from vaticina.pickles.stand_in_names import HERE

OTHERS = {"builtins.bytes", "builtins.set"}
"""What the old protocols write for values that no model here happens to hold."""


OLDER = (
    "sklearn.ensemble._gb_losses.",
    "sklearn.ensemble._hist_gradient_boosting.loss.",
    *(f"{LOSS}.__pyx_unpickle_{name}" for name in LOSSES if name != "CyHalfMultinomialLoss"),
    "sklearn.compose._column_transformer._RemainderColsList",
    *(f"{DESCENT}.{name}" for name in ("Huber", "Log", "SquaredLoss")),
    *(f"{HERE}.{name}" for name in ("TextArray", "arrow_")),  # of pandas 3
    "numpy.bool_",
)
"""Names of earlier versions, whose models are opened in an interpreter of theirs."""


KINDS = {**MODELS, **EVERYDAY}


@cache
def fitted(kind: str) -> Any:
    return KINDS[kind]()


class NotingUnpickler(pickle.Unpickler):
    """Notes the names that a plain load imports."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.names: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.names.add(f"{module}.{name}")
        return super().find_class(module, name)


def imports(data: bytes) -> set[str]:
    """The names that a plain load of ``data`` imports."""
    unpickler = NotingUnpickler(data)
    unpickler.load()
    return unpickler.names


@pytest.mark.parametrize("kind", MODELS)
def test_models_of_every_kind_open_and_answer_the_same(kind: str) -> None:
    model, rows = fitted(kind)
    opened = load_pickle(pickle.dumps(model, 5), kind)
    assert type(opened) is type(model)
    for before, after in zip(answers(model, rows), answers(opened, rows), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_are_read(protocol: int) -> None:
    value = [1, -(2**70), 2.5, "é", {"a": (1, None, True), "b": [()] * 2_000}]
    assert load_pickle(pickle.dumps(value, protocol), "value") == value


def test_bytes_and_sets_are_read() -> None:
    value = [b"\xff", bytearray(b"x"), {3}, frozenset({4})]
    assert load_pickle(pickle.dumps(value, 5), "value") == value


@pytest.mark.parametrize("protocol", range(6))
def test_bytes_and_ordered_dicts_of_every_protocol_are_read(protocol: int) -> None:
    value: list[Any] = [
        b"\xff",
        b"",
        bytearray(b"x\xe9"),
        bytearray(),
        {3},
        OrderedDict(a=1),
        defaultdict(OrderedDict, b=OrderedDict()),
    ]
    assert load_pickle(pickle.dumps(value, protocol), "value") == value


@pytest.mark.parametrize("kind", ["one-hot", "boosting, categories", "lightgbm, three", "xgboost, two", "clusters"])
@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_models_of_every_protocol_open_and_answer_the_same(kind: str, protocol: int) -> None:
    model, rows = fitted(kind)
    opened = load_pickle(pickle.dumps(model, protocol), kind)
    for before, after in zip(answers(model, rows), answers(opened, rows), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.filterwarnings("ignore:Class PassiveAggressive:FutureWarning")
def test_the_list_is_what_the_models_need_and_no_more() -> None:
    """A name that no kind of model uses any more has no place on the list."""
    names: set[str] = set()
    for kind in KINDS:
        model, _ = fitted(kind)
        for protocol in (0, 2, 4, 5):
            names |= imports(pickle.dumps(model, protocol))
    assert set(map(canonical, names)) | OTHERS == {name for name in NAMES if not name.startswith(OLDER)}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pickles_are_refused_by_name_and_run_nothing(name: str, tmp_path: Path) -> None:
    register_extension()
    canary = tmp_path / "canary"
    data = HOSTILE[name].build(canary)
    modules = set(sys.modules)
    with pytest.raises(PickleRefused) as refused:
        load_pickle(data, "model.pkl of version 7")
    assert HOSTILE[name].wants in refused.value.message
    assert refused.value.message.startswith("model.pkl of version 7 is not opened: ")
    assert not canary.exists()
    assert set(sys.modules) == modules, "a refused pickle imports nothing either"


@pytest.mark.parametrize("name", [name for name, hostile in HOSTILE.items() if hostile.fires])
def test_the_canary_of_those_that_fire_is_alive(name: str, tmp_path: Path) -> None:
    """Without the audit they would have run: these tests can fail."""
    canary = tmp_path / "canary"
    try:
        pickle.loads(HOSTILE[name].build(canary))
    except Exception as error:
        print(f"{name} failed after it ran: {error!r}")
    assert canary.exists()


def test_all_names_are_told_at_once() -> None:
    data = whole(b"(", named("os", "system"), named("socket", "socket"), named("os", "system"), b"t")
    with pytest.raises(PickleRefused, match=r"it wants os\.system, socket\.socket, not on the list"):
        load_pickle(data, "model.pkl")


def test_endless_names_make_a_short_message() -> None:
    data = whole(b"(", *(named("m" * 1_000, f"n{number}") for number in range(50)), b"t")
    with pytest.raises(PickleRefused, match="and 40 more") as refused:
        load_pickle(data, "model.pkl")
    assert len(refused.value.message) < 3_000


def test_one_more_name_may_be_allowed_exactly() -> None:
    data = pickle.dumps({"folder": Path("a")}, 5)
    kind = type(Path("a")).__name__
    with pytest.raises(PickleRefused, match=f"pathlib.{kind}"):
        load_pickle(data, "model.pkl")
    assert load_pickle(data, "model.pkl", frozenset({f"pathlib.{kind}"})) == {"folder": Path("a")}


@pytest.mark.parametrize("allow", ["pathlib", "pathlib.", "pathlib.*", "*", "pathlib.Path.touch"])
def test_a_prefix_or_a_star_allows_nothing(allow: str) -> None:
    with pytest.raises(PickleRefused, match=r"pathlib\.P"):
        load_pickle(pickle.dumps(Path("a"), 5), "model.pkl", frozenset({allow}))
    with pytest.raises(PickleRefused, match=r"pathlib\.Path\.touch"):
        load_pickle(whole(named("pathlib", "Path.touch")), "model.pkl", frozenset({allow}))


def test_an_allowed_class_may_take_any_state_and_items() -> None:
    value = Counter(a=1, b=2)
    assert load_pickle(pickle.dumps(value, 5), "m", frozenset({"collections.Counter"})) == value


def test_the_opening_itself_has_the_same_list(tmp_path: Path) -> None:
    """Were the scan to miss something, the unpickler would still not import it."""
    for name in ("os.system", "getattr chain", "dotted globals", "memo", "name from numpy", "EXT1", "old builtins"):
        missed = Examined(HOSTILE[name].build(tmp_path / "canary"), "model.pkl", frozenset(), (), frozenset())
        with pytest.raises(PickleRefused):
            load_examined(missed)
    assert not (tmp_path / "canary").exists()


def test_a_model_of_other_libraries_is_refused_with_the_reason() -> None:
    """A class that is not there, as in a pickle of another scikit-learn."""
    data = whole(instance("sklearn.pipeline", "Gone"))
    with pytest.raises(PickleRefused, match=r"cannot be opened with the versions installed here: AttributeError"):
        load_pickle(data, "model.pkl", frozenset({"sklearn.pipeline.Gone"}))


def test_a_missing_library_is_named() -> None:
    with pytest.raises(MissingExtra, match=r"needs lightgbm9.*the package that holds"):
        load_pickle(whole(named("lightgbm9", "Booster")), "model.pkl", frozenset({"lightgbm9.Booster"}))


def test_errors_of_our_own_classes_pass_through() -> None:
    model, _ = MODELS["clusters"]()
    del model.members[1]
    with pytest.raises(BundleCorrupt, match="no model for cluster 1"):
        load_pickle(pickle.dumps(model, 5), "model.pkl")


def test_the_scan_sees_the_names_that_a_load_asks_for() -> None:
    model, _ = MODELS["boosting, categories"]()
    data = pickle.dumps({"model": model, "where": Path("a")}, 5)
    scan = Scan(data)
    scan.run()
    assert set(scan.unlisted) == imports(data) - NAMES


def test_broken_bytes_are_refused_and_nothing_else() -> None:
    """A thousand changed pickles: the audit passes them or raises PickleRefused, never anything else."""
    model, _ = MODELS["perceptron"]()
    data = pickle.dumps(model, 5)
    chance = random.Random(3)
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(1_000):
            broken = bytearray(data)
            for _ in range(chance.randint(1, 4)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            try:
                audit(bytes(broken), "model.pkl")
            except PickleRefused:
                refused += 1
    assert 100 < refused < 1_000


def test_a_forest_of_megabytes_is_read_as_it_is() -> None:
    """Large arrays are looked at, not copied into names."""
    array = np.arange(1_000_000, dtype=np.float64)
    opened = load_pickle(pickle.dumps({"a": array}, 5), "model.pkl")
    np.testing.assert_array_equal(opened["a"], array)


def test_fields_as_numpy_writes_them_are_read() -> None:
    """Packed and aligned, little and big endian: what trees and foreign arrays are made of."""
    for dtype in (
        np.dtype("f8,i1"),
        np.dtype("f8,i1", align=True),
        np.dtype(">f8"),
        np.dtype(">u4,S3"),
        np.dtype("U5"),
    ):
        assert load_pickle(pickle.dumps(dtype, 5), "m") == dtype


def test_a_slice_is_a_slice() -> None:
    assert load_pickle(whole(call(named("builtins", "slice"), plain(1), plain(2), b"N")), "m") == slice(1, 2, None)
