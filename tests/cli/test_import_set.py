"""``vaticina import FOLDER`` of the documented set of clusters."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.cli.shell import done, vaticina
from tests.foreign_artefacts import CLUSTER_SET, needs_python_3_10
from vaticina.contract import load_project


@pytest.fixture(autouse=True)
def cache(environments: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATICINA_CACHE", str(environments.parent))


def answers(
    folder: Path, rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", anomaly: str
) -> list[tuple[int, int]]:
    """The cluster and the output ``anomaly`` of the version in production, by scoring a file."""
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["presion", "temperatura", "volumen"], *rows.tolist()])
    done("score", folder, folder / "rows.csv", folder / "scored.csv")
    with (folder / "scored.csv").open(encoding="utf-8") as file:
        return [(int(row["cluster"]), int(row[anomaly])) for row in csv.DictReader(file)]


@needs_python_3_10
def test_a_folder_of_the_set_becomes_a_project(tmp_path: Path) -> None:
    ran = done("import", CLUSTER_SET, "--name", "gas")
    assert "7 files of" in ran.out
    assert "0 labels differ" in ran.out
    project = load_project(tmp_path / "gas")
    assert list(project.inputs) == ["presion", "temperatura", "volumen"]
    assert {name: output.quantity for name, output in project.outputs.items()} == {
        "cluster": "cluster",
        "anomaly": "anomaly",
        "score": "score",
    }
    reference = np.load(CLUSTER_SET / "reference.npz")
    expected = list(zip(reference["cluster"].tolist(), reference["prediccion"].tolist(), strict=True))
    assert answers(tmp_path / "gas", reference["inputs"], "anomaly") == expected
    shown = done("models", "show", tmp_path / "gas", "--json").json
    assert shown["training"]["opened_with"]["scikit-learn"] == "1.0.2"
    assert done("models", "verify", tmp_path / "gas").code == 0


@needs_python_3_10
def test_into_a_project_that_names_the_columns_in_another_order(tmp_path: Path) -> None:
    done("init", "contugas", "--example", "contugas")
    file = tmp_path / "contugas" / "project.toml"
    head, presion, rest = file.read_text(encoding="utf-8").partition("[inputs.presion]")
    first, _, last = rest.partition("[model]")
    blocks = [f"[inputs.{block}" for block in f"presion]{first}".split("[inputs.")]
    file.write_text(f"{head}{''.join(blocks[::-1])}[model]{last}", encoding="utf-8")
    assert presion
    assert list(load_project(file).inputs) == ["volumen", "temperatura", "presion"]
    told = done("import", CLUSTER_SET, "--into", "contugas", "--json").json
    assert told["verification"]["flips"] == 0
    reference = np.load(CLUSTER_SET / "reference.npz")
    expected = list(zip(reference["cluster"].tolist(), reference["prediccion"].tolist(), strict=True))
    assert answers(tmp_path / "contugas", reference["inputs"], "prediccion") == expected


@needs_python_3_10
def test_a_missing_cluster_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.mkdir()
    for file in CLUSTER_SET.glob("*.joblib"):
        if "cluster_4" not in file.name:
            shutil.copy(file, part)
    ran = vaticina("import", part, "--name", "gas")
    assert ran.code == 1
    assert "modelo_cluster_4_prod.joblib is missing" in ran.err
    assert not (tmp_path / "gas").exists()


def test_versions_that_differ_are_named_when_it_may_not_be_isolated(tmp_path: Path) -> None:
    ran = vaticina("import", CLUSTER_SET, "--name", "gas", "--no-isolated")
    assert ran.code == 1
    assert "made with scikit-learn 1.0.2, which scikit-learn 1." in ran.err
    assert f"Run: vaticina import {CLUSTER_SET} --name gas --isolated" in ran.err
    assert not (tmp_path / "gas").exists()


def test_a_python_that_is_not_here_is_named_with_what_to_install(tmp_path: Path) -> None:
    ran = vaticina("import", CLUSTER_SET, "--name", "gas", "--python", "3.98")
    assert ran.code == 1
    assert "needs Python 3.98" in ran.err
    assert "uv python install 3.98" in ran.err


@needs_python_3_10
def test_a_project_that_predicts_something_else_is_refused(tmp_path: Path) -> None:
    done("init", "medico", "--example", "medico")
    ran = vaticina("import", CLUSTER_SET, "--into", "medico")
    assert ran.code == 1
    assert 'served as [model] kind = "clusters"; medico has the kind' in ran.err
