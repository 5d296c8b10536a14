from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.real_tables import TABLES, csv_file
from tests.tasks.samples import written
from vaticina.contract import Validator
from vaticina.datasets.contract_inference import Inference, infer_contract
from vaticina.errors import DataError, ProjectError


def column(folder: Path, texts: list[str]) -> Inference:
    """What is inferred of a table of this column beside a flag, so that one input is always left."""
    lines = [f'"{text}",{at % 3 == 0},{("no", "yes")[at % 2]}' for at, text in enumerate(texts)]
    return infer_contract(written(folder, "a,b,y", *lines), "sample", "y")


def inferred(name: str) -> Inference:
    file, target = TABLES[name]
    return infer_contract(csv_file(file), name, target)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("flag", ["True", "false"]),
        ("integer", ["0", "1"]),
        ("integer", ["3", "-1", "12"]),
        ("number", ["63.0", "1.0"]),
        ("number", ["1", "2.5", "1e3"]),
        ("flag", ["yes", "no"]),
        ("category", ["007", "012"]),
        ("category", ["1", "2", "other"]),
        ("instant", ["2026-01-01", "2026-02-01T10:00:00Z"]),
    ],
)
def test_types(tmp_path: Path, kind: str, texts: list[str]) -> None:
    found = column(tmp_path, texts * 12).project.inputs["a"]
    assert found.type == kind
    assert not found.optional


@pytest.mark.parametrize("token", ["", "NA", "NaN", "?", "null"])
def test_missing_values_make_an_input_optional_and_leave_its_type(tmp_path: Path, token: str) -> None:
    found = column(tmp_path, ["1.5", "2.5", token, "3.5"] * 5).project.inputs["a"]
    assert (found.type, found.optional) == ("number", True)
    assert found.model_dump()["seen"] == (1.5, 3.5)
    assert found.model_dump()["example"] == 2.5


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["x"] * 40, "always 'x'"),
        (["?"] * 40, "no value"),
        ([str(at) for at in range(1000, 1100)], "running or assigned"),
        ([str(15_000_000 + at) for at in np.random.default_rng(0).permutation(20_000)[:1000]], "running or assigned"),
        ([f"the patient said {at}" for at in range(60)], "free text"),
        ([f"city {at % 30}" for at in range(60)], "too many categories"),
    ],
)
def test_what_is_left_out_is_left_out_with_a_reason(tmp_path: Path, texts: list[str], why: str) -> None:
    inference = column(tmp_path, texts)
    assert list(inference.project.inputs) == ["b"]
    assert why in inference.left_out["a"]


def test_texts_that_name_their_rows_are_optional_identifiers(tmp_path: Path) -> None:
    inference = column(tmp_path, [f"{at:04}-VHVEG" for at in range(60)])
    found = inference.project.inputs["a"]
    assert (found.type, found.optional) == ("identifier", True)
    assert [one.name for one in inference.dataset.contract.columns] == ["b"]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), rows=st.integers(50, 2000), span=st.integers(10, 100_000))
def test_measured_whole_numbers_are_never_taken_for_assigned_ones(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, span: int
) -> None:
    measured = np.random.default_rng(seed).integers(0, span, rows)
    inference = column(tmp_path_factory.mktemp("data"), [str(number) for number in measured])
    assert inference.project.inputs["a"].type == "integer"


def test_rows_without_a_target_are_dropped_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "a,y", "1,no", "2,yes", "3,?", "4,no", "5,yes")
    inference = infer_contract(path, "sample", "y")
    assert inference.dataset.size == 4
    assert inference.dataset.notes == ("1 rows without a target are left out",)


@pytest.mark.parametrize(
    ("lines", "target", "word"),
    [
        (["a,y", "1,no", "2,yes"], "z", "no column 'z'; its columns are: a, y"),
        (["a,y", "1,no", "2,no"], "y", "one class only"),
        (["a,y", "1,no", "2,no", "3,yes"], "y", "single row of 'yes'"),
        (["a,y", "x,no", "x,yes"], "y", r"leaves no column to learn 'y' from; left out are: a \(always 'x'\)"),
        (["y", "no", "yes"], "y", "leaves no column"),
        (["a,a,y", "1,1,no"], "y", "'a' more than once"),
        (["a,y"], "y", "no rows"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused(
    tmp_path: Path, lines: list[str], target: str, word: str
) -> None:
    with pytest.raises(DataError, match=word):
        infer_contract(written(tmp_path, *lines), "sample", target)


def test_a_name_that_no_project_may_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="My Project"):
        infer_contract(written(tmp_path, "a,y", "1,no", "2,yes"), "My Project", "y")


@pytest.mark.parametrize(
    ("name", "classes", "kinds", "left_out"),
    [
        ("adult", ("<=50K", ">50K"), {"age": "integer", "workclass": "category"}, set()),
        ("bank_marketing", ("no", "yes"), {"housing": "flag", "duration": "integer"}, set()),
        ("german_credit", ("bad", "good"), {"credit_amount": "integer", "purpose": "category"}, set()),
        ("diamonds", (), {"carat": "number", "cut": "category"}, set()),
        ("online_shoppers", (False, True), {"Weekend": "flag", "Month": "category", "Browser": "integer"}, set()),
        ("heart_disease", (0, 1, 2, 3, 4), {"age": "number", "ca": "number"}, set()),
        (
            "ktas_triage",
            (1, 2, 3, 4, 5),
            {"nrs_pain": "number", "injury": "integer"},
            {"group", "saturation", "chief_complaint", "diagnosis_ed"},
        ),
        ("hydraulic", (0, 1), {"PS1_mean": "number", "pump_leak": "integer"}, {"cycle"}),
        ("bike_sharing", (), {"dteday": "instant", "hr": "integer"}, {"instant", "yr"}),
        ("ecommerce_shipping", (0, 1), {"Gender": "category"}, {"ID"}),
    ],
)
def test_real_tables(name: str, classes: tuple[object, ...], kinds: dict[str, str], left_out: set[str]) -> None:
    inference = inferred(name)
    inputs = inference.project.inputs
    assert inference.dataset.contract.classes == classes
    assert {column: inputs[column].type for column in kinds} == kinds
    assert set(inference.left_out) == left_out
    assert not inference.dataset.notes


@pytest.mark.parametrize(
    ("name", "optional"),
    [("adult", {"workclass", "occupation", "native_country"}), ("heart_disease", {"ca", "thal"})],
)
def test_missing_values_of_real_tables_are_optional(name: str, optional: set[str]) -> None:
    inputs = inferred(name).project.inputs
    assert {column for column, field in inputs.items() if field.optional} == optional


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("german_credit", {"prediction": "label", "probability": "positive_probability"}),
        ("diamonds", {"prediction": "value"}),
    ],
)
def test_the_answer_is_a_prediction_and_for_two_classes_the_positive_s_probability(
    name: str, outputs: dict[str, str]
) -> None:
    assert {key: one.quantity for key, one in inferred(name).project.outputs.items()} == outputs


def test_learnt_ranges_and_categories_never_refuse_and_the_example_is_a_row() -> None:
    inference = inferred("german_credit")
    contract = inference.dataset.contract
    assert contract.inputs == inference.project.inputs
    example = contract.example()
    assert set(example) == set(contract.inputs)
    check = Validator(contract).check
    assert check(example) == example
    check({**example, "age": 10_000, "purpose": "A999"})
