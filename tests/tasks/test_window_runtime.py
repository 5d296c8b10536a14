"""Versions of windows: published one after the other, each keeps those before it; rows choose among them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tasks.waves import hourly, wave
from vaticina.bootstrap import Workspace, open_runtime
from vaticina.contract import Bundle, Encoder, Readings
from vaticina.errors import BundleCorrupt, ProjectError, TooFewPoints, WindowNotTrained
from vaticina.serving.cache import CachedRuntime
from vaticina.serving.slot import LoadedVersion
from vaticina.usecases.release import Published
from vaticina.usecases.train import train, train_series

PROJECT = """
[project]
name = "series"
[data]
source = "readings.csv"
[inputs.data]
type = "series"
[inputs.window_size]
type = "integer"
min = 1
default = 10
[model]
kind = "window"
params = { epochs = 5 }
[outputs]
prediction = "value"
interval = "interval"
forecast = "forecast"
confidence = "confidence"
metrics = "metrics"
"""


def workspace(folder: Path, text: str = PROJECT) -> Workspace:
    folder.mkdir(exist_ok=True)
    (folder / "project.toml").write_text(text)
    return Workspace(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Published]]:
    """Windows 10, 5 (three steps ahead) and 24, then 10 anew."""
    space = workspace(tmp_path_factory.mktemp("windows"))
    asked: list[Mapping[str, Any]] = [{}, {"window_size": 5, "horizon": 3}, {"window_size": 24}, {"window_size": 10}]
    return space, [train_series(space, wave(300), options) for options in asked]


def loaded(space: Workspace, published: Published) -> LoadedVersion:
    return space.versions().load(published.manifest.version)


def answer(version: LoadedVersion, rows: list[dict[str, Any]]) -> dict[str, Any]:
    checked = version.validator.check_all(rows)
    return dict(version.outputs(version.encoder.matrix(checked)).columns)


def test_a_new_training_keeps_the_windows_before_it(made: tuple[Workspace, list[Published]]) -> None:
    _, published = made
    sizes = [[window.size for window in one.manifest.contract.windows] for one in published]
    assert sizes == [[10], [10, 5], [10, 5, 24], [5, 24, 10]]
    last = published[-1].manifest
    assert last.runtime == "window"
    assert last.files.keys() == {"window-5.onnx", "window-10.onnx", "window-24.onnx"}
    assert last.files["window-5.onnx"] == published[1].manifest.files["window-5.onnx"]
    assert last.metrics["windows"].keys() == last.training["windows"].keys() == {"5", "10", "24"}
    assert last.metrics["windows"]["5"] == published[1].manifest.metrics["windows"]["5"]


def test_the_manifest_tells_the_documented_metrics(made: tuple[Workspace, list[Published]]) -> None:
    manifest = made[1][0].manifest
    told = manifest.metrics["windows"]["10"]
    assert {"mae", "mse", "rmse", "final_loss", "epochs_trained", "window_size", "training_samples"} <= told.keys()
    assert {"naive_mae", "seasonal_naive_mae", "better_than_naive"} <= told.keys()
    assert manifest.metrics["mae"]["value"] == pytest.approx(told["mae"])
    assert {"learning_rate", "n_weights", "bias", "weights_mean", "weights_std"} <= manifest.training["windows"][
        "10"
    ].keys()
    assert manifest.verification["verified"] is True
    assert manifest.data["rows"] == 300


def test_a_row_is_answered_by_the_window_it_asks_for(made: tuple[Workspace, list[Published]]) -> None:
    version = loaded(made[0], made[1][-1])
    example = version.contract.example()
    data = [{**point, "value": 100.0 + at} for at, point in enumerate(example["data"] * 3)]
    sizes = [24, 10, 5, 10, 24]
    together = answer(version, [{"data": data, "window_size": size} for size in sizes])
    assert together["window"].tolist() == [1, 2, 0, 2, 1]
    for at, size in enumerate(sizes):
        alone = answer(version, [{"data": data, "window_size": size}])
        for name, column in alone.items():
            np.testing.assert_allclose(together[name][at], column[0], rtol=1e-12)
    assert len(np.unique(together["value"].round(9))) == 3


def test_more_points_than_the_window_change_nothing(made: tuple[Workspace, list[Published]]) -> None:
    version = loaded(made[0], made[1][-1])
    data = version.contract.example()["data"]
    short = answer(version, [{"data": data[-5:], "window_size": 5}])
    long = answer(version, [{"data": data, "window_size": 5}])
    np.testing.assert_allclose(long["value"], short["value"], rtol=1e-12)


def test_windows_and_points_that_are_missing_are_told(made: tuple[Workspace, list[Published]]) -> None:
    version = loaded(made[0], made[1][-1])
    data = version.contract.example()["data"]
    with pytest.raises(WindowNotTrained, match="trained: 5, 10, 24"):
        version.validator.check({"data": data, "window_size": 7})
    with pytest.raises(TooFewPoints, match="at least 24 points"):
        version.validator.check({"data": data, "window_size": 24})


def test_the_example_is_of_the_window_just_trained(made: tuple[Workspace, list[Published]]) -> None:
    for published, size in zip(made[1], (10, 5, 24, 10), strict=True):
        contract = published.manifest.contract
        assert contract.example()["window_size"] == len(contract.example()["data"]) == size
        assert Encoder(contract).matrix([loaded(made[0], published).validator.check(contract.example())]).size


def test_the_server_of_a_window_opens_no_pickle(made: tuple[Workspace, list[Published]]) -> None:
    for name in made[1][-1].manifest.files:
        assert name.endswith(".onnx")


def test_a_window_whose_graph_is_no_graph_is_a_damaged_bundle(made: tuple[Workspace, list[Published]]) -> None:
    space, published = made
    bundle = space.registry().fetch("series", published[0].manifest.version)
    manifest = bundle.manifest.model_copy(update={"contract": space.project.draft()})
    with pytest.raises(BundleCorrupt, match="names no trained window"):
        open_runtime(Bundle(bundle.folder, manifest))


def test_a_csv_of_readings_is_trained_by_the_project_alone(tmp_path: Path) -> None:
    series = wave(120)
    lines = ["timestamp;value;other"]
    lines += [
        f"{np.datetime64(int(moment), 's')}Z;{value};x"
        for moment, value in zip(series.moments, series.values, strict=True)
    ]
    lines[40:40] = ["yesterday;1;x", "2024-01-01T00:00:00Z;high;x", ";;"]
    space = workspace(tmp_path)
    (tmp_path / "readings.csv").write_text(os.linesep.join(lines[:1] + lines[:0:-1]))
    manifest = train(space).manifest
    direct = train_series(space, series).manifest
    assert manifest.data["rows"] == 120
    assert manifest.metrics["windows"] == direct.metrics["windows"]


@pytest.mark.parametrize("columns", ["when,value", "timestamp,reading"])
def test_a_csv_without_the_columns_is_refused(tmp_path: Path, columns: str) -> None:
    (tmp_path / "readings.csv").write_text(f"{columns}\n2024-01-01,5\n")
    with pytest.raises(Exception, match="has no column"):
        train(workspace(tmp_path))


def test_a_gate_keeps_a_poor_window_from_production(tmp_path: Path) -> None:
    space = workspace(tmp_path, PROJECT + '[gate]\nmetric = "mae"\nat_most = 0.001\n')
    published = train_series(space, wave(120))
    assert published.refusal is not None
    assert "mae" in published.refusal


def test_a_window_worse_than_production_on_rows_that_neither_saw_is_not_promoted(tmp_path: Path) -> None:
    space = workspace(tmp_path, PROJECT + '[gate]\nmetric = "mae"\nnot_worse_than = "production"\n')
    series = wave(400)
    past = Readings(series.moments[:330], series.values[:330])
    spoilt = {"epochs": 1, "seasonality": 0, "hidden": 0, "learning_rate": 1.0}
    first = train_series(space, past, {"epochs": 30})
    worse = train_series(space, series, spoilt)
    assert first.refusal is None
    assert "worse than production's" in (worse.refusal or "")
    assert space.registry().resolve("series", "production") == first.manifest.version
    assert train_series(space, series, {"epochs": 30}).refusal is None


def test_windows_that_cannot_be_compared_are_promoted(tmp_path: Path) -> None:
    """With the same rows the champion has seen them all; with another parameter it tells something else."""
    space = workspace(tmp_path, PROJECT + '[gate]\nmetric = "mae"\nnot_worse_than = "production"\n')
    series = wave(300)
    spoilt = {"epochs": 1, "seasonality": 0, "hidden": 0, "learning_rate": 1.0}
    other = Readings(series.moments + 1e7, series.values, "ph")
    for readings, options in ((series, {}), (series, spoilt), (other, spoilt), (series, {"window_size": 7})):
        assert train_series(space, readings, options).refusal is None


def test_outputs_that_a_window_does_not_give_are_refused(tmp_path: Path) -> None:
    space = workspace(tmp_path, PROJECT.replace('"confidence"', '"probability"'))
    with pytest.raises(ProjectError, match="asks for 'probability'"):
        train_series(space, wave(120))


def test_a_series_that_never_changes_is_not_worse_than_its_last_value(tmp_path: Path) -> None:
    """Sums of floats differ in the last digit; that is no difference."""
    published = train_series(workspace(tmp_path), hourly(np.full(60, 3.7)), {"window_size": 5, "epochs": 5})
    assert not [note for note in published.manifest.data["notes"] if "worse" in note]


def test_a_training_that_stops_early_says_so(tmp_path: Path) -> None:
    published = train_series(workspace(tmp_path), wave(120), {"window_size": 5, "epochs": 50})
    taken = published.manifest.training["windows"]["5"]["epochs_trained"]
    assert 0 < taken < 50
    assert (
        f"{taken} of 50 epochs were enough: more did not lessen the error on later values"
        in (published.manifest.data["notes"])
    )


def test_noise_is_told_in_the_notes(tmp_path: Path) -> None:
    walk: Readings = hourly(np.cumsum(np.random.default_rng(5).normal(size=60)))
    published = train_series(
        workspace(tmp_path), walk, {"window_size": 20, "learning_rate": 0.5, "epochs": 50, "hidden": 64}
    )
    assert "worse than repeating" in published.manifest.data["notes"][0]


def test_a_cache_answers_a_series_that_was_asked_for_lately_the_same(made: tuple[Workspace, list[Published]]) -> None:
    version = loaded(made[0], made[1][2])
    data = [{**point, "value": 100.0 + at} for at, point in enumerate(version.contract.example()["data"] * 3)]
    rows = [{"data": data, "window_size": size} for size in (10, 5)]  # one and three steps ahead
    plain = answer(version, rows)
    version.runtime = cached = CachedRuntime(version.runtime, 100, 60)
    for asked in (rows[:1], rows, rows):
        found = answer(version, asked)
        for name, column in plain.items():
            np.testing.assert_array_equal(found[name], column[: len(asked)])
    assert len(cached._cache) == 2
