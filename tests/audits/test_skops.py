"""A skops file is read whole before skops makes anything of it, and held to the rules of pickles."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

from tests.audits.skops_files import SCHEMA, array_files, changed, first, nodes, saved, type_node, value
from tests.pickles.models import MODELS, answers
from vaticina.errors import ImportRefused, PickleRefused
from vaticina.formats.skops.archive import MAX_BYTES
from vaticina.formats.skops.file import load_skops

X = np.random.default_rng(0).random((60, 2))
TWO = (X[:, 0] > 0.5).astype(int)

KINDS = (
    *("one-hot", "target encoder of texts", "random forest", "gradient, huber", "boosting, categories", "xgboost, two"),
    *(
        "lightgbm, three",
        "k-means",
        "perceptron",
        "descent, hinge",
        "isotonic",
        "calibrated",
        "SVC",
        "PoissonRegressor",
    ),
)


def opened(data: bytes) -> Any:
    return load_skops(data, "model.skops", frozenset())


@cache
def pipeline() -> bytes:
    return saved(make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression()).fit(X, TWO))


@pytest.mark.parametrize("kind", KINDS)
def test_models_of_every_kind_open_and_answer_the_same(kind: str) -> None:
    model, rows = MODELS[kind]()
    for before, after in zip(answers(model, rows), answers(opened(saved(model)), rows), strict=True):
        np.testing.assert_array_equal(before, after)


def forging(*steps: Any) -> Any:
    """Functions that would turn rows into an array of objects, whose pointers are bytes of one's choice."""
    pointer = (0x4141414141414141).to_bytes(8, "little")
    array = FunctionTransformer(np.ndarray, kw_args={"dtype": np.dtype("O"), "buffer": pointer})
    return make_pipeline(MinMaxScaler().fit(X), FunctionTransformer(bytes), *steps, array)


def hidden_in_boosting() -> Any:
    """Where compilation once did not look."""
    model = HistGradientBoostingRegressor(max_iter=2, categorical_features=[1]).fit(np.round(X * 3), TWO)
    name, _, columns = model._preprocessor.transformers_[1]
    model._preprocessor.transformers_[1] = (name, forging(), columns)
    return model


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(forging(), LinearRegression().fit(X, TWO)),
        hidden_in_boosting(),
        make_pipeline(FunctionTransformer(np.ndarray), LinearRegression().fit(X, TWO)),
        make_pipeline(FunctionTransformer(np.log1p, kw_args={"where": False}), LinearRegression().fit(X, TWO)),
        make_pipeline(FunctionTransformer(partial(np.clip, a_min=0)), LinearRegression().fit(X, TWO)),
    ],
    ids=["pipeline", "boosting", "array", "arguments", "partial"],
)
def test_functions_that_a_transformer_would_call_are_refused(model: Any) -> None:
    with pytest.raises(PickleRefused, match=r"model\.skops is not opened: it "):
        opened(saved(model))


@pytest.mark.parametrize("name", ["numpy.vectorize", "joblib.memory.Memory", "sklearn.metrics._scorer._Scorer"])
def test_what_a_pickle_is_given_a_stand_in_for_is_not_made(name: str) -> None:
    """skops would make the object itself."""
    module, _, class_name = name.rpartition(".")
    node = {**type_node(module, class_name, "ObjectNode"), "content": value(None)}
    with pytest.raises(PickleRefused, match=f"it wants {name}, not on the list"):
        opened(changed(pipeline(), _attribute("x", node)))


def test_neighbours_keep_the_rule_that_they_keep_in_a_pickle() -> None:
    model = KNeighborsClassifier(3, algorithm="brute").fit(X, TWO)
    np.testing.assert_array_equal(opened(saved(model)).predict(X), model.predict(X))
    with pytest.raises(PickleRefused, match="counts votes without checking"):
        opened(saved(KNeighborsClassifier(3, algorithm="brute", metric="manhattan").fit(X, TWO)))


def _function(module: str, name: str, loader: str) -> Callable[[dict[str, Any]], None]:
    def change(schema: dict[str, Any]) -> None:
        first(schema, "FunctionTransformer")["content"]["content"]["func"] = type_node(module, name, loader)

    return change


