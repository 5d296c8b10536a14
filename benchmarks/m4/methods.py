"""Our rows of the table: the default configuration, and the plain perceptron that the original service was."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.m4.competition import Frequency, Score, Task, Values, scored
from vaticina.contract import readings
from vaticina.tasks.window.fit import train_window
from vaticina.tasks.window.params import read_window_params

START = 1_420_070_400.0
"""2015-01-01, from which the series' clocks run: the competition gives none."""

WINDOW = 168
"""Points of a window, of shorter series a third of what is there: the one thing set here; all else is the default."""

HELD = 0.2

DEFAULT, PLAIN = "Vaticina", "plain perceptron"

PLAIN_OPTIONS: dict[str, Any] = {
    "hidden": 0,
    "members": 1,
    "seasonality": 0,
    "logarithm": False,
    "differencing": False,
}
"""A linear unit over scaled windows of ten points, and nothing else."""


@dataclass(frozen=True, slots=True)
class Told:
    """A method's score on a series, and the share of its steps that the 90 % interval held."""

    series: str
    method: str
    score: Score
    covered: float


def told(task: Task, frequency: Frequency) -> list[Told]:
    """What both methods tell of a series."""
    longest = max(3, (len(task.past) - frequency.horizon) // 3)
    configurations = {DEFAULT: {"window_size": min(WINDOW, longest)}, PLAIN: {"window_size": 10, **PLAIN_OPTIONS}}
    found = []
    for method, options in configurations.items():
        value, low, high = forecast(task, frequency, options)
        covered = float(np.mean((low <= task.future) & (task.future <= high)))
        found.append(Told(task.name, method, scored(task, value, frequency), covered))
    return found


def forecast(task: Task, frequency: Frequency, options: dict[str, Any]) -> tuple[Values, Values, Values]:
    """The steps after a series' past, and the interval of each: (horizon,) each."""
    series = readings(START + frequency.step * np.arange(len(task.past), dtype=np.float64), task.past)
    params = read_window_params({}, {**options, "horizon": frequency.horizon})
    model = train_window(series, params, HELD, 0, lambda _step, _share: None).model
    row = np.concatenate([series.moments[-1:], task.past[-params.window_size :]])
    steps = model.predict(row[None, :]).columns["forecast"][0]
    return steps[:, 0], steps[:, 1], steps[:, 2]
