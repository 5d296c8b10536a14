"""Files opened by an interpreter of another version, which gives back data alone."""

import ast
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.foreign.conftest import dumped
from tests.foreign_artefacts import needs_python_3_10
from vaticina.errors import ImportRefused, PickleRefused
from vaticina.foreign import script
from vaticina.foreign.environment import Environment
from vaticina.foreign.interpreter import ForeignInterpreter
from vaticina.pickles.allowlist import NAMES
from vaticina.pickles.examine import exported_allowlist

ALLOWLIST = exported_allowlist()

DATA = """
import numpy as np
random = np.random.RandomState(0)
X = random.normal(size=(400, 4))
X[:, 3] = random.randint(0, 4, 400)
y = (X[:, 0] + X[:, 1] ** 2 > 1).astype(int) + (X[:, 2] > 1)
"""

MODELS = {
    "forest": "from sklearn.ensemble import RandomForestClassifier as M\nvalue = M(20, random_state=0).fit(X, y)",
    "trees": "from sklearn.ensemble import ExtraTreesRegressor as M\nvalue = M(20, random_state=0).fit(X, y)",
    "tree": "from sklearn.tree import DecisionTreeClassifier as M\nvalue = M(random_state=0, max_depth=5).fit(X, y)",
    "boosting": "from sklearn.ensemble import GradientBoostingClassifier as M\nvalue = M(n_estimators=15).fit(X, y)",
    "boosting of two": "from sklearn.ensemble import GradientBoostingClassifier as M\nvalue = M().fit(X, y > 0)",
    "boosted value": (
        "from sklearn.ensemble import GradientBoostingRegressor as M\nvalue = M(n_estimators=15).fit(X, y)"
    ),
    "histogram": "from sklearn.ensemble import HistGradientBoostingClassifier as M\nvalue = M(max_iter=15).fit(X, y)",
    "categories": (
        "from sklearn.ensemble import HistGradientBoostingRegressor as M\n"
        "value = M(max_iter=15, categorical_features=[3]).fit(X, y)"
    ),
    "logistic": "from sklearn.linear_model import LogisticRegression as M\nvalue = M().fit(X, y)",
    "linear": "from sklearn.linear_model import Ridge as M\nvalue = M().fit(X, y)",
    "perceptron": "from sklearn.neural_network import MLPClassifier as M\nvalue = M((5,), max_iter=20).fit(X, y)",
    "pipeline": (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.impute import SimpleImputer\n"
        "from sklearn.preprocessing import OneHotEncoder, StandardScaler\n"
        "from sklearn.compose import ColumnTransformer\nfrom sklearn.linear_model import LogisticRegression\n"
        "steps = [('n', make_pipeline(SimpleImputer(), StandardScaler()), [0, 1, 2]),"
        " ('c', OneHotEncoder(handle_unknown='ignore'), [3])]\n"
        "X[0, 0] = np.nan\nvalue = make_pipeline(ColumnTransformer(steps), LogisticRegression()).fit(X, y)"
    ),
    "ordinal": (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import OrdinalEncoder\n"
        "from sklearn.tree import DecisionTreeRegressor\n"
        "coder = OrdinalEncoder(handle_unknown='use_encoded_value', unknown_value=-1)\n"
        "value = make_pipeline(coder, DecisionTreeRegressor()).fit(X[:, 3:].repeat(4, axis=1), y)"
    ),
}


def rows() -> np.ndarray[Any, Any]:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(500, 4))
    matrix[:, 3] = random.integers(0, 5, 500)
    return matrix


@pytest.fixture(scope="module")
def foreign(old: Environment, tmp_path_factory: pytest.TempPathFactory) -> ForeignInterpreter:
    """All models, made by one run of the other interpreter."""
    program = "import pickle\npickles = {}"
    for name, lines in MODELS.items():
        program += f"\nexec({DATA + lines!r})\npickles[{name!r}] = pickle.dumps(value, 4)"
    program += "\nvalue = pickles"
    dumps = pickle.loads(dumped(old, tmp_path_factory.mktemp("models"), program))
    return ForeignInterpreter(dumps, old, ALLOWLIST)


@pytest.fixture(scope="module")
def models(foreign: ForeignInterpreter) -> dict[str, Any]:
    return foreign.objects()


@needs_python_3_10
@pytest.mark.parametrize("name", MODELS)
def test_a_rebuilt_model_answers_as_its_original(
    foreign: ForeignInterpreter, models: dict[str, Any], name: str
) -> None:
    matrix = rows()
    original = replace(foreign, files={name: foreign.files[name]})
    answers = original.answers({"parts": [name], "columns": list("abcd")}, list(matrix.T))
    labels = answers.pop("label", None)
    ((quantity, expected),) = answers.items()
    answer = models[name].predict_proba if quantity == "probabilities" else models[name].predict
    np.testing.assert_allclose(answer(matrix), expected, atol=1e-12)
    if labels is not None:
        np.testing.assert_array_equal(models[name].classes_[labels], models[name].predict(matrix))