def _constructed(schema: dict[str, Any]) -> None:
    """A listed class, called with arguments of one's choice."""
    node = first(schema, "StandardScaler")
    content = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [], "__id__": 7}
    node.update(__class__="ndarray", __module__="numpy", __loader__="ConstructorFromReduceNode", content=content)


def _attribute(name: str, node: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def change(schema: dict[str, Any]) -> None:
        first(schema, "LogisticRegression")["content"]["content"][name] = node

    return change


def _loader(schema: dict[str, Any]) -> None:
    first(schema, "FunctionTransformer")["__loader__"] = "LossNode"


def _one_id(schema: dict[str, Any]) -> None:
    """skops makes one object of all nodes with an id: the harmless function would be another."""
    function = first(schema, "FunctionTransformer")["content"]["content"]["func"]
    evil = type_node("numpy", "float64", number=function["__id__"])
    first(schema, "StandardScaler")["content"]["content"]["harmless"] = evil


def _one_id_of_dicts(schema: dict[str, Any]) -> None:
    """The same, by a dict that is harmless where it stands, and is the state of something else."""
    state = first(schema, "FunctionTransformer")["content"]
    other = json.loads(json.dumps(state))
    other["content"]["kw_args"] = value("x", 11)
    first(schema, "StandardScaler")["content"]["content"]["harmless"] = other


def _no_id(schema: dict[str, Any]) -> None:
    del first(schema, "LogisticRegression")["__id__"]


def _key_types(schema: dict[str, Any]) -> None:
    for node in nodes(schema):
        if node["__loader__"] == "DictNode":
            node["key_types"]["content"][0] = type_node("builtins", "bytes")


def _dict_class(schema: dict[str, Any]) -> None:
    first(schema, "LogisticRegression")["content"].update(__class__="Booster", __module__="lightgbm.basic")


def _tuple_class(schema: dict[str, Any]) -> None:
    for node in nodes(schema):
        if node["__loader__"] == "ListNode" and node["content"]:
            node.update(__class__="bytes")


def _old_protocol(schema: dict[str, Any]) -> None:
    schema["protocol"] = 0


def _deep(schema: dict[str, Any]) -> None:
    inner = value(1)
    for number in range(400):
        inner = {
            "__class__": "list",
            "__module__": "builtins",
            "__loader__": "ListNode",
            "content": [inner],
            "__id__": 10**16 + number,
        }
    _attribute("deep", inner)(schema)


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "function by type": _function("builtins", "bytes", "TypeNode"),
    "array by type": _function("numpy", "ndarray", "TypeNode"),
    "array by function": _function("numpy", "ndarray", "FunctionNode"),
    "buffer": _function("numpy._core.numeric", "_frombuffer", "FunctionNode"),
    "encoder": _function("_codecs", "encode", "FunctionNode"),
    "a call in place of an object": _constructed,
    "method": _attribute("x", {**type_node("numpy", "ndarray", "MethodNode"), "content": {"func": "tofile"}}),
    "operator": _attribute("x", {**type_node("operator", "attrgetter", "OperatorFuncNode"), "attrs": value(1)}),
    "cached": _attribute("x", type_node("builtins", "str", "CachedNode")),
    "masked array": _attribute("x", type_node("numpy", "ndarray", "MaskedArrayNode")),
    "sparse matrix": _attribute("x", {**type_node("numpy", "ndarray", "SparseMatrixNode"), "file": "a.npz"}),
    "list as a value": _attribute("x", value([1, 2])),
    "class as an attribute": _attribute("solver", type_node("sklearn.pipeline", "Pipeline")),
    "number of an array": _attribute(
        "x", {**type_node("builtins", "bytes", "NdArrayNode"), "type": "numpy", "file": ""}
    ),
    "another loader": _loader,
    "one id for two functions": _one_id,
    "one id for two dicts": _one_id_of_dicts,
    "no id": _no_id,
    "keys made by a call": _key_types,
    "dict of another class": _dict_class,
    "list of another class": _tuple_class,
    "old protocol": _old_protocol,
    "deep": _deep,
}


@pytest.mark.parametrize("name", CHANGES)
def test_schemas_that_no_model_has_are_refused(name: str) -> None:
    with pytest.raises(PickleRefused, match=r"model\.skops is not opened: "):
        opened(changed(pipeline(), CHANGES[name]))


def test_a_schema_that_is_not_changed_opens() -> None:
    """The helper above keeps what it does not change."""
    assert opened(changed(pipeline(), lambda schema: None)).predict(X).shape == (60,)


