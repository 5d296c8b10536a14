"""Pickles that mean harm: how each is built, what it wants, and whether a plain load would have run it."""

import copyreg
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from tests.pickles.opcodes import call, instance, named, pairs, plain, text, touch, whole


@dataclass(frozen=True)
class Hostile:
    """``fires`` when ``pickle.loads`` would leave the canary behind."""

    build: Callable[[Path], bytes]
    wants: str
    fires: bool = False


class Reducing:
    """Pickles as a call."""

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self.call = (function, args)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.call


class Touching:
    """Leaves the canary behind when it is given its state."""

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["canary"]).touch()

    def __getstate__(self) -> dict[str, str]:
        return self.__dict__


class Slotted:
    __slots__ = ("value",)


SYSTEM = named("os", "system")
PIPELINE = named("sklearn.pipeline", "Pipeline")
TRANSFORMER = ("sklearn.preprocessing._function_transformer", "FunctionTransformer")
CHECK_ARRAY = named("sklearn.utils.validation", "check_array")
NEIGHBOURS = ("sklearn.neighbors._classification", "KNeighborsClassifier")
OBJECTS_DENIED = plain((3, "|", None, None, None, -1, -1, 0))


def _import(module: str, name: str) -> bytes:
    """``__import__(module)`` then ``getattr(…, name)``, as a chain of calls."""
    return call(
        named("builtins", "getattr"),
        call(named("builtins", "__import__"), text(module)),
        text(name),
    )


def _inside_a_model(canary: Path) -> bytes:
    scaler = StandardScaler().fit([[1.0], [2.0]])
    scaler.mean_ = [{"deep": (1, [Reducing(Path.touch, canary)])}]
    return pickle.dumps(scaler, 5)


def _setstate(canary: Path) -> bytes:
    touching = Touching()
    touching.__dict__["canary"] = str(canary)
    return pickle.dumps(touching, 5)


def _memo(canary: Path) -> bytes:
    """A harmless text is remembered, then another under the same number."""
    renamed = text("os") + b"q\x00" + b"0" + text("system") + b"q\x01" + b"0"
    swapped = text("getcwd") + b"q\x01" + b"0" + text("system") + b"q\x01" + b"0"
    return whole(renamed, swapped, call(b"h\x00" + b"h\x01" + b"\x93", touch(canary)))


def _extension(canary: Path) -> bytes:
    return whole(call(b"\x82\xf0", touch(canary)))


def _dtype(code: str, state: bytes = b"") -> bytes:
    return call(named("numpy", "dtype"), text(code), b"\x89", b"\x88") + state + (b"b" if state else b"")


def _forged(dtype: bytes) -> bytes:
    """An array of objects whose pointers are bytes of one's choice."""
    array = named("numpy._core.numeric", "_frombuffer")
    return whole(call(array, b"C\x08" + b"A" * 8, dtype, plain((1,)), text("C")))


def _fields(inner: bytes, offset: int, flags: int) -> bytes:
    fields = b"}" + text("a") + inner + plain(offset) + b"\x86s"
    parts = [plain(3), text("|"), b"N", text("a") + b"\x85", fields, plain(8), plain(1), plain(flags)]
    return _dtype("V8", b"(" + b"".join(parts) + b"t")


def _changed_after(canary: Path) -> bytes:
    """The fields of a dtype are judged, used, and then moved beyond its end."""
    fields = b"}q\x07" + text("a") + _dtype("f8") + plain(0) + b"\x86s"
    parts = [plain(3), text("|"), b"N", text("a") + b"\x85", fields, plain(8), plain(1), plain(16)]
    dtype = _dtype("V8", b"(" + b"".join(parts) + b"t")
    return whole(dtype, b"0h\x07" + text("a") + _dtype("f8") + plain(4096) + b"\x86s")


def _partial(function: bytes, state: bytes = b"") -> bytes:
    return call(named("functools", "partial"), function) + state


