"""The worker process: it answers as the model itself does, dies alone, comes back, and opens nothing unlisted."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from tests.formats.gluon import make
from tests.formats.pipe import await_written, bytes_written
from tests.tasks.fitted import Trained, fitted
from vaticina.bootstrap import Workspace, open_runtime
from vaticina.contract import Bundle, Encoder, Matrix, Outputs, load_project
from vaticina.errors import BundleCorrupt, PickleRefused, WorkerLost
from vaticina.formats.autogluon import audit as predictors
from vaticina.formats.autogluon.audit import audit_predictor
from vaticina.formats.autogluon.fit import fit_project
from vaticina.formats.autogluon.model import AutogluonModel
from vaticina.formats.autogluon.worker import WorkerRuntime
from vaticina.formats.autogluon.worker_message import pack_batch, pack_outputs, unpack_batch, unpack_outputs
from vaticina.progress import no_report
from vaticina.usecases.train import train

pytestmark = pytest.mark.slow

NAME = "gluon"
KNN = "autogluon.tabular.models.knn.knn_model.KNNModel"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return fitted(load_project(make(tmp_path_factory.mktemp(NAME))), fit_project, no_report)


@pytest.fixture(scope="module")
def bundle(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The version as it is published where its ensemble has no compiled form."""
    return published(trained, make(tmp_path_factory.mktemp("bundle")), trained.model.files())


def published(trained: Trained, folder: Path, files: dict[str, bytes]) -> Bundle:
    registry = Workspace(folder).registry()
    manifest = registry.publish(NAME, trained.contract, "autogluon", files)
    return registry.fetch(NAME, manifest.version)


@pytest.fixture(scope="module")
def worker(bundle: Bundle) -> Iterator[WorkerRuntime]:
    runtime = open_runtime(bundle)
    assert isinstance(runtime, WorkerRuntime)
    yield runtime
    runtime.close()


def same(answer: Outputs, expected: Outputs) -> bool:
    columns = expected.columns
    return answer.columns.keys() == columns.keys() and all(
        np.array_equal(answer.columns[name], column) for name, column in columns.items()
    )


def ended(process: int) -> bool:
    """Whether a process is gone, or will be within a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_it_answers_as_the_model_in_this_process_does(worker: WorkerRuntime, trained: Trained) -> None:
    rows = trained.held.matrix
    assert same(worker.predict(rows), trained.model.predict(rows))
    for row in rows[:3]:
        assert same(worker.predict(row[None]), trained.model.predict(row[None]))


def test_unknown_categories_and_missing_values_are_answered(worker: WorkerRuntime, trained: Trained) -> None:
    rows = trained.held.matrix[:2].copy()
    kind = [column.name for column in trained.contract.columns].index("kind")
    rows[0, kind], rows[1] = 99.0, np.nan
    assert np.isfinite(worker.predict(rows).columns["probabilities"]).all()


def test_its_death_fails_the_batch_in_hand_and_no_other(worker: WorkerRuntime, trained: Trained) -> None:
    rows = np.repeat(trained.held.matrix[:5], 200, axis=0)
    expected, first = worker.predict(rows), worker.pid
    os.kill(first, signal.SIGSTOP)  # so that the batch is in its hands when it dies
    written = bytes_written(os.getpid())
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(worker.predict, rows)
        await_written(os.getpid(), written + rows.nbytes)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="died over this batch"):
            lost.result()
    assert same(worker.predict(rows), expected)
    assert worker.pid != first


def test_its_death_between_two_batches_fails_none(worker: WorkerRuntime, trained: Trained) -> None:
    rows = trained.held.matrix[:5]
    expected, first = worker.predict(rows), worker.pid
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert same(worker.predict(rows), expected)
    assert worker.pid != first


def test_one_that_hangs_is_ended_and_replaced_and_it_ends_with_its_runtime(bundle: Bundle, trained: Trained) -> None:
    first_message = {
        "folder": str(bundle.folder / "predictor"),
        "contract": trained.contract.model_dump(mode="json", by_alias=True),
        "names": list(audit_predictor({})),
    }
    worker = WorkerRuntime(orjson.dumps(first_message), timeout=5.0)
    first = worker.pid
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(WorkerLost, match="did not answer in 5 s"):
        worker.predict(trained.held.matrix[:1])
    assert worker.predict(trained.held.matrix[:1]).size == 1
    assert ended(first)
    worker.close()
    assert ended(worker.pid)


SERVER = """
import os, signal, sys
from vaticina.bootstrap import open_runtime
from vaticina.contract import Bundle
from vaticina.contract.bundle import read_manifest
from vaticina.usecases.train import train
from pathlib import Path
folder = Path(sys.argv[1])
worker = open_runtime(Bundle(folder, read_manifest((folder / "manifest.json").read_bytes(), "it")))
heavy = {name.partition(".")[0] for name in sys.modules} & {"autogluon", "pandas", "sklearn", "lightgbm", "scipy"}
print(worker.pid, sorted(heavy), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_serving_process_is_light_and_takes_its_worker_with_it_when_it_is_killed(bundle: Bundle) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVER, str(bundle.folder)], capture_output=True, text=True, check=False
    )
    process, _, heavy = ran.stdout.strip().partition(" ")
    assert (ran.returncode, heavy) == (-signal.SIGKILL, "[]"), ran.stderr
    assert ended(int(process))


