"""Windows: what is learnt, on which rows it is measured, and what it says when it is no better than repeating."""

from typing import Any

import numpy as np
import pytest

from tests.tasks.waves import hourly, wave
from vaticina.contract import Contract, Readings
from vaticina.errors import ProjectError, TooFewPoints
from vaticina.exact.session import GraphSession
from vaticina.tasks import served_form
from vaticina.tasks.graph_runtime import GRAPH_FILE
from vaticina.tasks.window.evaluation import naive_warning, window_metrics
from vaticina.tasks.window.fit import TrainedWindow, train_window
from vaticina.tasks.window.params import read_window_params
from vaticina.tasks.window.samples import make_samples, required_points, split_samples
from vaticina.tasks.window.season import find_season, seasonal_indices, unroll


def trained(readings: Readings, **options: Any) -> TrainedWindow:
    return train_window(readings, read_window_params({"epochs": 50}, options), 0.2, 0, lambda step, share: None)


def metrics(readings: Readings, **options: Any) -> dict[str, Any]:
    return window_metrics(trained(readings, **options), "value")


@pytest.mark.parametrize("level", [100.0, -250.0, 0.0, 1e6])
@pytest.mark.parametrize("hidden", [0, 16])
def test_fifty_epochs_already_predict_near_the_series(level: float, hidden: int) -> None:
    found = metrics(wave(level=level, swing=3.0), hidden=hidden)
    assert found["mae"] < 1.0
    assert found["epochs_trained"] <= 50


def test_few_epochs_do_not_predict_a_third_of_the_level() -> None:
    """The original's bias reached 33 % of a series' mean in 20 epochs, 64 % in 50, and was called 0.97 confident."""
    for epochs in (1, 5, 20):
        found = trained(wave(300), epochs=epochs)
        answer = found.model.predict(found.held_out.rows).columns
        assert np.abs(answer["value"] - found.held_out.targets[:, 0]).mean() < 3.0
        assert 90 < answer["value"].mean() < 115


def test_it_is_better_than_the_last_value_and_the_last_season() -> None:
    found = metrics(wave(600))
    assert found["mae"] < 0.5 * found["naive_mae"]
    assert found["mae"] < found["seasonal_naive_mae"]
    assert found["season"] == 24
    assert found["better_than_naive"] is True
    assert naive_warning(trained(wave(600))) == ""


def test_the_metrics_are_those_of_the_held_out_rows() -> None:
    found = trained(wave(300), horizon=3)
    told = window_metrics(found, "temperatura")
    apart = found.held_out.targets - found.forecasts
    assert told["mae"] == pytest.approx(np.abs(apart).mean())
    assert told["mse"] == pytest.approx((apart**2).mean())
    assert told["rmse"] == pytest.approx(told["mse"] ** 0.5)
    assert (told["parameter"], told["horizon"], told["window_size"]) == ("temperatura", 3, 10)
    assert told["held_samples"] == found.held_out.count == round(0.2 * found.samples.count)
    assert told["naive_mae"] == pytest.approx(np.abs(found.held_out.targets - found.held_out.values[:, -1:]).mean())


def test_rows_that_measure_were_never_seen() -> None:
    """What is told of the held-out rows does not change when the values from there on are others."""
    series = wave(300)
    first = trained(series, horizon=4)
    values = series.values.copy()
    values[first.held_out.first_target :] = 1e4
    changed = trained(hourly(values), horizon=4)
    np.testing.assert_array_equal(first.forecasts[0], changed.forecasts[0])


@pytest.mark.parametrize("horizon", [1, 5])
def test_no_part_of_the_split_is_learnt_from_before(horizon: int) -> None:
    parts = split_samples(make_samples(wave(120), 10, horizon), 0.2)
    assert parts.validation is not None
    assert parts.train.positions[-1] + horizon < parts.validation.first_target
    assert parts.development.positions[-1] + horizon < parts.held_out.first_target
    assert parts.validation.positions[-1] == parts.development.positions[-1]
    assert parts.held_out.positions[-1] == 120 - horizon - 1


def test_noise_says_that_it_is_no_better_than_repeating() -> None:
    """Of a random walk nothing is better told than its last value."""
    walk = hourly(np.cumsum(np.random.default_rng(5).normal(size=60)))
    found = trained(walk, window_size=20, learning_rate=0.5, hidden=64)
    assert window_metrics(found, "value")["better_than_naive"] is False
    assert "worse than repeating the last value" in naive_warning(found)


def test_the_season_is_found_from_the_data() -> None:
    assert find_season(wave(300), wave(300).values) == 24
    noise = np.random.default_rng(1).normal(size=300)
    assert find_season(hourly(noise), noise) == 1
    assert find_season(wave(300), np.ones(300)) == 1
    assert metrics(wave(300), seasonality=0)["season"] == 1


def test_what_each_phase_owes_to_the_season_is_its_median() -> None:
    swing = np.array([5.0, -3.0, 0.0, -2.0])
    values = 10.0 + np.tile(swing, 12)
    values[5] += 1e6
    places = np.arange(48) % 4
    np.testing.assert_allclose(seasonal_indices(values, places, 4)[[0, 2, 3]], swing[[0, 2, 3]], atol=2.0)
    exact = seasonal_indices(10.0 + np.tile(swing, 12), places, 4)
    np.testing.assert_allclose(exact, swing, atol=1e-9)
    np.testing.assert_allclose(unroll(exact, 3, 2)[:5], swing[[2, 3, 0, 1, 2]], atol=1e-9)


