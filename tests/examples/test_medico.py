import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from vaticina.contract import Encoder, Matrix, Validator, load_project
from vaticina.evaluation.metrics import ece
from vaticina.exact.arrays import Integers
from vaticina.examples.medico.src.generator import CLASSES, ROWS, SEED, Patients, patients, severity
from vaticina.tasks.table.calibrated_classifier import CalibratedClassifier
from vaticina.tasks.table.calibration import fit_calibrated

FOLDER = Path(__file__).parents[2] / "src" / "vaticina" / "examples" / "medico"

CRONICA = CLASSES.index("ENFERMEDAD CRÓNICA")


def matrix(people: Patients) -> Matrix:
    return np.column_stack([people.edad, people.fiebre, people.dolor]).astype(np.float64)


def shipped_parameters() -> dict[str, int]:
    """What params.yaml says of the model."""
    section = (FOLDER / "params.yaml").read_text(encoding="utf-8").partition("\nmodel:\n")[2]
    return {name: int(value) for name, value in re.findall(r"^  (\w+): (\d+)$", section, re.MULTILINE)}


def fit(rows: Matrix, labels: Integers, seed: int) -> CalibratedClassifier:
    forest = RandomForestClassifier(**shipped_parameters(), random_state=seed)
    return fit_calibrated(Pipeline([("scale", StandardScaler()), ("model", forest)]), rows, labels, seed)


def test_the_forest_shipped_has_a_hundred_trees() -> None:
    assert shipped_parameters()["n_estimators"] == 100


@pytest.mark.parametrize("seed", [SEED, 1, 2, 3])
def test_the_documented_example_is_chronic_with_a_calibrated_probability(seed: int) -> None:
    people = patients(seed=seed)
    rows, unseen, labels, truth = train_test_split(
        matrix(people), people.diagnostico, test_size=0.2, stratify=people.diagnostico, random_state=seed
    )
    model = fit(rows, labels, seed)
    (answered,) = model.predict_proba(np.array([[45.0, 39.5, 8.0]]))
    given = model.predict_proba(unseen)
    error, f1 = ece(truth, given), f1_score(truth, given.argmax(axis=1), average="macro")
    print(f"seed {seed}: example {answered[CRONICA]:.3f}, held out: ece {error:.3f}, f1_macro {f1:.3f}")
    assert answered.argmax() == CRONICA
    assert 0.75 <= answered[CRONICA] <= 0.9
    assert error <= 0.05
    assert f1 >= 0.8


def test_all_five_classes_are_present() -> None:
    shares = np.bincount(patients().diagnostico, minlength=5) / ROWS
    assert len(shares) == 5
    assert shares.min() > 0.02


def test_the_rule_is_the_documented_one() -> None:
    at = severity(np.array([45.0, 0.0, 150.0]), np.array([39.5, 35.0, 45.0]), np.array([8.0, 0.0, 10.0]))
    assert at == pytest.approx([0.621, 0.0, 1.0])


def test_patients_look_as_documented() -> None:
    people = patients()
    assert people.edad.min() >= 1
    assert people.edad.max() <= 84
    assert people.fiebre.min() >= 35.0
    assert people.fiebre.max() <= 45.0
    assert np.array_equal(people.fiebre, np.round(people.fiebre, 1))
    assert np.unique(people.dolor).tolist() == list(range(11))


def test_the_script_writes_the_same_patients_every_time(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "medico")
    written = []
    for _ in range(2):
        subprocess.run([sys.executable, "scripts/generate_raw_data.py"], cwd=folder, check=True)
        written.append((folder / "data" / "raw.csv").read_bytes())
    rows = list(csv.DictReader(written[0].decode().splitlines()))
    assert written[0] == written[1]
    assert list(rows[0]) == ["id_paciente", "edad", "fiebre", "dolor", "diagnostico"]
    assert [rows[0]["id_paciente"], rows[-1]["id_paciente"]] == ["PAC_000000", f"PAC_{ROWS - 1:06}"]
    assert [row["diagnostico"] for row in rows] == [CLASSES[at] for at in patients().diagnostico]
    assert [path.name for path in (folder / "data").iterdir()] == ["raw.csv"]


def test_the_contract_takes_the_documented_body_and_ranges() -> None:
    contract = load_project(FOLDER).draft(classes=CLASSES)
    row = Validator(contract).parse(b'{"edad": 45, "fiebre": 39.5, "dolor": 8}').rows[0]
    assert contract.example() == row
    assert Encoder(contract).matrix([row]).tolist() == [[45.0, 39.5, 8.0]]
    bounds = {name: (getattr(one, "min", None), getattr(one, "max", None)) for name, one in contract.inputs.items()}
    assert bounds == {"edad": (0, 150), "fiebre": (35, 45), "dolor": (0, 10)}


def test_the_root_answers_word_for_word() -> None:
    assert load_project(FOLDER).root == {
        "mensaje": "API de predicción médica",
        "version": "1.0",
        "uso": "POST /predict con JSON {'edad': float, 'fiebre': float, 'dolor': float}",
    }