def _rebound(canary: Path) -> bytes:
    return whole(_partial(CHECK_ARRAY, b"(" + named("numpy", "ndarray") + b")}Ntb"))


def _second(canary: Path) -> bytes:
    return pickle.dumps([1], 5) + whole(call(SYSTEM, touch(canary)))


def _joblib(canary: Path) -> bytes:
    return zlib.compress(whole(call(SYSTEM, touch(canary))))


def _wrapped_array(canary: Path) -> bytes:
    return whole(instance("joblib.numpy_pickle", "NumpyArrayWrapper"), pairs(subclass=named("numpy", "ndarray")), b"b")


def _text_name(canary: Path) -> bytes:
    """A name made by numpy: a scalar that is a text."""
    scalar = call(named("numpy._core.multiarray", "scalar"), _dtype("U6"), plain(np.array("system").tobytes()))
    return whole(call(text("os") + scalar + b"\x93", touch(canary)))


def _text_key(canary: Path) -> bytes:
    """A FunctionTransformer whose real function hides behind a key that only equals ``func``."""
    key = call(named("numpy._core.multiarray", "scalar"), _dtype("U4"), plain(np.array("func").tobytes()))
    return whole(instance(*TRANSFORMER), pairs(func=b"N"), key + named("numpy", "ndarray") + b"s", b"b")


def _numpy_two() -> bytes:
    return call(named("numpy._core.multiarray", "scalar"), _dtype("f8"), plain(np.array(2.0).tobytes()))


def _booster(module: str, model: bytes) -> bytes:
    return whole(instance(module, "Booster"), pairs(handle=model), b"b")


def _numpy_text(value: str) -> bytes:
    """A text that is numpy's own, and only equals ``value``."""
    scalar = named("numpy._core.multiarray", "scalar")
    return call(scalar, _dtype(f"U{len(value)}"), plain(np.array(value).tobytes()))


def _voting(**state: bytes) -> Hostile:
    return Hostile(lambda c: whole(instance(*NEIGHBOURS), pairs(**state), b"b"), "counts votes without checking")


def _neighbours_key(canary: Path) -> bytes:
    key = call(named("numpy._core.multiarray", "scalar"), _dtype("U6"), plain(np.array("metric").tobytes()))
    return whole(instance(*NEIGHBOURS), pairs(weights=text("distance")), key + text("manhattan") + b"s", b"b")


def _by_class(canary: Path) -> bytes:
    kmeans = pickle.dumps(KMeans(2), 5)
    return kmeans.replace(b"sklearn.cluster._kmeans", b"sklearn.cluster._kmeanz")


