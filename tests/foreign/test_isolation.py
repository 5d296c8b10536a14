"""Genuine artefacts of other versions, opened, rebuilt, compiled, and compared with what the originals gave."""

import csv
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.foreign.conftest import PYENV
from tests.foreign_artefacts import CLUSTER_SET, PAIR, needs_python_3_9, needs_python_3_10
from vaticina.contract import load_project
from vaticina.errors import ForeignVersion, PickleRefused
from vaticina.foreign.environment import Environment
from vaticina.foreign.isolation import Isolation
from vaticina.foreign.open_pickles import OpenedPickles, open_pickles
from vaticina.formats.cluster_set.model import ClusterSet, cluster_set
from vaticina.tasks import served_form
from vaticina.tasks.served_model import ServedModel

EXAMPLE = Path(__file__).parents[2] / "src" / "vaticina" / "examples" / "contugas"


def files(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob(pattern))}


@pytest.fixture(scope="module")
def isolation(environments: Path) -> Isolation:
    return Isolation(cache=environments.parent, roots=PYENV)


@pytest.fixture(scope="module")
def opened(old: Environment, isolation: Isolation) -> OpenedPickles:
    pickles = open_pickles(files(CLUSTER_SET, "*.joblib"), isolation)
    assert pickles.foreign is not None
    assert pickles.foreign.environment == old  # the same pins: no third environment
    return pickles


@pytest.fixture(scope="module")
def whole(opened: OpenedPickles) -> ClusterSet:
    return cluster_set(opened.objects)


@pytest.fixture(scope="module")
def served(opened: OpenedPickles, whole: ClusterSet) -> ServedModel:
    foreign = opened.foreign
    assert foreign is not None
    contract = load_project(EXAMPLE).draft()
    return served_form(
        whole.model, contract, whole.rows(), lambda rows: whole.outputs(foreign.answers(whole.ask, list(rows.T)))
    )


@needs_python_3_10
def test_the_documented_set_answers_as_scikit_learn_1_0_2_did(served: ServedModel, whole: ClusterSet) -> None:
    """No label differs, not even at a tie, and no score by 1e-5."""
    reference = np.load(CLUSTER_SET / "reference.npz")
    found = served.runtime.predict(reference["inputs"]).columns
    np.testing.assert_array_equal(found["cluster"], reference["cluster"])
    np.testing.assert_array_equal(found["anomaly"], reference["prediccion"])
    threshold = np.array([whole.model.members[int(one)].threshold for one in reference["cluster"]])
    np.testing.assert_allclose(threshold - found["score"], reference["score"], atol=1e-12)


@needs_python_3_10
def test_the_compiled_set_was_verified_against_the_original(served: ServedModel) -> None:
    assert served.family == "onnx"
    assert served.verification["verified"]
    assert served.verification["flips"] == 0
    assert served.verification["near_rows"] > 10_000
    assert served.verification["largest_difference"] < 1e-12


@needs_python_3_10
def test_versions_that_opened_it_are_told(opened: OpenedPickles) -> None:
    assert opened.libraries["python"] == "3.10"
    assert opened.libraries["scikit-learn"] == "1.0.2"


@needs_python_3_9
def test_the_pair_answers_as_its_versions_did(pair: Environment, isolation: Isolation) -> None:
    pickles = open_pickles(
        files(PAIR, "*.pkl"),
        Isolation(cache=isolation.cache, roots=PYENV, python="3.9"),
    )
    assert pickles.foreign is not None
    assert pickles.foreign.environment == pair
    preprocessor, model = "preprocessor_20250717_214053.pkl", "model_20250717_214053.pkl"
    columns, table = read(PAIR / "rows.csv")
    ask = {"parts": [preprocessor, model], "columns": columns}
    original = pickles.foreign.answers(ask, table)["probabilities"]
    _, (probability, prediction, _) = read(PAIR / "reference.csv")
    np.testing.assert_allclose(original[:, 1], probability, atol=1e-12)
    transformed = pickles.objects[preprocessor].transform(frame(columns, table))
    rebuilt = pickles.objects[model].predict_proba(transformed)
    np.testing.assert_allclose(rebuilt, original, atol=1e-12)
    np.testing.assert_array_equal(rebuilt[:, 1] >= 0.5, prediction.astype(bool))


def read(path: Path) -> tuple[list[str], list[Any]]:
    """Columns of doubles where all are numbers, else of texts."""
    with path.open(encoding="utf-8", newline="") as lines:
        names, *rows = list(csv.reader(lines))
    return names, [column(values) for values in zip(*rows, strict=True)]


def column(values: tuple[str, ...]) -> Any:
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return np.array(values, dtype=object)


def frame(columns: list[str], table: list[Any]) -> Any:
    import pandas

    return pandas.DataFrame(dict(zip(columns, table, strict=True)))


def test_it_is_refused_before_it_is_opened_when_it_may_not_be_isolated(isolation: Isolation) -> None:
    never = Isolation(cache=isolation.cache, never=True)
    with pytest.raises(ForeignVersion) as refused:
        open_pickles(files(CLUSTER_SET, "scaler.joblib"), never, command="vaticina import sk102 --name gas")
    assert "scaler.joblib was made with scikit-learn 1.0.2" in refused.value.message
    assert "scikit-learn 1." in refused.value.message.partition("which ")[2]
    assert refused.value.message.endswith("vaticina import sk102 --name gas --isolated")


def test_what_can_be_read_here_is_opened_here(isolation: Isolation) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    pickles = open_pickles({"model.pkl": pickle.dumps(model)}, Isolation(cache=isolation.cache, never=True))
    assert pickles.foreign is None
    assert pickles.objects["model.pkl"].coef_ == model.coef_


def test_a_malicious_file_is_refused_before_any_environment_is_made(tmp_path: Path) -> None:
    evil = files(CLUSTER_SET, "scaler.joblib") | {"kmeans_model.joblib": b"cposix\nsystem\n(S'true'\ntR."}
    with pytest.raises(PickleRefused, match=r"kmeans_model\.joblib is not opened: it wants posix\.system"):
        open_pickles(evil, Isolation(cache=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()
