"""``vaticina import`` of a genuine pair that an older scikit-learn and LightGBM pickled on Python 3.9."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.cli.shell import done
from tests.foreign_artefacts import PAIR, needs_python_3_9

MODEL, PREPROCESSOR = PAIR / "model_20250717_214053.pkl", PAIR / "preprocessor_20250717_214053.pkl"


@needs_python_3_9
def test_the_pair_is_served_as_its_own_versions_answered(
    tmp_path: Path, environments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each probability of the file that its versions left, from a graph that needs none of them."""
    monkeypatch.setenv("VATICINA_CACHE", str(environments.parent))
    options = ("--python", "3.9", "--with", "lightgbm==3.3.5")
    told = done("import", MODEL, "--preprocessor", PREPROCESSOR, "--name", "bank", *options, "--json").json
    assert told["runtime"] == "onnx"
    assert (told["verification"]["verified"], told["verification"]["flips"]) == (True, 0)
    done("score", "bank", PAIR / "rows.csv", "scored.csv")
    found, reference = read(tmp_path / "scored.csv"), read(PAIR / "reference.csv")
    probability = np.array([float(row["probability"]) for row in reference])
    np.testing.assert_allclose([float(row["probability"]) for row in found], probability, atol=1e-9)
    assert [row["prediction"] for row in found] == [row["prediction"] for row in reference]


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