HOSTILE: dict[str, Hostile] = {
    # the plain ways to a shell
    "os.system": Hostile(lambda c: whole(call(SYSTEM, touch(c))), "os.system", True),
    "posix.system": Hostile(lambda c: whole(call(named("posix", "system"), touch(c))), "posix.system", True),
    "text protocol": Hostile(lambda c: f"cos\nsystem\n(S'touch {c}'\ntR.".encode(), "os.system", True),
    "protocol 2 name": Hostile(
        lambda c: b"\x80\x02" + call(b"cos\nsystem\n", touch(c)) + b".",
        "os.system",
        True,
    ),
    "old builtins": Hostile(
        lambda c: b"\x80\x02" + call(b"c__builtin__\neval\n", text(f"open({str(c)!r}, 'w').close()")) + b".",
        "__builtin__.eval",
        True,
    ),
    "eval": Hostile(
        lambda c: whole(call(named("builtins", "eval"), text(f"open({str(c)!r}, 'w').close()"))), "builtins.eval", True
    ),
    "exec": Hostile(
        lambda c: whole(call(named("builtins", "exec"), text(f"open({str(c)!r}, 'w').close()"))), "builtins.exec", True
    ),
    "subprocess": Hostile(
        lambda c: whole(call(named("subprocess", "check_call"), plain(["touch", str(c)]))),
        "subprocess.check_call",
        True,
    ),
    "importlib": Hostile(
        lambda c: whole(call(named("importlib", "import_module"), text("antigravity"))), "importlib.import_module"
    ),
    "pickle in pickle": Hostile(
        lambda c: whole(call(named("pickle", "loads"), plain(whole(call(SYSTEM, touch(c)))))), "pickle.loads"
    ),
    "marshal": Hostile(lambda c: whole(call(named("marshal", "loads"), plain(b"N"))), "marshal.loads"),
    "runpy": Hostile(
        lambda c: whole(call(named("runpy", "_run_code"), text(f"open({str(c)!r}, 'w').close()"), b"}")),
        "runpy._run_code",
        True,
    ),
    "timeit": Hostile(
        lambda c: whole(call(named("timeit", "timeit"), text(f"open({str(c)!r}, 'w').close()"), text(""))),
        "timeit.timeit",
    ),
    "open": Hostile(lambda c: whole(call(named("io", "open"), text(str(c)), text("w"))), "io.open"),
    # libraries that models use, but not these names of them
    "numpy.testing": Hostile(
        lambda c: whole(
            call(named("numpy.testing._private.utils", "runstring"), text(f"open({str(c)!r}, 'w').close()"), b"}")
        ),
        "numpy.testing._private.utils.runstring",
        True,
    ),
    "numpy load": Hostile(lambda c: whole(call(named("numpy", "load"), text(str(c)))), "numpy.load"),
    "sklearn elsewhere": Hostile(
        lambda c: whole(call(named("sklearn.datasets", "load_files"), text("/"))), "sklearn.datasets.load_files"
    ),
    "our own code": Hostile(
        lambda c: whole(call(named("vaticina.formats.estimators.load", "load_native"), b"N", b"N")),
        "vaticina.formats.estimators.load.load_native",
    ),
    "joblib": Hostile(lambda c: whole(call(named("joblib", "load"), text(str(c)))), "joblib.load"),
    "joblib array": Hostile(_wrapped_array, "joblib.numpy_pickle.NumpyArrayWrapper"),
    "class by another name": Hostile(_by_class, "sklearn.cluster._kmeanz.KMeans"),
    # ways around a list
    "getattr chain": Hostile(lambda c: whole(call(_import("os", "system"), touch(c))), "builtins.getattr", True),
    "attrgetter": Hostile(
        lambda c: whole(call(named("operator", "attrgetter"), text("__class__.__base__"))), "operator.attrgetter"
    ),
    "methodcaller": Hostile(
        lambda c: whole(call(call(named("operator", "methodcaller"), text("touch")), plain(c))),
        "operator.methodcaller",
        True,
    ),
    "partial": Hostile(lambda c: whole(call(_partial(SYSTEM), touch(c))), "os.system", True),
    "map": Hostile(lambda c: whole(call(named("builtins", "map"), SYSTEM, plain([str(c)]))), "builtins.map"),
    "nested reduce": Hostile(_inside_a_model, "pathlib.Path.touch", True),
    "reduce_ex": Hostile(lambda c: pickle.dumps(Reducing(Path.touch, c), 5), "pathlib.Path.touch", True),
    "copyreg": Hostile(
        lambda c: whole(call(named("copyreg", "add_extension"), text("os"), text("system"), plain(241))),
        "copyreg.add_extension",
    ),
    "setstate": Hostile(_setstate, "tests.pickles.hostile.Touching", True),
    "slots": Hostile(lambda c: pickle.dumps(Slotted(), 5), "tests.pickles.hostile.Slotted"),
    "memo": Hostile(_memo, "os.system", True),
    "name from a call": Hostile(
        lambda c: whole(call(text("os") + call(named("builtins", "str"), text("system")) + b"\x93", touch(c))),
        "builtins.str",
        True,
    ),
    "name from numpy": Hostile(_text_name, "computes the name"),
    "name from a number": Hostile(lambda c: whole(text("os"), plain(7), b"\x93"), "computes the name"),
    "dotted globals": Hostile(
        lambda c: whole(named("sklearn.pipeline", "Pipeline.__init__.__globals__")),
        "sklearn.pipeline.Pipeline.__init__.__globals__",
    ),
    "dotted class": Hostile(lambda c: whole(named("sklearn", "pipeline.Pipeline")), "sklearn.pipeline.Pipeline"),
    "name with a space": Hostile(lambda c: whole(b"csklearn.pipeline Pipeline\nx\n"), "Pipeline x"),
    "reconstructor of Python 2": Hostile(
        lambda c: b"ccopy_reg\n_reconstructor\n(cos\nsystem\nc__builtin__\nobject\nNtR.", "os.system"
    ),
    "reconstructor of a function": Hostile(
        lambda c: b"ccopy_reg\n_reconstructor\n(cnumpy\nexpm1\nc__builtin__\nobject\nNtR.", "makes a numpy.expm1"
    ),
    "reconstructor of a list": Hostile(
        lambda c: whole(call(named("copyreg", "_reconstructor"), PIPELINE, named("builtins", "list"), b"]")),
        "builtins.list",
    ),
    "codecs": Hostile(lambda c: whole(call(named("_codecs", "encode"), text("x"), text("rot13"))), "_codecs.encode"),
    "factory of a defaultdict": Hostile(
        lambda c: whole(call(named("collections", "defaultdict"), named("builtins", "eval"))), "builtins.eval"
    ),
    "other factory of a defaultdict": Hostile(
        lambda c: whole(call(named("collections", "defaultdict"), PIPELINE)), "calls collections.defaultdict"
    ),
    "cloudpickle": Hostile(
        lambda c: whole(call(named("cloudpickle.cloudpickle", "_make_function"), b"N")),
        "cloudpickle.cloudpickle._make_function",
    ),
    "dill": Hostile(
        lambda c: whole(call(named("dill._dill", "_create_function"), b"N")), "dill._dill._create_function"
    ),
    "code object": Hostile(
        lambda c: whole(call(call(named("types", "FunctionType"), call(named("types", "CodeType"), plain(0)), b"}"))),
        "types.FunctionType, types.CodeType",
    ),
    "booster made by a call": Hostile(
        lambda c: whole(call(named("lightgbm.basic", "Booster"), b"N", b"N", text(str(c)))), "calls lightgbm.basic"
    ),
    # opcodes that no model needs
    "INST": Hostile(lambda c: f"(S'touch {c}'\nios\nsystem\n.".encode(), "opcode", True),
    "INST name": Hostile(lambda c: b"(ios\nsystem\n.", "os.system"),
    "OBJ": Hostile(lambda c: whole(b"(", SYSTEM, touch(c), b"o"), "os.system"),
    "OBJ of a listed class": Hostile(lambda c: whole(b"(", PIPELINE, b"o"), "opcode OBJ"),
    "EXT1": Hostile(_extension, "opcode EXT1"),
    "EXT2": Hostile(lambda c: whole(b"\x83\xf0\x00"), "opcode EXT2"),
    "EXT4": Hostile(lambda c: whole(b"\x84\xf0\x00\x00\x00"), "opcode EXT4"),
    "PERSID": Hostile(lambda c: b"Pany\n.", "opcode PERSID"),
    "BINPERSID": Hostile(lambda c: whole(text("any"), b"Q"), "opcode BINPERSID"),
    "out of band": Hostile(lambda c: whole(b"\x97"), "opcode NEXT_BUFFER"),
    "unknown opcode": Hostile(lambda c: whole(b"\xff"), "no whole pickle"),
    # the container around it
    "second pickle": Hostile(_second, "os.system"),
    "harmless second pickle": Hostile(lambda c: whole(plain(1)) * 2, "follow its end"),
    "endless second pickles": Hostile(lambda c: whole(plain(1)) * 5_000, "follow its end"),
    "compressed": Hostile(_joblib, "no whole pickle"),  # a bundle's own pickle never is
    "truncated": Hostile(lambda c: whole(call(SYSTEM, touch(c)))[:-3], "os.system"),
    "truncated model": Hostile(lambda c: pickle.dumps(KMeans(2), 5)[:-20], "no whole pickle"),
    "empty": Hostile(lambda c: b"", "no whole pickle"),
    "no object": Hostile(lambda c: whole(), "does not end with one object"),
    "two objects": Hostile(lambda c: whole(plain(1), plain(2)), "does not end with one object"),
    "stack below the mark": Hostile(lambda c: whole(plain(1), b"(\x85"), "stack runs empty"),
    "no mark": Hostile(lambda c: whole(plain(1), b"t"), "no mark"),
    "unknown memory": Hostile(lambda c: whole(b"h\x09"), "never remembered"),
    "vast memory": Hostile(lambda c: whole(plain(1), b"r\xff\xff\xff\x7f"), "remembers under number"),
    "key without value": Hostile(lambda c: whole(b"}(", plain(1), b"u"), "key without a value"),
    # listed names, used otherwise than models use them
    "constructor": Hostile(
        lambda c: whole(call(named("sklearn.cluster._kmeans", "KMeans"), plain(2))), "calls sklearn.cluster._kmeans"
    ),
    "new with arguments": Hostile(lambda c: whole(PIPELINE, plain((1,)), b"\x81"), "makes a sklearn.pipeline"),
    "new with keywords": Hostile(lambda c: whole(PIPELINE, b")}\x92"), "makes a sklearn.pipeline"),
    "call a result": Hostile(
        lambda c: whole(call(instance("sklearn._loss.loss", "HuberLoss"), text("x"))), "calls what sklearn._loss.loss"
    ),
    "call a text": Hostile(lambda c: whole(call(text("x"), text("x"))), "calls a plain value"),
    "arguments no tuple": Hostile(lambda c: whole(named("builtins", "slice"), b"]R"), "no plain arguments"),
    "state of a class": Hostile(lambda c: whole(PIPELINE, pairs(predict=PIPELINE), b"b"), "Pipeline itself"),
    "slots of a class": Hostile(
        lambda c: whole(PIPELINE, b"N", pairs(predict=PIPELINE), b"\x86b"), "state to sklearn.pipeline.Pipeline itself"
    ),
    "slots of an object": Hostile(
        lambda c: whole(instance("sklearn._loss.link", "LogLink"), b"N", pairs(__class__=PIPELINE), b"\x86b"),
        "gives a state",
    ),
    "state of a class in disguise": Hostile(
        lambda c: whole(
            call(named("numpy._core.multiarray", "scalar"), _dtype("O8"), PIPELINE), pairs(predict=PIPELINE), b"b"
        ),
        "calls numpy._core.multiarray.scalar",
    ),
    "state twice": Hostile(
        lambda c: whole(instance("sklearn.pipeline", "Pipeline"), pairs(steps=plain(1)), b"b", pairs(), b"b"),
        "gives a state",
    ),
    "append to an object": Hostile(
        lambda c: whole(instance("sklearn.pipeline", "Pipeline"), plain(1), b"a"), "puts values into"
    ),
    "items of an object": Hostile(
        lambda c: whole(instance("sklearn.pipeline", "Pipeline"), plain(1), plain(2), b"s"), "puts values into"
    ),
    "add to an object": Hostile(
        lambda c: whole(instance("sklearn.pipeline", "Pipeline"), b"(", plain(1), b"\x90"), "puts values into"
    ),
    "any class from a generator": Hostile(
        lambda c: whole(call(named("numpy.random._pickle", "__generator_ctor"), text("x"), PIPELINE)),
        "calls numpy.random._pickle",
    ),
    # pointers made of bytes
    "array over bytes": Hostile(
        lambda c: whole(call(named("numpy", "ndarray"), plain((1,)), _dtype("O8"), b"C\x08AAAAAAAA")),
        "calls numpy.ndarray",
    ),
    "objects denied": Hostile(lambda c: _forged(_dtype("O8", OBJECTS_DENIED)), "state that numpy would not write"),
    "objects in fields": Hostile(lambda c: _forged(_fields(_dtype("O8"), 0, 0)), "field that is not of numbers"),
    "fields beyond the end": Hostile(
        lambda c: _forged(_fields(_dtype("f8"), 4096, 16)), "state that numpy would not write"
    ),
    "fields changed later": Hostile(_changed_after, "changes a dict"),
    "dtype by name": Hostile(lambda c: whole(_dtype("O,O")), "numpy.dtype"),
    "partial of an array": Hostile(lambda c: whole(_partial(named("numpy", "ndarray"))), "calls functools.partial"),
    "partial rebound": Hostile(_rebound, "binds functools.partial"),
    # code inside a listed class
    "transformer of code": Hostile(
        lambda c: whole(instance(*TRANSFORMER), pairs(func=SYSTEM), b"b"),
        "os.system",
    ),
    "transformer of a class": Hostile(
        lambda c: whole(instance(*TRANSFORMER), pairs(func=PIPELINE), b"b"), "function of its own"
    ),
    "transformer with arguments": Hostile(
        lambda c: whole(instance(*TRANSFORMER), pairs(func=named("numpy", "log1p"), kw_args=pairs(out=b"N")), b"b"),
        "arguments of its own",
    ),
    # attributes that a library would call
    "a method of one's own": Hostile(
        lambda c: whole(instance("sklearn.pipeline", "Pipeline"), pairs(__setstate__=PIPELINE), b"b"),
        "whose __setstate__ is sklearn.pipeline.Pipeline, which it could call",
    ),
    "kernel that is an array": Hostile(
        lambda c: whole(instance("sklearn.svm._classes", "SVC"), pairs(kernel=named("numpy", "ndarray")), b"b"),
        "whose kernel is numpy.ndarray, which it could call",
    ),
    "metric that makes arrays": Hostile(
        lambda c: whole(
            instance("sklearn.neighbors._regression", "KNeighborsRegressor"),
            pairs(metric=named("numpy._core.numeric", "_frombuffer")),
            b"b",
        ),
        "whose metric is numpy._core.numeric._frombuffer, which it could call",
    ),
    # models that their own library reads as it is given its state
    "booster of a cut text": Hostile(lambda c: _booster("lightgbm.basic", text("tree\nversion=v4\n")), "cut short"),
    "booster of bytes": Hostile(lambda c: _booster("lightgbm.basic", plain(b"tree\n")), "in another form"),
    "booster of an empty document": Hostile(
        lambda c: _booster("xgboost.core", plain(bytearray(b"{}"))), "no sound model"
    ),
    "booster of a text": Hostile(lambda c: _booster("xgboost.core", text("{}")), "in another form"),
    "booster with a hidden key": Hostile(
        lambda c: whole(
            instance("lightgbm.basic", "Booster"), pairs(handle=b"N"), _numpy_text("_handle") + text("x") + b"s", b"b"
        ),
        "no plain name",
    ),
    # votes counted in C at whatever place a label names
    "neighbours, manhattan": _voting(metric=text("manhattan"), weights=text("uniform")),
    "neighbours, another power": _voting(metric=text("minkowski"), p=plain(3), weights=text("uniform")),
    "neighbours, power of an array": _voting(metric=text("minkowski"), p=_numpy_two(), weights=text("uniform")),
    "neighbours, nothing said": _voting(),
    "neighbours with a hidden key": Hostile(_neighbours_key, "no plain name"),
    "transformer with a hidden key": Hostile(_text_key, "no plain name"),
}


def register_extension() -> None:
    """Gives ``os.system`` an extension code, so that a plain load would resolve it."""
    if 0xF0 not in copyreg._inverted_registry:  # type: ignore[attr-defined]
        copyreg.add_extension("os", "system", 0xF0)
