"""Synthetic patients, whose diagnosis follows the severity of what they have, with a doctor's doubt."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .prepare import Values, normalise

CLASSES = ("NO ENFERMO", "ENFERMEDAD LEVE", "ENFERMEDAD AGUDA", "ENFERMEDAD CRÓNICA", "ENFERMEDAD TERMINAL")

CUTS = (0.2, 0.4, 0.58, 0.68)
"""Severity at which the next class begins. The rule of old had 0.65 and 0.85 for the last two: by those the documented
example was AGUDA, and TERMINAL next to never seen."""

DOUBT = 0.055
"""Standard deviation of the judged severity, as a share of the true one: grave cases are the harder to tell."""

ROWS = 10_000
SEED = 42


@dataclass(frozen=True, slots=True)
class Patients:
    """Columns of one length: years, °C with one decimal, points of pain, and the index of the diagnosis."""

    edad: NDArray[np.int64]
    fiebre: Values
    dolor: NDArray[np.int64]
    diagnostico: NDArray[np.int64]


def severity(edad: Values, fiebre: Values, dolor: Values) -> Values:
    """The rule: from 0 to 1, mostly pain and fever, the more so when both are high."""
    e, f, d = normalise("edad", edad), normalise("fiebre", fiebre), normalise("dolor", dolor)
    return np.minimum(1.0, 0.4 * f + 0.45 * d + 0.15 * e + 0.1 * f * d)


def patients(rows: int = ROWS, seed: int = SEED) -> Patients:
    """``rows`` patients, always the same for one ``seed``."""
    random = np.random.default_rng(seed)
    edad = random.integers(1, 85, rows)
    fiebre = np.clip(np.round(random.normal(38.0, 1.5, rows), 1), 35.0, 45.0)
    dolor = random.integers(0, 11, rows)
    judged = severity(edad.astype(float), fiebre, dolor.astype(float)) * random.normal(1.0, DOUBT, rows)
    return Patients(edad, fiebre, dolor, np.searchsorted(CUTS, judged, side="right"))


def write_patients(path: Path, rows: int = ROWS, seed: int = SEED) -> None:
    """Writes ``patients`` as CSV; the file is there whole or not at all."""
    people = patients(rows, seed)
    columns = (people.edad.tolist(), people.fiebre.tolist(), people.dolor.tolist(), people.diagnostico.tolist())
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id_paciente", "edad", "fiebre", "dolor", "diagnostico"))
        for at, (edad, fiebre, dolor, diagnosis) in enumerate(zip(*columns, strict=True)):
            writer.writerow((f"PAC_{at:06}", edad, fiebre, dolor, CLASSES[diagnosis]))
    partial.replace(path)