def test_a_pickle_that_wants_more_is_refused_before_a_process_is_started(
    trained: Trained, bundle: Bundle, tmp_path: Path
) -> None:
    files = {name: bundle.read(name) for name in bundle.manifest.files}
    bad = published(trained, make(tmp_path), {**files, "predictor/learner.pkl": pickle.dumps(os.system)})
    with pytest.raises(PickleRefused, match=r"predictor/learner\.pkl is not opened: it wants posix\.system"):
        open_runtime(bad)


def test_the_worker_itself_opens_nothing_that_is_not_listed(bundle: Bundle, trained: Trained) -> None:
    """Were the audit blind, the opening would refuse all the same."""
    names = [name for name in audit_predictor({}) if not name.endswith("DefaultLearner")]
    contract = trained.contract.model_dump(mode="json", by_alias=True)
    first_message = {"folder": str(bundle.folder / "predictor"), "contract": contract, "names": names}
    with pytest.raises(BundleCorrupt, match=r"wants autogluon\.tabular\.learner\.default_learner\.DefaultLearner"):
        WorkerRuntime(orjson.dumps(first_message))


def test_a_predictor_of_another_version_is_refused_with_both_named(
    trained: Trained, bundle: Bundle, tmp_path: Path
) -> None:
    files = {name: bundle.read(name) for name in bundle.manifest.files}
    old = published(trained, make(tmp_path), {**files, "predictor/version.txt": b"1.2"})
    with pytest.raises(BundleCorrupt, match=r"made by AutoGluon 1\.2, and 1\.[0-9.]+ is installed"):
        open_runtime(old)


@pytest.mark.parametrize(
    ("members", "more", "classes"),
    [
        ("KNN = {}, XGB = { n_estimators = 5 }", "params = { num_bag_folds = 2, num_bag_sets = 1 }", 2),
    ],
    ids=["bags of neighbours and XGBoost"],
)
def test_families_without_a_compiled_form_are_trained_published_and_opened(
    tmp_path: Path, members: str, more: str, classes: int
) -> None:
    """Whatever is trained here must be what a server opens."""
    folder = make(tmp_path, f"{more}\nhyperparameters = {{ {members} }}", classes, 250)
    trained = fitted(load_project(folder), fit_project, no_report)
    names = audit_predictor(trained.model.files())
    assert KNN in names
    worker = open_runtime(published(trained, folder, trained.model.files()))
    rows = trained.held.matrix[:7]
    answer, expected = worker.predict(rows).columns, trained.model.predict(rows).columns
    worker.close()
    assert all(answer[name] == pytest.approx(column) for name, column in expected.items())


def test_what_a_server_would_not_open_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shorter = replace(
        predictors.GLUON, objects=predictors.GLUON.objects - {KNN}, values=predictors.GLUON.values - {KNN}
    )
    monkeypatch.setattr(predictors, "GLUON", shorter)
    workspace = Workspace(make(tmp_path, "hyperparameters = { KNN = {} }", rows=250))
    with pytest.raises(PickleRefused, match=r"KNeighbors\w*/model\.pkl is not opened: it wants .*KNNModel"):
        train(workspace)
    assert workspace.registry().versions(NAME) == []


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (64, 19)])
def test_a_batch_is_read_as_it_was_written(shape: tuple[int, int]) -> None:
    matrix: Matrix = np.random.default_rng(0).normal(size=shape)
    matrix[0, 0] = np.nan
    assert np.array_equal(unpack_batch(pack_batch(matrix)), matrix, equal_nan=True)


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"value": np.array([1.5, -0.0, np.inf])},
        {"label": np.array([2, 0, 1]), "probabilities": np.random.default_rng(1).random((3, 3))},
    ],
)
def test_outputs_are_read_as_they_were_written(columns: dict[str, Any]) -> None:
    answer = unpack_outputs(pack_outputs(Outputs(3, columns)))
    assert answer.size == 3
    assert same(answer, Outputs(3, columns))


def test_the_kept_files_are_the_predictors_own(trained: Trained, bundle: Bundle) -> None:
    assert isinstance(trained.model, AutogluonModel)
    assert {"predictor/version.txt", "predictor/learner.pkl"} <= bundle.manifest.files.keys()
    assert Encoder(trained.contract).width == trained.held.matrix.shape[1]
