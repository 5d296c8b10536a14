"""Writes data/readings.csv: four months of hourly water readings, always the same.

Temperature follows the day and slow weather, pH the plants' day, oxygen falls as water warms; all with noise, and
`value`, the column trained when a request names no other, is the temperature.
"""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

HOURS = 24 * 120
START = datetime(2024, 1, 1, tzinfo=UTC)
FILE = Path("data/readings.csv")
COLUMNS = (
    "timestamp",
    "value",
    "temperatura",
    "ph",
    "oxigeno",
    "additional_features.sensor_id",
    "additional_features.location",
)


def readings() -> np.ndarray:
    """Temperature (°C), pH and oxygen (mg/l), shape (HOURS, 3)."""
    chance = np.random.default_rng(7)
    hour = np.arange(HOURS)
    day = 2 * np.pi * hour / 24
    weather = np.zeros(HOURS)
    for at in range(1, HOURS):
        weather[at] = 0.97 * weather[at - 1] + chance.normal(0, 0.12)
    water = 23.5 + 2.0 * np.sin(day - 2.4) + weather + chance.normal(0, 0.12, HOURS)
    ph = 7.4 + 0.15 * np.sin(day - 1.8) + chance.normal(0, 0.02, HOURS)
    oxygen = 8.2 - 0.18 * (water - 23.5) + 0.4 * np.sin(day - 1.8) + chance.normal(0, 0.08, HOURS)
    return np.column_stack([water, ph, oxygen]).round(3)


def main() -> None:
    """Writes the file."""
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for at, (water, ph, oxygen) in enumerate(readings().tolist()):
            moment = (START + timedelta(hours=at)).isoformat().replace("+00:00", "Z")
            rows.writerow([moment, water, water, ph, oxygen, "sensor_001", "office"])
    print(f"{HOURS} readings in {FILE}")


if __name__ == "__main__":
    main()
