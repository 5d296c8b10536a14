import csv
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vaticina.contract import Encoder, Validator, load_project
from vaticina.examples.contugas.scripts.generate_readings import GROUPS, HOURS, SEED, Readings, readings
from vaticina.tasks.clusters.fit import fit_clusters
from vaticina.tasks.clusters.model import ClusterAnomaly
from vaticina.tasks.clusters.params import ClustersParams

FOLDER = Path(__file__).parents[2] / "src" / "vaticina" / "examples" / "contugas"

PARAMS = ClustersParams(order=1, samples=1024, random_state=42)
"""What params.yaml says."""

LOW_PRESSURE = 2


def fit_early(found: Readings) -> tuple[ClusterAnomaly, np.ndarray]:
    """A model of the first 80 % of all clients' hours, and where the rest is."""
    late = found.hour >= 0.8 * HOURS
    return fit_clusters(found.values[~late], PARAMS), late


@pytest.mark.parametrize("seed", [SEED, 1, 2])
def test_the_documented_example_is_an_anomaly_of_the_low_pressure_clients(seed: int) -> None:
    found = readings(seed=seed)
    model, late = fit_early(found)
    cluster, score, anomaly = model.predict(np.array([[1.2, 25.5, 100.0]]))
    assert (cluster[0], anomaly[0]) == (2, 1)

    middles = np.array([[group.presion, group.temperatura, group.volumen] for group in GROUPS])
    normal_cluster, _, normal_anomaly = model.predict(middles)
    assert normal_cluster.tolist() == [0, 1, 2, 3, 4]
    assert normal_anomaly.tolist() == [0, 0, 0, 0, 0]

    late_cluster, _, late_anomaly = model.predict(found.values[late])
    fault, low = found.fault[late], found.group[late] == LOW_PRESSURE
    false, caught = late_anomaly[~fault].mean(), late_anomaly[fault].mean()
    print(f"seed {seed}: example's score {score[0]:+.3f}; later: false alarms {false:.4f}, faults found {caught:.3f}")
    assert false < 0.02
    assert caught > 0.85
    assert (late_cluster[low & ~fault] == LOW_PRESSURE).all()


def test_the_readings_are_shaped_like_the_real_networks() -> None:
    found = readings()
    assert found.values.mean(axis=0) == pytest.approx([16.07, 25.2, 62.33], rel=0.03)
    assert found.values.min(axis=0) == pytest.approx([2.93, -5.26, 0.0], abs=0.2)
    assert found.values.max(axis=0) == pytest.approx([20.31, 50.02, 577.41], rel=0.01)
    assert len(np.unique(found.client)) == 20
    shares = np.bincount(found.group) / len(found.group)
    assert shares == pytest.approx(np.array([171_910, 336_775, 84_496, 82_764, 172_015]) / 847_960, abs=0.01)
    low = found.values[(found.group == LOW_PRESSURE) & ~found.fault]
    assert np.quantile(low[:, 0], [0.05, 0.95]) == pytest.approx([3.4, 3.8], abs=0.1)
    assert np.quantile(low[:, 2], [0.01, 0.99]) == pytest.approx([72, 204], abs=30)


def test_the_script_writes_the_same_readings_every_time(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "contugas")
    written = []
    for _ in range(2):
        subprocess.run([sys.executable, "scripts/generate_readings.py"], cwd=folder, check=True)
        written.append((folder / "data" / "readings.csv").read_bytes())
    rows = list(csv.DictReader(written[0].decode().splitlines()))
    assert written[0] == written[1]
    assert list(rows[0]) == ["fecha", "cliente", "presion", "temperatura", "volumen"]
    assert len(rows) == 20 * HOURS
    assert [row["fecha"] for row in rows] == sorted(row["fecha"] for row in rows)


def test_the_contract_takes_any_finite_reading() -> None:
    project = load_project(FOLDER)
    contract = project.draft()
    documented = Validator(contract).parse(b'{"presion": 1.2, "temperatura": 25.5, "volumen": 100.0}').rows[0]
    assert contract.example() == documented
    assert Encoder(contract).matrix([documented]).tolist() == [[1.2, 25.5, 100.0]]
    odd = Validator(contract).check({"presion": -1e30, "temperatura": -5.26, "volumen": 1e30})
    assert odd["volumen"] == 1e30
    assert project.project.port == 5000
    assert [(name, output.quantity) for name, output in contract.outputs.items()] == [
        ("cluster", "cluster"),
        ("prediccion", "anomaly"),
    ]