PLAIN = {
    "numbers": [1, 2.5, True, None, "text", -(2**70), float("inf")],
    "nested": {"a": (1, [2, {"b": {3}}]), 4: "four"},
}


@needs_python_3_10
def test_plain_values_come_back_as_they_were(old: Environment, tmp_path: Path) -> None:
    lines = f"import numpy as np\nvalue = {PLAIN!r}".replace("inf", "float('inf')")
    files = {"plain.pkl": dumped(old, tmp_path, lines)}
    assert ForeignInterpreter(files, old, ALLOWLIST).objects() == {"plain.pkl": PLAIN}


@needs_python_3_10
def test_arrays_come_back_as_they_were(old: Environment, tmp_path: Path) -> None:
    lines = (
        "import numpy as np\n"
        "value = [np.arange(6.).reshape(2, 3).T, np.array([], dtype='i4'), np.array(['a', 'bc']), np.float32(0.1),"
        " np.array(['x', None, 3], dtype=object), np.array([True, False]), np.array(7), np.arange(3, dtype='>i8')]"
    )
    opened = ForeignInterpreter({"arrays.pkl": dumped(old, tmp_path, lines)}, old, ALLOWLIST).objects()
    transposed, empty, texts, scalar, objects, truths, single, big_endian = opened["arrays.pkl"]
    np.testing.assert_array_equal(transposed, np.arange(6.0).reshape(2, 3).T)
    assert (empty.dtype, empty.shape) == (np.dtype("i4"), (0,))
    assert texts.tolist() == ["a", "bc"]
    assert (scalar, scalar.dtype) == (np.float32(0.1), np.dtype("f4"))
    assert objects.tolist() == ["x", None, 3]
    assert truths.tolist() == [True, False]
    assert single.tolist() == 7
    assert big_endian.tolist() == [0, 1, 2]


@needs_python_3_10
def test_a_name_that_is_not_listed_is_refused_there_too(old: Environment, tmp_path: Path) -> None:
    """Whatever the audit let through: what opens the file resolves names through the same list."""
    mark = tmp_path / "executed"
    evil = b"cposix\nsystem\n(S'touch " + str(mark).encode() + b"'\ntR."
    with pytest.raises(PickleRefused, match=r"evil\.pkl is not opened: it wants posix\.system"):
        ForeignInterpreter({"evil.pkl": evil}, old, ALLOWLIST).objects()
    dotted = b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93."
    with pytest.raises(PickleRefused, match="not on the list"):
        ForeignInterpreter({"evil.pkl": dotted}, old, {**ALLOWLIST, "names": [*NAMES, "numpy.ndarray.dumps"]}).objects()
    assert not mark.exists()


@needs_python_3_10
@pytest.mark.parametrize("data", [b"", b"\x80\x04", b"\x80\x04]", b"no pickle"])
def test_a_damaged_file_is_refused(old: Environment, data: bytes) -> None:
    with pytest.raises(PickleRefused, match=r"model\.pkl cannot be opened"):
        ForeignInterpreter({"model.pkl": data}, old, ALLOWLIST).objects()


@needs_python_3_10
def test_it_sees_neither_our_environment_nor_our_folder(
    old: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials stay here, and a module beside the caller is not imported there."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    (tmp_path / "numpy.py").write_text("raise SystemExit('imported from the current folder')")
    monkeypatch.chdir(tmp_path)
    names = [*NAMES, "os.getenv"]
    asks = b"\x80\x04\x8c\x02os\x8c\x06getenv\x93\x8c\x15AWS_SECRET_ACCESS_KEY\x85R."
    objects = ForeignInterpreter({"asks.pkl": asks}, old, {**ALLOWLIST, "names": names}).objects()
    assert objects == {"asks.pkl": None}


@needs_python_3_10
def test_an_interpreter_that_dies_is_named(old: Environment) -> None:
    names = [*NAMES, "os._exit"]
    dies = b"\x80\x04\x8c\x02os\x8c\x05_exit\x93K\x05\x85R."
    with pytest.raises(ImportRefused, match=r"Python 3\.10, .*scikit-learn==1\.0\.2.*exit code 5"):
        ForeignInterpreter({"dies.pkl": dies}, old, {**ALLOWLIST, "names": names}).objects()


def test_the_script_needs_no_newer_python() -> None:
    """It is read as the oldest Python that it may meet would."""
    source = Path(script.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__ import annotations" in source
