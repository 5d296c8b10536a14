"""Writes data/readings.csv, shaped like the real network's readings: python scripts/generate_readings.py.

Known of the real network: hourly readings of some 20 clients; means 16.07 bar, 25.2 °C, 62.33 m³; ranges 2.93 to 20.31,
-5.26 to 50.02, 0 to 577.41; five groups of clients with 20, 40, 10, 10 and 20 % of the readings, of which one has low
pressure (3.4 to 3.8 bar, 72 to 204 m³) and one little volume and the warmest gas (17.7 bar, 28 °C, 20 m³).
"""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[1]

HOURS = 90 * 24
SEED = 42
START = datetime(2023, 1, 1)  # noqa: DTZ001 -- local time of the network, as the project's timezone says

RANGES = np.array([(2.93, 20.31), (-5.26, 50.02), (0.0, 577.41)])
"""Least and most of presion, temperatura and volumen."""

FAULT_RATE = 0.015

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """Clients alike: how many, and their mean reading."""

    clients: int
    presion: float
    temperatura: float
    volumen: float


GROUPS = (
    Group(4, 17.0, 23.3, 90.0),
    Group(8, 17.5, 24.3, 25.0),
    Group(2, 3.6, 25.5, 138.0),
    Group(2, 18.0, 26.7, 165.0),
    Group(4, 17.7, 28.0, 20.0),
)


@dataclass(frozen=True, slots=True)
class Readings:
    """Of all clients, hour by hour: the hour since the start, client, group, (presion, temperatura, volumen), fault."""

    hour: NDArray[np.int64]
    client: NDArray[np.int64]
    group: NDArray[np.int64]
    values: Values
    fault: NDArray[np.bool_]


def readings(hours: int = HOURS, seed: int = SEED) -> Readings:
    """Readings of all clients for ``hours``, always the same for one ``seed``."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(GROUPS)), [group.clients for group in GROUPS])
    values = np.stack([_client(GROUPS[at], hours, random) for at in group])
    fault = random.random(values.shape[:2]) < FAULT_RATE
    values[fault] = _faulty(values[fault], random)
    clipped = np.clip(np.round(values, 2), RANGES[:, 0], RANGES[:, 1])
    client = np.repeat(np.arange(len(group)), hours)
    return Readings(np.tile(np.arange(hours), len(group)), client, group[client], clipped.reshape(-1, 3), fault.ravel())


def _client(group: Group, hours: int, random: np.random.Generator) -> Values:
    """A client's (hours, 3): its own means, a daily swing (warmest and busiest at 15 h) and an hour's chance."""
    swing = np.sin(2 * np.pi * (np.arange(hours) % 24 - 9) / 24)
    presion = group.presion * random.normal(1, 0.01) * (1 - 0.01 * swing + random.normal(0, 0.02, hours))
    temperatura = group.temperatura + random.normal(0, 0.2) + 0.6 * swing + random.normal(0, 0.5, hours)
    volumen = group.volumen * random.lognormal(0, 0.05) * (1 + 0.15 * swing) * random.lognormal(0, 0.1, hours)
    return np.column_stack([presion, temperatura, volumen])


def _faulty(values: Values, random: np.random.Generator) -> Values:
    """``values`` (n, 3), each with one thing wrong: leak, overpressure, a mad sensor, no flow, or a surge."""
    presion, _, volumen = values.T
    count = len(values)
    wrong = (
        (0, presion * random.uniform(0.3, 0.9, count)),
        (0, presion * random.uniform(1.1, 1.6, count)),
        (1, random.uniform(-5.26, 15.0, count)),
        (1, random.uniform(35.0, 50.02, count)),
        (2, np.zeros(count)),
        (2, volumen * random.uniform(1.8, 3.5, count)),
    )
    faulty, kind = values.copy(), random.integers(0, len(wrong), count)
    for at, (column, reading) in enumerate(wrong):
        faulty[kind == at, column] = reading[kind == at]
    return faulty


def write_readings(path: Path, hours: int = HOURS, seed: int = SEED) -> None:
    """Writes ``readings`` as CSV, by hour; the file is there whole or not at all."""
    found = readings(hours, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("fecha", "cliente", "presion", "temperatura", "volumen"))
        for at in np.argsort(found.hour, kind="stable"):
            moment = START + timedelta(hours=int(found.hour[at]))
            writer.writerow((moment.isoformat(), f"CLIENTE_{found.client[at] + 1:02}", *found.values[at].tolist()))
    partial.replace(path)


if __name__ == "__main__":
    target = FOLDER / "data" / "readings.csv"
    write_readings(target)
    print(f"{target}")
