"""What an ONNX file answers is what its own outputs say: the label, the classes in their order, their probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from vaticina.contract import Encoder
from vaticina.contract.envelope import make_validator
from vaticina.errors import ImportRefused
from vaticina.foreign.isolation import Isolation
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.onnx.adopt import adopt_onnx_file
from vaticina.formats.source import file_source
from vaticina.progress import no_report
from vaticina.tasks import served_form

EXPORTS = Path(__file__).parent / "onnx_exports"
NEVER = Isolation(cache=Path(), never=True)
ML = "ai.onnx.ml"
WEIGHTS = np.array([[0.3, -1.2, 0.9], [-0.7, 0.4, 0.8]], dtype=np.float32)
BIAS = np.array([0.1, -0.2, 0.05], dtype=np.float32)
ROWS = np.random.default_rng(1).normal(size=(200, 2)).round(2)
FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING


LOOPS = frozenset({"onnx:Scan"})
"""Nearest neighbours measure their distances in a loop, which people have to allow."""


def adopted(file: Path) -> AdoptedModel:
    adoption = Adoption(source=file_source(file), name="graph", isolation=NEVER, allow=LOOPS)
    return adopt_onnx_file(adoption, no_report)


def answers(model: AdoptedModel) -> Any:
    """What the served form answers to ``ROWS``, as a client sends them."""
    served = served_form(model.model, model.contract, model.rows[::10], model.ask_original)
    rows = [{"x0": first, "x1": second} for first, second in ROWS.tolist()]
    checked = make_validator(model.contract).check_all(rows)
    return served.runtime.predict(Encoder(model.contract).matrix(checked)).columns


def labels(model: AdoptedModel) -> list[Any]:
    return [model.contract.classes[place] for place in answers(model)["label"]]


def own_answers(file: Path, dtype: Any = np.float32) -> list[Any]:
    """What the file itself answers to ``ROWS``, output after output."""
    session = onnxruntime.InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: ROWS.astype(dtype)})  # type: ignore[no-any-return]


def output(name: str, kind: int, *inner: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, [None, *inner])


def saved(
    file: Path,
    nodes: Sequence[onnx.NodeProto],
    outputs: Sequence[onnx.ValueInfoProto],
    constants: dict[str, NDArray[Any]] | None = None,
    kind: int = FLOAT,
) -> Path:
    """A graph of the matrix ``X`` (n, 2), which holds ``W``, ``B`` and ``constants``."""
    tensors = []
    for name, values in {"W": WEIGHTS, "B": BIAS, **(constants or {})}.items():
        tensors.append(numpy_helper.from_array(values, name))
    graph = helper.make_graph(nodes, "g", [output("X", kind, 2)], outputs, tensors)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(ML, 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), file)
    return file


def softmax_nodes() -> list[onnx.NodeProto]:
    """Nodes that give ``probabilities`` of three classes, and ``place``, that of the largest."""
    return [
        helper.make_node("Gemm", ["X", "W", "B"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
    ]


PROBABILITIES = output("probabilities", FLOAT, 3)


# the classes and the label


OF_NUMBERS = ("stacking", "net", "bayes")
TEXTS = ("bronce", "oro", "plata")


@pytest.mark.parametrize(
    "name", [*OF_NUMBERS, "discriminant", "neighbours", "one-against-the-rest", "vectors", "voting"]
)
def test_an_export_without_maps_answers_its_own_labels_and_probabilities(name: str) -> None:
    file = EXPORTS / f"{name}.onnx"
    model = adopted(file)
    assert model.contract.classes == ((5, 7, 9) if name in OF_NUMBERS else TEXTS)
    own_labels, own_probabilities = own_answers(file)
    assert labels(model) == own_labels.reshape(-1).tolist()
    np.testing.assert_array_equal(answers(model)["probabilities"], own_probabilities.astype(np.float64))


def test_an_export_of_catboost() -> None:
    file = EXPORTS / "catboost.onnx"
    model = adopted(file)
    assert model.contract.classes == ("no", "sí")
    own_labels, own_maps = own_answers(file)
    assert labels(model) == own_labels.tolist()
    np.testing.assert_allclose(answers(model)["probabilities"][:, 1], [by_class["sí"] for by_class in own_maps])


def test_an_export_whose_labels_are_not_the_likeliest_classes() -> None:
    own_labels, probabilities = own_answers(EXPORTS / "vectors.onnx")
    likeliest = np.array(["bronce", "oro", "plata"])[probabilities.argmax(axis=1)]
    assert (likeliest != own_labels).any()


@pytest.mark.parametrize("names", [[3, 5, 7], [7, 3, 5], ["low", "high", "medium"]], ids=str)
def test_classes_out_of_a_table(names: list[Any], tmp_path: Path) -> None:
    table = np.array(names, dtype=object) if isinstance(names[0], str) else np.array(names)
    kind = STRING if isinstance(names[0], str) else INT64
    nodes = [*softmax_nodes(), helper.make_node("Gather", ["C", "place"], ["label"])]
    file = saved(tmp_path / "m.onnx", nodes, [output("label", kind), PROBABILITIES], {"C": table})
    model = adopted(file)
    assert model.contract.classes == tuple(names)
    assert labels(model) == own_answers(file)[0].tolist()


def linear_classifier(weights: NDArray[Any], classes: list[int], name: str) -> onnx.NodeProto:
    return helper.make_node(
        "LinearClassifier",
        ["X"],
        [f"{name} label", name],
        domain=ML,
        coefficients=weights.T.reshape(-1).tolist(),
        intercepts=BIAS.tolist(),
        classlabels_ints=classes,
        post_transform="SOFTMAX",
    )


def test_the_classes_of_an_inner_classifier_are_not_the_answer_s(tmp_path: Path) -> None:
    nodes = [
        linear_classifier(WEIGHTS, [0, 1, 2], "inner"),
        linear_classifier(-2 * WEIGHTS, [10, 20, 30], "outer"),
        helper.make_node("Mul", ["inner", "Z"], ["nothing"]),
        helper.make_node("Add", ["outer", "nothing"], ["probabilities"]),
        helper.make_node("Identity", ["outer label"], ["label"]),
    ]
    constants = {"Z": np.zeros(1, dtype=np.float32)}
    file = saved(tmp_path / "m.onnx", nodes, [output("label", INT64), PROBABILITIES], constants)
    model = adopted(file)
    assert model.contract.classes == (10, 20, 30)
    assert labels(model) == own_answers(file)[0].tolist()


def test_a_class_that_no_row_is_answered_by_is_the_classifier_s_own(tmp_path: Path) -> None:
    bias = np.array([5.0, 5.0, -1e6], dtype=np.float32)
    node = linear_classifier(np.clip(WEIGHTS, -1, 1), [0, 1, 5], "probabilities")
    for attribute in node.attribute:
        if attribute.name == "intercepts":
            attribute.floats[:] = bias.tolist()
    nodes = [node, helper.make_node("Identity", ["probabilities label"], ["label"])]
    file = saved(tmp_path / "m.onnx", nodes, [output("label", INT64), PROBABILITIES])
    assert adopted(file).contract.classes == (0, 1, 5)


def test_a_class_that_no_row_is_answered_by_leaves_doubt_between_two_lists(tmp_path: Path) -> None:
    nodes = [
        *softmax_nodes()[:1],
        helper.make_node("Add", ["scores", "rare"], ["shifted"]),
        helper.make_node("Softmax", ["shifted"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
        helper.make_node("Gather", ["C", "place"], ["label"]),
    ]
    constants = {"rare": np.array([0.0, 0.0, -1e9], dtype=np.float32), "C": np.array([0, 1, 5])}
    file = saved(tmp_path / "m.onnx", nodes, [output("label", INT64), PROBABILITIES], constants)
    with pytest.raises(ImportRefused, match="Nothing tells which class each of the 3 probabilities belongs to"):
        adopted(file)


def test_a_threshold_in_the_file_decides(tmp_path: Path) -> None:
    nodes = [
        *softmax_nodes()[:1],
        helper.make_node("Gather", ["scores", "first two"], ["two"], axis=1),
        helper.make_node("Softmax", ["two"], ["probabilities"], axis=1),
        helper.make_node("Gather", ["probabilities", "second"], ["column"], axis=1),
        helper.make_node("Greater", ["column", "threshold"], ["is reached"]),
        helper.make_node("Where", ["is reached", "yes", "no"], ["label"]),
    ]
    constants: dict[str, NDArray[Any]] = {
        "first two": np.array([0, 1]),
        "second": np.array(1),
        "threshold": np.array(0.2, dtype=np.float32),
        "yes": np.array("sí", dtype=object),
        "no": np.array("no", dtype=object),
    }
    label = output("label", STRING)
    file = saved(tmp_path / "m.onnx", nodes, [label, output("probabilities", FLOAT, 2)], constants)
    with pytest.raises(ImportRefused, match="save the file with zipmap"):
        adopted(file)  # no list names the classes, and the labels are not always the likeliest
    nodes.append(helper.make_node("ZipMap", ["probabilities"], ["maps"], domain=ML, classlabels_strings=["no", "sí"]))
    pairs = helper.make_map_type_proto(STRING, helper.make_tensor_type_proto(FLOAT, []))
    maps = helper.make_value_info("maps", helper.make_sequence_type_proto(pairs))
    file = saved(tmp_path / "m.onnx", nodes, [label, maps], constants)
    model = adopted(file)
    own_labels, own_maps = own_answers(file)
    assert labels(model) == own_labels.tolist()
    positive = [by_class["sí"] for by_class in own_maps]
    np.testing.assert_allclose(answers(model)["probabilities"][:, 1], positive, rtol=1e-6)


def test_one_column_of_probabilities_is_the_positive_class_s(tmp_path: Path) -> None:
    nodes = [
        *softmax_nodes()[:1],
        helper.make_node("Gather", ["scores", "first"], ["score"], axis=1),
        helper.make_node("Sigmoid", ["score"], ["probability"]),
        helper.make_node("Round", ["probability"], ["rounded"]),
        helper.make_node("Cast", ["rounded"], ["place"], to=INT64),
        helper.make_node("Gather", ["C", "place"], ["label"]),
    ]
    constants = {"first": np.array([0]), "C": np.array(["no", "yes"], dtype=object)}
    outputs = [output("label", STRING, 1), output("probability", FLOAT, 1)]
    file = saved(tmp_path / "m.onnx", nodes, outputs, constants)
    model = adopted(file)
    assert model.contract.classes == ("no", "yes")
    own_labels, own_probability = own_answers(file)
    assert labels(model) == own_labels.reshape(-1).tolist()
    np.testing.assert_allclose(answers(model)["probabilities"][:, 1], own_probability.reshape(-1), rtol=1e-6)


def test_a_file_that_names_no_classes_and_gives_no_label_numbers_them(tmp_path: Path) -> None:
    model = adopted(saved(tmp_path / "m.onnx", softmax_nodes()[:2], [PROBABILITIES]))
    assert model.contract.classes == (0, 1, 2)
    assert any("names no classes" in note for note in model.notes)


def test_a_classifier_s_own_scores_name_their_classes(tmp_path: Path) -> None:
    nodes = [linear_classifier(WEIGHTS, [10, 20, 30], "raw"), helper.make_node("Identity", ["raw"], ["probabilities"])]
    assert adopted(saved(tmp_path / "m.onnx", nodes, [PROBABILITIES])).contract.classes == (10, 20, 30)


def test_classes_of_another_part_are_not_taken_for_the_answer_s(tmp_path: Path) -> None:
    nodes = [
        linear_classifier(WEIGHTS, [10, 20, 30], "inner"),
        helper.make_node("Softmax", ["inner"], ["probabilities"]),
    ]
    file = saved(tmp_path / "m.onnx", nodes, [PROBABILITIES])
    with pytest.raises(ImportRefused, match="save the file with its label output, or with zipmap"):
        adopted(file)


# what is no probability


def test_scores_are_no_probabilities(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Gemm", ["X", "W", "B"], ["probabilities"]),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    file = saved(tmp_path / "m.onnx", nodes, [output("label", INT64), PROBABILITIES])
    with pytest.raises(ImportRefused, match=r"'probabilities' holds no probabilities: .*softmax or sigmoid"):
        adopted(file)


def test_several_numbers_a_row_are_no_classes(tmp_path: Path) -> None:
    file = saved(
        tmp_path / "m.onnx", [helper.make_node("Gemm", ["X", "W", "B"], ["variable"])], [output("variable", FLOAT, 3)]
    )
    with pytest.raises(ImportRefused, match=r"'variable' gives 3 numbers a row.*a model for each number"):
        adopted(file)


def test_several_outputs_of_one_number_are_no_answer(tmp_path: Path) -> None:
    nodes = [
        *softmax_nodes()[:1],
        helper.make_node("Split", ["scores"], ["price", "rent", "tax"], axis=1, num_outputs=3),
    ]
    outputs = [output(name, FLOAT, 1) for name in ("price", "rent", "tax")]
    with pytest.raises(ImportRefused, match=r"3 numbers a row \(price, rent, tax\)"):
        adopted(saved(tmp_path / "m.onnx", nodes, outputs))


def test_two_questions_in_one_file_are_refused(tmp_path: Path) -> None:
    nodes = [*softmax_nodes(), helper.make_node("Neg", ["scores"], ["turned"])]
    nodes.append(helper.make_node("Softmax", ["turned"], ["others"], axis=1))
    with pytest.raises(ImportRefused, match=r"several questions at once \(probabilities, others\)"):
        adopted(saved(tmp_path / "m.onnx", nodes, [PROBABILITIES, output("others", FLOAT, 3)]))


def test_labels_alone_are_refused(tmp_path: Path) -> None:
    file = saved(tmp_path / "m.onnx", softmax_nodes(), [output("place", INT64)])
    with pytest.raises(ImportRefused, match=r"labels \(place\) without the probabilities"):
        adopted(file)


# numbers of another precision


def test_half_precision(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["X"], ["wide"], to=FLOAT),
        helper.make_node("Gemm", ["wide", "W", "B"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["exact"], axis=1),
        helper.make_node("Cast", ["exact"], ["probabilities"], to=TensorProto.FLOAT16),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    outputs = [output("label", INT64), output("probabilities", TensorProto.FLOAT16, 3)]
    file = saved(tmp_path / "m.onnx", nodes, outputs, kind=TensorProto.FLOAT16)
    model = adopted(file)
    own_labels, own_probabilities = own_answers(file, np.float16)
    assert labels(model) == own_labels.tolist()
    np.testing.assert_array_equal(answers(model)["probabilities"], own_probabilities.astype(np.float64))


def test_an_input_that_no_row_holds_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Cast", ["X"], ["wide"], to=FLOAT), helper.make_node("Gemm", ["wide", "W", "B"], ["y"])]
    file = saved(tmp_path / "m.onnx", nodes, [output("y", FLOAT, 3)], kind=TensorProto.BFLOAT16)
    with pytest.raises(ImportRefused, match=r"no ONNX file that onnxruntime takes|which no row holds"):
        adopted(file)
