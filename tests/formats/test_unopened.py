"""Models of libraries that are not opened are refused by name or first bytes, with the road to a file that is."""

import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vaticina.errors import ImportRefused, PickleRefused
from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats, recognise
from vaticina.formats.adoption import Adoption
from vaticina.formats.source import file_source
from vaticina.pickles.audit import audit
from vaticina.progress import no_report


def refusal(file: Path) -> str:
    """Why ``file`` is refused."""
    source = file_source(file)
    isolation = Isolation(cache=Path(), never=True)
    adoption = Adoption(source=source, name="model", isolation=isolation, file_formats=file_formats(source))
    with pytest.raises(ImportRefused) as refused:
        recognise(source).adopt(adoption, no_report)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "data", "title", "road"),
    [
        ("model.cbm", b"CBM1\x98\x1f", "a CatBoost model", 'format="onnx"'),
        ("model.pkl", b"CBM1\x98\x1f", "a CatBoost model", "turn those into numbers"),
        ("model.h5", b"\x89HDF\r\n\x1a\n rest", "a Keras model", "model.export"),
        ("model.joblib", b"\x89HDF\r\n\x1a\n rest", "a Keras model", "model.export"),
        ("model.keras", b"PK\x03\x04", "a Keras model", "model.export"),
        ("saved_model.pb", b"\x08\x01", "a TensorFlow model", "ONNX"),
        ("model.PT", b"PK\x03\x04", "a PyTorch model", "torch.onnx.export"),
        ("weights.pth", b"\x80\x02", "a PyTorch model", "torch.onnx.export"),
        ("model.safetensors", b"\x10", "a PyTorch model", "torch.onnx.export"),
        ("xgb.model", b"binf\x00\x00\x00?", "an XGBoost model in its old binary form", "ends with .json"),
        ("model.pmml", b"<PMML version", "a PMML model", "as its library saves it"),
        ("model", b'<?xml version="1.0"?><PMML>', "a PMML model", "as its library saves it"),
    ],
)
def test_a_file_is_refused_with_what_to_do(name: str, data: bytes, title: str, road: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    reason = refusal(file)
    assert reason.startswith(f"{name} is {title}, which is not opened; ")
    assert road in reason


@pytest.mark.parametrize(
    ("module", "road"),
    [("catboost.core", "save it from CatBoost as ONNX"), ("torch.nn.modules.linear", "save it from PyTorch as ONNX")],
)
def test_a_pickle_is_refused_with_what_to_do(module: str, road: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = module.split(".")
    for end in range(1, len(names) + 1):
        monkeypatch.setitem(sys.modules, ".".join(names[:end]), ModuleType(".".join(names[:end])))
    model: Any = type("Model", (), {"__module__": module})
    monkeypatch.setattr(sys.modules[module], "Model", model, raising=False)
    with pytest.raises(PickleRefused, match=rf"wants {module}\.Model, not on the list.*; {road}"):
        audit(pickle.dumps(model()), "model.pkl")
