"""Files of somebody's model are opened once they were audited, and what the audit read of them is told."""

import pickle
import pickletools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats
from vaticina.formats.adoption import Adoption, OpenedFiles
from vaticina.formats.estimators.adopt import open_by_format
from vaticina.formats.source import Source

HERE = Isolation(cache=Path("no environment is made"), never=True)


def opened_files(*files: Path) -> OpenedFiles:
    source = Source(files[0].parent, files)
    adoption = Adoption(source=source, name="model", isolation=HERE, file_formats=file_formats(source))
    return open_by_format(source.read(), adoption)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Fills with the source of each reading of a pickle's opcodes."""
    sources: list[object] = []
    read_opcodes = pickletools.genops

    def noted(source: Any) -> Iterator[Any]:
        sources.append(source)
        return read_opcodes(source)

    monkeypatch.setattr(pickletools, "genops", noted)
    return sources


def test_a_pickle_is_audited_once(tmp_path: Path, readings: list[object]) -> None:
    scaler = StandardScaler().fit([[0.0], [1.0]])
    model = make_pipeline(LogisticRegression()).fit([[0.0], [1.0]], [0, 1])
    files = (tmp_path / "preprocessor.pkl", tmp_path / "model.pkl")
    for file, part in zip(files, (scaler, model), strict=True):
        file.write_bytes(pickle.dumps(part))
    opened = opened_files(*files)
    assert len(readings) == len(files)
    assert [type(part).__name__ for part in opened.objects.values()] == ["StandardScaler", "Pipeline"]


def test_the_names_and_versions_that_the_audit_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    joblib.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), file, compress=3)
    (facts,) = opened_files(file).facts.values()
    assert (facts["file"], facts["kind"], facts["scikit-learn"]) == ("model.joblib", "pickle", [sklearn.__version__])
    assert facts["names"][0] == "sklearn.linear_model._logistic.LogisticRegression"
    assert not [name for name in facts["names"] if "joblib" in name]


def test_nothing_is_told_of_names_in_a_file_that_is_no_pickle(tmp_path: Path) -> None:
    booster = lightgbm.train({"verbosity": -1}, lightgbm.Dataset(np.arange(40.0)[:, None], np.arange(40) % 2), 1)
    file = tmp_path / "model.txt"
    booster.save_model(file)
    assert opened_files(file).facts == {"model.txt": {"file": "model.txt", "kind": "lightgbm"}}
