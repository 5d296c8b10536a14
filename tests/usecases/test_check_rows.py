"""``vaticina import --check``: the owner's own rows, answered by the version and by the file itself."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.usecases.adopting import adopt_here
from vaticina.errors import DataError, ImportRefused
from vaticina.usecases.adopt import adopt_model
from vaticina.usecases.check_rows import is_same
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.row_check import RowCheck

ROWS = pd.DataFrame(
    {"age": [23.0, 35.5, 41.0, 64.0, 52.0, 19.0], "plan": ["basic", "plus", "basic", "plus", "basic", "plus"]}
)
LABELS = ["stays", "leaves", "stays", "leaves", "stays", "leaves"]


def pipeline(model: Any, target: Sequence[Any]) -> Pipeline:
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="error"), ["plan"]), remainder="passthrough", verbose_feature_names_out=False
    )
    return make_pipeline(columns, model).fit(ROWS, target)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("classifier") / "model.joblib"
    joblib.dump(pipeline(LogisticRegression(), LABELS), file)
    return file


def request(file: Path, folder: Path, **options: Any) -> ImportRequest:
    return ImportRequest(place=file, target=folder / "churn", isolation=isolation_of(None), **options)


def checked(file: Path, folder: Path, rows: Path, expected: Path | None = None) -> RowCheck:
    """The check of a file's import."""
    imported = adopt_model(request(file, folder, rows=rows, expected=expected), None)
    check = imported.facts.report.check
    assert check is not None
    return check


def written(file: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return file


def own_rows(folder: Path) -> Path:
    return written(folder / "rows.csv", {name: ROWS[name].tolist() for name in ROWS})


def answers(file: Path) -> dict[str, Sequence[Any]]:
    """What the file's owner gets, in columns called like the outputs."""
    model = joblib.load(file)
    shares = model.predict_proba(ROWS)[:, list(model.classes_).index("stays")]
    return {"prediction": list(model.predict(ROWS)), "probability": shares.tolist()}


def test_no_row_differs_and_the_version_keeps_the_report(classifier: Path, tmp_path: Path) -> None:
    expected = written(tmp_path / "answers.csv", answers(classifier))
    check = checked(classifier, tmp_path, own_rows(tmp_path), expected)
    assert (check.rows, check.differ, check.refused) == (6, 0, 0)
    assert check.against == ("the file itself", "answers.csv")
    assert str(check) == "6 of your own rows: 0 differ"


def test_expected_answers_that_differ_are_told_and_nothing_is_published(classifier: Path, tmp_path: Path) -> None:
    right = answers(classifier)
    wrong = {**right, "prediction": ["leaves", *right["prediction"][1:]]}
    wrong["probability"] = [*right["probability"][:-1], 0.5]
    expected = written(tmp_path / "answers.csv", wrong)
    check = checked(classifier, tmp_path, own_rows(tmp_path), expected)
    assert check.differ == 2
    first, last = check.differences
    assert (first.line, first.output, first.ours, first.theirs) == (2, "prediction", "stays", "leaves")
    assert (last.line, last.output, last.theirs, last.against) == (7, "probability", "0.5", "answers.csv")
    with pytest.raises(ImportRefused, match=r"2 of 6 rows .* line 2: prediction is stays, and leaves by answers\.csv"):
        adopt_here(request(classifier, tmp_path, rows=own_rows(tmp_path), expected=expected))
    assert not (tmp_path / "churn").exists()


def test_rows_that_the_contract_refuses_are_told_by_line(classifier: Path, tmp_path: Path) -> None:
    rows = written(
        tmp_path / "rows.csv", {"age": [23.0, "old", 41.0], "plan": ["basic", "basic", "gold"], "name": ["a", "b", "c"]}
    )
    check = checked(classifier, tmp_path, rows)
    assert (check.rows, check.differ, check.refused) == (1, 0, 2)
    assert [refusal.line for refusal in check.refusals] == [3, 4]
    assert check.refusals[1].message == "plan must be one of: basic, plus"


def test_a_table_of_which_no_row_can_be_asked_checks_nothing(classifier: Path, tmp_path: Path) -> None:
    rows = written(tmp_path / "rows.csv", {"age": ["old"], "plan": ["basic"]})
    with pytest.raises(ImportRefused, match=r"No row of .*rows\.csv satisfies the model's contract \(line 2: .*age"):
        checked(classifier, tmp_path, rows)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"answer": ["stays"] * 6}, "has no column called like an output; call its columns prediction, probability"),
        ({"prediction": ["stays"]}, "has 1 rows, and the table of --check has 6"),
        ({"prediction": ["stays"] * 5 + [" "]}, r"line 7: prediction is empty"),
    ],
)
def test_expected_answers_that_cannot_be_compared_are_refused(
    columns: dict[str, Sequence[str]], reason: str, classifier: Path, tmp_path: Path
) -> None:
    expected = written(tmp_path / "answers.csv", columns)
    with pytest.raises(DataError, match=reason):
        checked(classifier, tmp_path, own_rows(tmp_path), expected)


def test_numbers_that_are_predicted_are_compared_by_their_size(tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    joblib.dump(pipeline(LinearRegression(), [1e6, 2e6, 3e6, 4e6, 5e6, 6e6]), file)
    values = joblib.load(file).predict(ROWS)
    close = written(tmp_path / "close.csv", {"prediction": (values * (1 + 1e-8)).tolist()})
    far = written(tmp_path / "far.csv", {"prediction": (values + np.eye(6)[2] * 1_000).tolist()})
    assert checked(file, tmp_path, own_rows(tmp_path), close).differ == 0
    assert [difference.line for difference in checked(file, tmp_path, own_rows(tmp_path), far).differences] == [4]


def test_tables_are_read_as_the_contract_says_that_they_are_written(classifier: Path, tmp_path: Path) -> None:
    contract = tmp_path / "contract.toml"
    text = adopt_model(request(classifier, tmp_path), None).facts.project_text
    contract.write_text(text + '\n[data]\ndecimal = ","\n', encoding="utf-8")
    rows, expected = tmp_path / "filas.csv", tmp_path / "respuestas.csv"
    rows.write_text("age;plan\n23,0;basic\n35,5;plus\n", encoding="utf-8")
    shares = [str(share).replace(".", ",") for share in answers(classifier)["probability"][:2]]
    expected.write_text("probability;\n" + ";\n".join(shares) + ";\n", encoding="utf-8")
    asked = request(classifier, tmp_path, rows=rows, expected=expected, contract=contract)
    check = adopt_model(asked, asked.project()).facts.report.check
    assert check is not None
    assert (check.rows, check.differ, check.refused) == (2, 0, 0)
    with pytest.raises(ImportRefused, match=r"No row of .*filas\.csv .* \(line 2: age must be a number"):
        checked(classifier, tmp_path, rows)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("yes", "yes", True),
        ("yes", "Yes", False),
        ("true", "True", True),
        ("true", "1", False),
        ("1", "1.0", True),
        ("0.5", "0.5000001", True),
        ("0.5", "0.51", False),
        ("0.5", "half", False),
        ("nan", "nan", True),
    ],
)
def test_what_the_same_answer_is(ours: str, theirs: str, same: bool) -> None:
    assert is_same(ours, theirs) == same