def test_a_season_may_have_thousands_of_points() -> None:
    places = np.arange(20_000) % 5_000
    assert seasonal_indices(np.sin(places.astype(np.float64)), places, 5_000).shape == (5_000,)


def test_a_season_longer_than_the_window_is_known_by_the_clock() -> None:
    """Five values cannot show a day; the moment of the last one can."""
    series = wave(480, noise=0.2)
    with_season = metrics(series, window_size=5, horizon=12)
    without = metrics(series, window_size=5, horizon=12, seasonality=0)
    assert with_season["mae"] < 0.7 * without["mae"]


@pytest.mark.parametrize(("size", "horizon"), [(5, 1), (10, 1), (3, 4), (1, 1)])
def test_too_few_points_say_how_many_are_needed(size: int, horizon: int) -> None:
    needed = required_points(size, horizon)
    assert trained(wave(needed), window_size=size, horizon=horizon).held_out.count >= 1
    with pytest.raises(TooFewPoints, match=f"at least {needed} points"):
        trained(wave(needed - 1), window_size=size, horizon=horizon)


def test_windows_across_a_gap_are_left_out() -> None:
    series = wave(200)
    keep = np.r_[0:100, 130:200]
    holed = Readings(series.moments[keep], series.values[keep])
    places = make_samples(holed, 10, 1).positions
    assert set(range(9, 169)) - set(places.tolist()) == set(range(99, 109))


def test_a_series_that_wanders_is_told_by_differences() -> None:
    random = np.random.default_rng(2)
    walk, noise = np.cumsum(random.normal(size=300)), random.normal(size=300)
    assert trained(hourly(walk), seasonality=0).facts["differencing"] is True
    assert trained(hourly(noise), seasonality=0).facts["differencing"] is False
    assert trained(hourly(noise), seasonality=0, differencing=True).facts["differencing"] is True


def test_values_need_not_be_above_zero() -> None:
    assert trained(wave(level=100)).facts["logarithm"] is True
    assert trained(wave(level=0)).facts["logarithm"] is False
    assert trained(wave(level=100), logarithm=False).facts["logarithm"] is False


@pytest.mark.parametrize("values", [np.full(60, 7.0), np.zeros(60), np.r_[np.zeros(30), np.full(30, 5.0)]])
def test_series_that_never_change_are_told(values: Any) -> None:
    found = trained(hourly(values))
    answer = found.model.predict(np.array([[0.0, *[values[-1]] * 10]])).columns
    assert answer["value"][0] == pytest.approx(values[-1], abs=1e-3)
    assert all(np.isfinite(column).all() for column in answer.values())


def test_training_is_repeatable() -> None:
    first, second = trained(wave(200)), trained(wave(200))
    np.testing.assert_array_equal(first.forecasts, second.forecasts)
    np.testing.assert_array_equal(first.model.perceptron.linear, second.model.perceptron.linear)


def test_the_interval_holds_about_as_often_as_it_says() -> None:
    """On values that came after all that was trained on, over twelve series."""
    hits = []
    for seed in range(12):
        series = wave(600, seed=seed)
        past = Readings(series.moments[:450], series.values[:450])
        later = make_samples(Readings(series.moments[440:], series.values[440:]), 10, 2)
        forecast = trained(past, horizon=2, epochs=10).model.predict(later.rows).columns["forecast"]
        hits.append(np.mean((forecast[:, :, 1] <= later.targets) & (later.targets <= forecast[:, :, 2])))
    assert 0.87 < float(np.mean(hits)) < 0.93


def test_confidence_follows_the_error() -> None:
    def confidence(noise: float) -> float:
        found = trained(wave(300, noise=noise))
        return float(found.model.predict(found.held_out.rows).columns["confidence"].mean())

    calm, rough = confidence(0.2), confidence(10.0)
    assert 0.98 < calm <= 1.0
    assert 0.5 < rough < 0.95


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"hidden": 0, "members": 1},
        {"horizon": 6},
        {"logarithm": False, "differencing": True},
        {"window_size": 48, "horizon": 3},
        {"window_size": 1},
        {"seasonality": 0},
    ],
    ids=str,
)
@pytest.mark.parametrize("level", [100.0, -5.0])
def test_the_graph_answers_what_the_model_answers(options: dict[str, Any], level: float) -> None:
    found = trained(wave(200, level=level), epochs=5, **options)
    contract = Contract.model_validate(
        {"name": "series", "inputs": {"data": {"type": "series"}}, "model": {"kind": "window"}}
    )
    served = served_form(found.model, contract, found.samples.rows)
    graph, report = served.files[GRAPH_FILE], served.verification
    assert (report["verified"], report["flips"]) == (True, 0)
    assert report["largest_difference"] < 1e-9
    actual, expected = GraphSession(graph).run(found.held_out.rows), found.model.predict(found.held_out.rows)
    for name, column in expected.columns.items():
        np.testing.assert_allclose(actual[name], column, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"epoch": 5}, "there is no 'epoch'"), ({"epochs": 0}, "epochs"), ({"hidden": "many"}, "hidden")],
)
def test_options_that_make_no_sense_are_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        read_window_params({}, options)
