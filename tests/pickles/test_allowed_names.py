"""What a user may allow beside the list, and what nobody can."""

import pytest

from tests.pickles.opcodes import call, named, pairs, plain, text, whole
from vaticina.errors import PickleRefused
from vaticina.pickles.allowed_names import advice_on, check_allowed
from vaticina.pickles.audit import load_pickle

DANGEROUS = (
    *("os.system", "posix.system", "nt.system", "subprocess.Popen", "sys.exit", "builtins.eval", "__builtin__.eval"),
    *("importlib.import_module", "pickle.loads", "_pickle.loads", "cPickle.loads", "shutil.rmtree", "socket.socket"),
    *("_socket.socket", "ctypes.CDLL", "_ctypes.dlopen", "runpy.run_path", "code.interact", "codeop.compile_command"),
    *("operator.attrgetter", "_operator.methodcaller", "functools.reduce", "_functools.reduce", "marshal.loads"),
    *("types.FunctionType", "inspect.getattr_static", "copyreg.add_extension", "copy_reg.add_extension", "io.open"),
    *("webbrowser.open", "pty.spawn", "pdb.run", "timeit.timeit", "tempfile.NamedTemporaryFile", "logging.FileHandler"),
    *("multiprocessing.Process", "asyncio.run", "__main__.Model", "commands.getoutput", "urllib.request.urlopen"),
    *("numpy.load", "numpy.memmap", "numpy.fromfile", "numpy.savetxt", "numpy.vectorize", "numpy.f2py.main"),
    *("numpy.testing._private.utils.runstring", "numpy.lib.format.open_memmap", "numpy.ctypeslib.load_library"),
    *("pandas.read_pickle", "pandas.eval", "pandas.io.pytables.HDFStore", "pandas.core.computation.eval.eval"),
    *("scipy.io.loadmat", "sklearn.datasets.load_files", "joblib.load", "cloudpickle.loads", "dill._dill._load_type"),
    *("torch.serialization.load", "torch.hub.load", "pip._internal.cli.main.main", "vaticina.cli.main"),
    *("_io.FileIO", "_posixsubprocess.fork_exec", "zipfile.ZipFile", "sqlite3.connect", "ssl.SSLContext"),
)


@pytest.mark.parametrize("name", DANGEROUS)
def test_nobody_can_allow_what_runs_code_or_opens_files(name: str) -> None:
    with pytest.raises(PickleRefused, match=rf"{name} cannot be allowed: .*leave it out of --allow"):
        check_allowed({"mypackage.Steps", name})


@pytest.mark.parametrize(
    "name",
    [
        *("mypackage.steps.Rounding", "pathlib.PosixPath", "pathlib._local.PosixPath", "collections.Counter"),
        *("datetime.date", "decimal.Decimal", "numpy.int8", "numpy.bool_", "pandas.core.series.Series"),
        *("sklearn.neighbors._kd_tree.KDTree", "category_encoders.target_encoder.TargetEncoder", "onnx:Loop"),
        *("onnx:com.microsoft.CDist", "osprey.Model", "sysmodel.Model", "numpy.float64"),
    ],
)
def test_classes_that_hold_data_can_be_allowed(name: str) -> None:
    check_allowed({name})


def test_the_audit_itself_refuses_them(tmp_path: object) -> None:
    data = whole(call(named("posix", "system"), text(f"touch {tmp_path}/canary")))
    with pytest.raises(PickleRefused, match=r"posix.system cannot be allowed"):
        load_pickle(data, "model.pkl", frozenset({"posix.system"}))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("functools.partial", whole(call(named("functools", "partial"), named("numpy", "expm1")))),
        ("numpy.dtype", whole(call(named("numpy", "dtype"), text("O,O"), b"\x89", b"\x88"))),
        ("numpy.ndarray", whole(call(named("numpy", "ndarray"), plain((1,))))),
        (
            "sklearn.preprocessing._function_transformer.FunctionTransformer",
            whole(
                named("sklearn.preprocessing._function_transformer", "FunctionTransformer") + b")\x81",
                pairs(func=named("numpy", "ndarray")),
                b"b",
            ),
        ),
    ],
)
def test_allowing_a_listed_name_lifts_none_of_its_rules(name: str, data: bytes) -> None:
    with pytest.raises(PickleRefused, match="is not opened: it "):
        load_pickle(data, "model.pkl", frozenset({name}))


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (["mypackage.steps.Rounding"], "if you know what it is and trust it, add --allow mypackage.steps.Rounding"),
        (
            ["mypackage.a.A", "mypackage.b.B"],
            "if you know what it is and trust it, add --allow mypackage.a.A --allow mypackage.b.B",
        ),
        (["posix.system"], ""),
        (["mypackage.a.A", "os.system"], ""),
        (["a.A", "b.B", "c.C", "d.D"], ""),
    ],
)
def test_only_what_can_be_allowed_is_offered(names: list[str], advice: str) -> None:
    assert advice_on(names) == advice