def header(dtype: str, shape: str) -> bytes:
    """An array's file that claims a dtype and a shape, and holds eight bytes."""
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(8)


@pytest.mark.parametrize(
    "content",
    [
        header("'|O'", "(1,)"),
        header("[('a', '|O')]", "(1,)"),
        header("'<f8'", f"({10**15},)"),
        header("'<f8'", "(2,)"),
        header("'<f8'", "(-1,)"),
        header("'<f8'", "(0,)"),
        b"\x93NUMPY\x01\x00" + b"\xff\xff{",
        b"\x80\x04N.",
        b"",
    ],
    ids=["objects", "objects in fields", "vast", "short", "negative", "long", "cut", "pickle", "empty"],
)
def test_files_that_are_no_whole_arrays_are_refused(content: bytes) -> None:
    data = pipeline()
    with pytest.raises(PickleRefused, match=r"its file '.*' (is no array|holds something else)"):
        opened(changed(data, lambda schema: None, {array_files(data)[0]: content}))


def test_a_number_made_of_many_is_refused() -> None:
    data = saved(make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=1)).fit(X, TWO))

    def change(schema: dict[str, Any]) -> None:
        for node in nodes(schema):
            if node["__loader__"] == "NdArrayNode" and node["__class__"] == "ndarray" and node["type"] == "numpy":
                node["__class__"] = "float64"

    with pytest.raises(PickleRefused, match="more than one number"):
        opened(changed(data, change))


def test_forged_trees_are_refused() -> None:
    forest = RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, TWO)
    data = saved(forest)

    def change(schema: dict[str, Any]) -> None:
        first(schema, "Tree")["__reduce__"]["args"]["content"] = [value("x", 1), value("y", 2), value("z", 3)]

    with pytest.raises(PickleRefused, match="makes a tree in a way no model is written"):
        opened(changed(data, change))


# the zip


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_zip_that_claims_to_unpack_to_too_much_is_refused() -> None:
    """By what it claims, and nothing is unpacked: here the claim is written into a small file."""
    data = bytearray(zipped({SCHEMA: b"{}", "a.npy": b"x" * 100}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 2**32 - 2)
    assert MAX_BYTES < 2**32 + 1
    data[data.index(b"PK\x01\x02") + 24 :][:4] = struct.pack("<I", 2**32 - 2)
    second = bytes(data)
    offset = second.index(b"PK\x01\x02")
    second = second[: offset + 24] + struct.pack("<I", 2**32 - 2) + second[offset + 28 :]
    with pytest.raises(ImportRefused, match="unpacks to over"):
        opened(second)


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says() -> None:
    """A megabyte of zeros that claims to be 100 bytes."""
    data = bytearray(zipped({SCHEMA: b"0" * 2**20}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.rindex(mark) + place
        data[start : start + 4] = struct.pack("<I", 100)
    with pytest.raises(ImportRefused, match="none that skops wrote"):
        opened(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_all_at_once_is_refused(method: int) -> None:
    with pytest.raises(ImportRefused, match="compressed in a way"):
        opened(zipped({SCHEMA: b"{}"}, method))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_files_of_one_name_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(SCHEMA, "{}")
        archive.writestr(SCHEMA, "{}")
    with pytest.raises(ImportRefused, match="two files in it have one name"):
        opened(stream.getvalue())


@pytest.mark.parametrize("schema", [b"[" * 200_000, b"{", b"", b"\xff\xfe"], ids=["deep", "cut", "empty", "no text"])
def test_no_schema_is_no_skops_file(schema: bytes) -> None:
    with pytest.raises(ImportRefused, match="none that skops wrote"):
        opened(zipped({SCHEMA: schema}))


@pytest.mark.parametrize("schema", [b"[]", b"{}", b"null", b"3"])
def test_a_schema_of_nothing_is_refused(schema: bytes) -> None:
    with pytest.raises(PickleRefused, match="a part of its schema has no protocol"):
        opened(zipped({SCHEMA: schema}))


def test_encoders_with_arrays_of_texts_open() -> None:
    encoder = OneHotEncoder().fit(np.array([["a"], ["b"]], dtype=object))
    assert opened(saved(encoder)).categories_[0].tolist() == ["a", "b"]
    assert skops.io.get_untrusted_types(data=saved(encoder)) == []
