"""What is served as probabilities are probabilities: raw scores are refused, whatever runtime gives them."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import xgboost
from onnx import TensorProto, helper, numpy_helper

from tests.usecases.adopting import adopt_here
from vaticina.contract import Contract, Outputs
from vaticina.errors import ImportRefused
from vaticina.tasks.table.probabilities import improper_probabilities
from vaticina.usecases.import_request import ImportRequest, isolation_of

RANDOM = np.random.default_rng(5)


def graph_of_scores(file: Path, *, softmax: bool) -> Path:
    """A linear layer of three outputs for two columns, with a softmax or without."""
    weights = numpy_helper.from_array(np.array([[2.0, -1.0, 0.5], [0.3, 4.0, -2.0]], dtype=np.float32), "weights")
    nodes = [helper.make_node("MatMul", ["X", "weights"], ["scores"])]
    last = "scores"
    if softmax:
        nodes.append(helper.make_node("Softmax", ["scores"], ["shares"], axis=1))
        last = "shares"
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])]
    outputs = [helper.make_tensor_value_info(last, TensorProto.FLOAT, [None, 3])]
    graph = helper.make_graph(nodes, "scores", inputs, outputs, [weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), file)
    return file


def request(file: Path, folder: Path) -> ImportRequest:
    return ImportRequest(place=file, target=folder / "model", isolation=isolation_of(None))


def test_an_onnx_file_of_raw_scores_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    file = graph_of_scores(tmp_path / "scores.onnx", softmax=False)
    with pytest.raises(ImportRefused, match=r"3 numbers a row that are no probabilities \(it gives \S+ for a class"):
        adopt_here(request(file, tmp_path))
    assert not (tmp_path / "model").exists()


def test_the_same_file_with_a_softmax_is_taken(tmp_path: Path) -> None:
    file = graph_of_scores(tmp_path / "shares.onnx", softmax=True)
    published = adopt_here(request(file, tmp_path))
    assert published.manifest.contract.classes == (0, 1, 2)


def test_a_classifier_that_gives_margins_is_refused(tmp_path: Path) -> None:
    rows = RANDOM.normal(size=(300, 2))
    model = xgboost.XGBClassifier(n_estimators=5, objective="binary:logitraw", n_jobs=1)
    model.fit(rows, rows[:, 0] > 0).save_model(tmp_path / "model.json")
    with pytest.raises(ImportRefused, match="which is not between 0 and 1"):
        adopt_here(request(tmp_path / "model.json", tmp_path))
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        ([[0.4, 0.6], [1.0, 0.0]], None),
        ([[0.4, 0.6], [0.4, 0.4]], "sum to 0.8"),
        ([[-0.2, 1.2]], "gives -0.2"),
        ([[np.nan, 1.0]], "gives nan"),
        ([[0.2, 0.3, 0.5]], "for 2 classes"),
    ],
)
def test_what_probabilities_are(probabilities: list[list[float]], reason: str | None) -> None:
    contract = Contract.model_validate({"name": "m", "inputs": {"x": {"type": "number"}}, "classes": ["no", "yes"]})
    outputs = Outputs(len(probabilities), {"probabilities": np.array(probabilities)})
    answer = improper_probabilities(outputs, contract)
    if reason is None:
        assert answer is None
    else:
        assert reason in str(answer)
