"""The series of the M4 competition, how it scored them, and what it published.

Makridakis, Spiliotis, Assimakopoulos (2020), "The M4 Competition: 100,000 time series and 61 forecasting methods",
International Journal of Forecasting 36, doi 10.1016/j.ijforecast.2019.04.014.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frequency:
    """One of the competition's kinds of series: steps to tell, points in a season as it counts them, seconds a step."""

    name: str
    horizon: int
    season: int
    step: float


HOURLY = Frequency("hourly", 48, 24, 3_600.0)
WEEKLY = Frequency("weekly", 13, 1, 604_800.0)

PUBLISHED: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "hourly": {
        "Naive": (43.003, 11.608),
        "sNaive": (13.912, 1.193),
        "Naive2": (18.383, 2.395),
        "Theta": (18.138, 2.455),
        "MLP": (13.842, 2.607),
        "RNN": (14.698, 3.048),
        "Smyl (1st)": (9.328, 0.893),
        "Montero-Manso (2nd)": (11.506, 0.819),
    },
    "weekly": {
        "Naive": (9.161, 2.777),
        "Theta": (9.093, 2.637),
        "MLP": (21.349, 13.568),
        "RNN": (15.220, 5.132),
        "Smyl (1st)": (7.817, 2.356),
        "Montero-Manso (2nd)": (7.625, 2.108),
    },
}
"""sMAPE and MASE over all of the competition's series of a frequency, of which those here are half."""


@dataclass(frozen=True, slots=True)
class Task:
    """What was known (``past``), and what was to be told (``future``)."""

    name: str
    past: Values
    future: Values


@dataclass(frozen=True, slots=True)
class Score:
    """sMAPE in percent, and MASE: the mean absolute error in units of the seasonal naive one's on the past."""

    smape: float
    mase: float


def tasks(folder: Path, frequency: Frequency) -> Iterator[Task]:
    """The development series of a frequency, by name."""
    frame = pandas.read_parquet(folder / f"m4_{frequency.name}_dev.parquet")
    series: dict[str, list[tuple[int, float, str]]] = {}
    for name, at, value, part in frame[["id", "t", "value", "part"]].itertuples(index=False):
        series.setdefault(name, []).append((at, value, part))
    for name, points in sorted(series.items()):
        past, future = (
            np.array([value for _, value, part in sorted(points) if part == wanted]) for wanted in ("train", "test")
        )
        yield Task(name, past, future)


def scored(task: Task, told: Values, frequency: Frequency) -> Score:
    """The competition's two measures of what was ``told`` (horizon,)."""
    apart = np.abs(task.future - told)
    season = frequency.season
    unit = np.abs(task.past[season:] - task.past[:-season]).mean()
    return Score(
        smape=float(np.mean(200.0 * apart / (np.abs(task.future) + np.abs(told)))),
        mase=float(apart.mean() / unit),
    )


def references(folder: Path, frequency: Frequency) -> dict[str, dict[str, Score]]:
    """Method -> series -> score of the competition's benchmarks, computed on these very series."""
    found: dict[str, dict[str, Score]] = {}
    with (folder / "reference_per_series.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["freq"] == frequency.name:
                found.setdefault(row["method"], {})[row["id"]] = Score(float(row["sMAPE"]), float(row["MASE"]))
    return found
