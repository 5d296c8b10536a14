"""ONNX files are served as they are: what they take becomes a contract, what they answer becomes an answer."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from sklearn.linear_model import LinearRegression, LogisticRegression

from vaticina.contract import Encoder, Project
from vaticina.contract.envelope import make_validator
from vaticina.contract.fields import Category, Flag, Integer, Number
from vaticina.errors import ImportRefused
from vaticina.exact.compile import Goal, compile_table
from vaticina.foreign.isolation import Isolation
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.onnx.adopt import adopt_onnx_file
from vaticina.formats.source import file_source
from vaticina.progress import no_report

RANDOM = np.random.default_rng(3)
ROWS = RANDOM.normal(size=(200, 2))


NEVER = Isolation(cache=Path(), never=True)


def imported(file: Path, **options: Any) -> Any:
    adoption = Adoption(source=file_source(file), name="graph", isolation=NEVER, **options)
    return adopt_onnx_file(adoption, no_report)


def answered(adopted: AdoptedModel, rows: list[dict[str, Any]]) -> Any:
    checked = make_validator(adopted.contract).check_all(rows)
    return adopted.model.predict(Encoder(adopted.contract).matrix(checked)).columns


def ours(model: Any, classes: tuple[Any, ...]) -> bytes:
    """A graph of one matrix: our own compiled form."""
    return compile_table(model, Goal(columns=2, classes=len(classes), positive=max(0, len(classes) - 1))).graph


def saved(file: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any]) -> Path:
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), file)
    return file


def by_columns(file: Path, maps: bool = True) -> Path:
    """As converters write them: an input for each column, one-hot texts, a classifier with its own labels."""
    inputs = [
        helper.make_tensor_value_info("age", TensorProto.FLOAT, [None, 1]),
        helper.make_tensor_value_info("job", TensorProto.STRING, [None, 1]),
        helper.make_tensor_value_info("children", TensorProto.INT64, [None, 1]),
        helper.make_tensor_value_info("smokes", TensorProto.BOOL, [None, 1]),
    ]
    ml = "ai.onnx.ml"
    nodes = [
        helper.make_node("OneHotEncoder", ["job"], ["hot"], domain=ml, cats_strings=["clerk", "nurse"], zeros=1),
        helper.make_node("Reshape", ["hot", "shape"], ["flat"]),
        helper.make_node("Cast", ["children"], ["many"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["smokes"], ["smoke"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["age", "flat", "many", "smoke"], ["all"], axis=1),
        helper.make_node(
            "LinearClassifier",
            ["all"],
            ["label", "raw"],
            domain=ml,
            classlabels_strings=["no", "yes"],
            coefficients=[-0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 1.0, -1.0, 0.5, 2.0],
            intercepts=[0.0, 0.0],
            post_transform="SOFTMAX",
        ),
    ]
    answer = helper.make_tensor_value_info("raw", TensorProto.FLOAT, [None, 2])
    if maps:
        nodes.append(helper.make_node("ZipMap", ["raw"], ["maps"], domain=ml, classlabels_strings=["no", "yes"]))
        pairs = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
        answer = helper.make_value_info("maps", helper.make_sequence_type_proto(pairs))
    outputs = [helper.make_tensor_value_info("label", TensorProto.STRING, [None]), answer]
    graph = helper.make_graph(
        nodes, "g", inputs, outputs, [helper.make_tensor("shape", TensorProto.INT64, [2], [-1, 2])]
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(ml, 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), file)
    return file


def test_a_matrix_and_classes(tmp_path: Path) -> None:
    model = LogisticRegression().fit(ROWS, (ROWS[:, 0] > 0).astype(int))
    (tmp_path / "model.onnx").write_bytes(ours(model, (0, 1)))
    adopted = imported(tmp_path / "model.onnx")
    assert list(adopted.contract.inputs) == ["x0", "x1"]
    assert adopted.contract.classes == (0, 1)
    rows = [{"x0": a, "x1": b} for a, b in ROWS[:20].tolist()]
    np.testing.assert_allclose(answered(adopted, rows)["probabilities"], model.predict_proba(ROWS[:20]), atol=1e-12)
    assert adopted.model.files()["model.onnx"] == (tmp_path / "model.onnx").read_bytes()


def test_a_matrix_and_a_number_under_the_names_of_a_contract(tmp_path: Path) -> None:
    model = LinearRegression().fit(ROWS, ROWS[:, 0] * 2)
    (tmp_path / "model.onnx").write_bytes(ours(model, ()))
    inputs = {"weight": {"type": "number"}, "height": {"type": "number", "max": 3}}
    project = Project.model_validate({"project": {"name": "g"}, "inputs": inputs, "model": {"kind": "imported"}})
    adopted = imported(tmp_path / "model.onnx", project=project)
    assert adopted.contract.classes == ()
    value = answered(adopted, [{"weight": 1.5, "height": 2.0}])["value"]
    np.testing.assert_allclose(value, model.predict([[1.5, 2.0]]), atol=1e-12)


@pytest.mark.parametrize("maps", [True, False])
def test_an_input_for_each_column(maps: bool, tmp_path: Path) -> None:
    adopted = imported(by_columns(tmp_path / "model.onnx", maps), identifier="customerID")
    inputs = adopted.contract.inputs
    assert [type(inputs[name]) for name in ("age", "job", "children", "smokes")] == [Number, Category, Integer, Flag]
    job = inputs["job"]
    assert isinstance(job, Category)
    assert job.known == ("clerk", "nurse")
    assert adopted.contract.classes == ("no", "yes")
    rows = [
        {"age": 3.0, "job": "nurse", "children": 2, "smokes": True},
        {"age": 3.0, "job": "unheard of", "children": 2, "smokes": False},
    ]
    margins = [0.3 - 1 + 1 + 2 + 0.3, 0.3 + 1 + 0.3]
    expected = 1 / (1 + np.exp(-np.array(margins)))
    np.testing.assert_allclose(answered(adopted, rows)["probabilities"][:, 1], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"nothing", "no ONNX file"), (b"", "no ONNX file|outputs")], ids=["bytes", "empty"]
)
def test_what_is_none_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(data)
    with pytest.raises(ImportRefused, match=reason):
        imported(tmp_path / "model.onnx")


def test_texts_that_the_file_does_not_tell_are_asked_for(tmp_path: Path) -> None:
    inputs = [
        helper.make_tensor_value_info("job", TensorProto.STRING, [None, 1]),
        helper.make_tensor_value_info("age", TensorProto.FLOAT, [None, 1]),
    ]
    nodes = [helper.make_node("Identity", ["age"], ["out"]), helper.make_node("Identity", ["job"], ["same"])]
    outputs = [
        helper.make_tensor_value_info("out", TensorProto.FLOAT, [None, 1]),
        helper.make_tensor_value_info("same", TensorProto.STRING, [None, 1]),
    ]
    with pytest.raises(ImportRefused, match="does not tell which texts job may be"):
        imported(saved(tmp_path / "model.onnx", nodes, inputs, outputs))


def test_a_preprocessor_beside_it_is_refused(tmp_path: Path) -> None:
    file = by_columns(tmp_path / "model.onnx")
    source = file_source(file, tmp_path / "preprocessor.pkl")
    adoption = Adoption(source=source, name="graph", isolation=NEVER)
    with pytest.raises(ImportRefused, match="holds its own preparation"):
        adopt_onnx_file(adoption, no_report)
