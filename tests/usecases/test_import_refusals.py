"""What an import refuses, it refuses in words that name the column or output, and the option that helps."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.formats.churn import saved
from tests.usecases.rude_models import Polite
from vaticina.errors import VaticinaError
from vaticina.usecases.adopt import adopt_model
from vaticina.usecases.import_request import ImportRequest, isolation_of

ROWS = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 60.0, 70.0], "plan": ["a", "b", "c", "a", "b", "c"]})
CLASSES = [0, 1, 2, 0, 1, 2]

CONTRACT = """
[project]
name = "refused"
[inputs.age]
type = "number"
[model]
kind = "imported"
"""


def of_table(target: list[Any]) -> object:
    encoder = make_column_transformer((OneHotEncoder(), ["plan"]), remainder="passthrough")
    return make_pipeline(encoder, LogisticRegression(max_iter=1_000)).fit(ROWS, target)


def refusal(model: object, folder: Path, **options: Any) -> str:
    """The message with which the model's import is refused."""
    request = ImportRequest(
        place=saved(model, folder / "model.pkl"),
        **{"target": folder / "refused", "isolation": isolation_of(None), **options},
    )
    with pytest.raises(VaticinaError) as refused:
        adopt_model(request, request.project())
    return refused.value.message


def test_a_class_that_is_not_listed_names_the_option_that_allows_it(tmp_path: Path) -> None:
    message = refusal(Polite(), tmp_path)
    assert "wants tests.usecases.rude_models.Polite" in message
    assert "--allow tests.usecases.rude_models.Polite" in message


def test_a_transformer_alone_is_no_model(tmp_path: Path) -> None:
    message = refusal(StandardScaler().fit(ROWS[["age"]]), tmp_path)
    assert "StandardScaler, which predicts nothing" in message
    assert "--preprocessor" in message


def test_a_classifier_without_probabilities_is_told_how_to_get_them(tmp_path: Path) -> None:
    message = refusal(Perceptron().fit(ROWS[["age"]], CLASSES), tmp_path)
    assert message.startswith("Perceptron knows no probabilities")
    assert "CalibratedClassifierCV" in message


def test_a_threshold_between_three_classes_is_left_out(tmp_path: Path) -> None:
    message = refusal(of_table(CLASSES), tmp_path, threshold=0.3)
    assert "this model has 3" in message
    assert "--threshold" in message


def test_a_column_that_the_contract_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "contract.toml").write_text(CONTRACT, encoding="utf-8")
    message = refusal(of_table(CLASSES), tmp_path, contract=tmp_path / "contract.toml")
    assert message.startswith("The model takes plan, which the contract of refused does not name")
    assert "--contract" in message


def test_a_name_that_is_none_is_told_with_the_option(tmp_path: Path) -> None:
    message = refusal(of_table(CLASSES), tmp_path, target=tmp_path / "My Model")
    assert "give another --name" in message


def test_a_number_that_is_used_cannot_name_rows(tmp_path: Path) -> None:
    message = refusal(of_table(CLASSES), tmp_path, identifier="age")
    assert "'age'" in message
    assert "--id" in message


def test_two_targets_are_two_models(tmp_path: Path) -> None:
    targets = np.array([[0, 1], [1, 0], [0, 1], [1, 0], [0, 1], [1, 0]])

    message = refusal(DecisionTreeClassifier().fit(ROWS[["age"]], targets), tmp_path)
    assert "one model for each target" in message
