"""Projects written from tables and examples."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.shell import done, vaticina, write_rows
from tests.real_tables import csv_file
from vaticina.cli.bundled_examples import bundled
from vaticina.contract import Project, load_project
from vaticina.contract.fields import Category, Flag, Instant, Integer
from vaticina.contract.project import Data, parse_project
from vaticina.usecases.project_file import Draft, written


def test_a_table_becomes_a_project_to_train(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "people.csv")
    ran = done("init", "risk", "--from", source, "--target", "risk")
    assert "was learnt from 240 rows" in ran.out
    assert "2 classes: high, low" in ran.out
    assert "Next: vaticina train risk" in ran.out
    project = load_project(tmp_path / "risk")
    assert (project.name, project.data.source, project.data.target) == ("risk", "data/people.csv", "risk")
    assert (tmp_path / "risk" / "data" / "people.csv").read_bytes() == source.read_bytes()
    age, sex, smoker = project.inputs.values()
    assert isinstance(age, Integer)
    assert (age.min, age.max, age.seen) == (None, None, (20, 79)), "what is learnt refuses nothing"
    assert isinstance(sex, Category)
    assert (sex.categories, sex.seen) == (None, ("f", "m"))
    assert isinstance(smoker, Flag)
    assert smoker.optional
    outputs = {name: output.quantity for name, output in project.outputs.items()}
    assert outputs == {"prediction": "label", "probability": "positive_probability"}


def test_the_file_explains_itself(tmp_path: Path) -> None:
    done("init", "risk", "--from", write_rows(tmp_path / "people.csv"), "--target", "risk")
    text = (tmp_path / "risk" / "project.toml").read_text(encoding="utf-8")
    assert 'target = "risk" # 2 classes: high, low' in text
    assert "# What a prediction is made from." in text
    assert 'probability = "positive_probability" # of low' in text


def test_the_positive_class_can_be_chosen(tmp_path: Path) -> None:
    ran = done("init", "risk", "--from", write_rows(tmp_path / "a.csv"), "--target", "risk", "--positive", "high")
    assert "probability (probability of high)" in ran.out
    assert load_project(tmp_path / "risk").data.positive == "high"


def test_the_table_can_stay_where_it_is(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "people.csv")
    done("init", "risk", "--from", source, "--target", "risk", "--no-copy", "--folder", tmp_path / "deep" / "er")
    folder = tmp_path / "deep" / "er" / "risk"
    project = load_project(folder)
    assert project.data.source == "../../../people.csv"
    assert [path.name for path in folder.iterdir()] == ["project.toml"]


def test_a_table_in_the_project_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "risk").mkdir()
    source = write_rows(tmp_path / "risk" / "people.csv")
    done("init", "risk", "--from", source, "--target", "risk")
    assert load_project(tmp_path / "risk").data.source == "people.csv"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "people.csv")
    (tmp_path / "risk" / "data").mkdir(parents=True)
    kept = tmp_path / "risk" / "data" / "people.csv"
    kept.write_text("precious")
    ran = vaticina("init", "risk", "--from", source, "--target", "risk")
    assert (ran.code, kept.read_text()) == (1, "precious")
    assert not (tmp_path / "risk" / "project.toml").exists()
    assert vaticina("init", "risk", "--example", "medico").code == 1
    assert kept.read_text() == "precious"


def test_json_tells_what_was_learnt(tmp_path: Path) -> None:
    facts = done("init", "risk", "--from", write_rows(tmp_path / "a.csv"), "--target", "risk", "--json").json
    assert facts["inputs"] == {"age": "integer", "sex": "category", "smoker": "flag"}
    assert (facts["rows"], facts["classes"]) == (240, ["high", "low"])


def spanish_table(folder: Path) -> Path:
    """A table as Excel exports it in Spain, in which each amount and each date may be read in two ways."""
    lines = [
        f"{at % 12 + 1:02}/{at % 7 + 1:02}/2024;1.{at % 10}34;{at % 5 + 1};{'Sí' if at % 2 else 'No'}"
        for at in range(60)
    ]
    path = folder / "ventas.csv"
    path.write_text("\n".join(["fecha;importe;nota;socio", *lines, ""]), encoding="cp1252")
    return path


def test_what_was_understood_of_each_column_is_shown(tmp_path: Path) -> None:
    ran = done("init", "ventas", "--from", spanish_table(tmp_path), "--target", "nota")
    shown = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert "column read as from example" in shown
    assert "fecha instant dates, day-first 01/01/2024 → 2024-01-01" in shown
    assert "importe integer decimal comma, thousands point 1.034 → 1034" in shown
    assert "socio flag sí / no No → false" in shown
    assert any(line.startswith("nota target, 5 classes") for line in shown)
    assert "target nota: 5 classes: 1, 2, 3, 4, 5; for a number, say --target-kind number" in shown
    assert "'importe': '1.034' is read as 1034, as semicolons stand between the cells" in ran.err
    assert "'fecha': '01/01/2024' is read day-first" in ran.err
    assert "read as cp1252 text" in ran.out


def test_json_shows_the_same(tmp_path: Path) -> None:
    facts = done("init", "ventas", "--from", spanish_table(tmp_path), "--target", "nota", "--json").json
    assert facts["columns"][0] == {
        "name": "fecha",
        "read_as": "instant",
        "how": "dates, day-first",
        "raw": "01/01/2024",
        "value": "2024-01-01",
    }
    assert [warning.split(":")[0] for warning in facts["warnings"]] == ["'fecha'", "'importe'"]


def test_a_person_can_say_how_a_table_is_to_be_read(tmp_path: Path) -> None:
    options = ("--decimal", ".", "--dates", "month-first", "--target-kind", "number", "--encoding", "latin-1")
    missing = ("--missing", "-999", "--missing", "1.934")
    ran = done("init", "ventas", "--from", spanish_table(tmp_path), "--target", "nota", *options, *missing)
    data = load_project(tmp_path / "ventas").data
    assert (data.dates, data.target_kind, data.encoding) == ("month-first", "number", "latin-1")
    assert data.missing == ("1.934",)
    assert "target nota: a number" in " ".join(ran.out.split())
    assert "warning: 'fecha'" not in ran.err
    assert done("train", "ventas", "--json").json["metrics"].keys() >= {"r2", "mae"}


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--decimal", ";", "--decimal: Input should be '.' or ','"),
        ("--encoding", "latin-99", "--encoding: no encoding of text is called 'latin-99'"),
        ("--dates", "daily", "'daily' is not one of"),
    ],
)
def test_what_cannot_be_said_is_refused(tmp_path: Path, option: str, value: str, message: str) -> None:
    ran = vaticina("init", "ventas", "--from", spanish_table(tmp_path), "--target", "nota", option, value)
    assert ran.code == 2
    assert message in " ".join(ran.err.replace("│", " ").split())


@pytest.mark.parametrize("example", bundled())
def test_an_example_is_copied_whole(tmp_path: Path, example: str) -> None:
    done("init", example, "--example", example)
    copied = {path.relative_to(tmp_path / example) for path in (tmp_path / example).rglob("*") if path.is_file()}
    assert Path("project.toml") in copied
    assert not {path for path in copied if "__pycache__" in path.parts or ".vaticina" in path.parts}
    assert load_project(tmp_path / example).name == example


def test_an_example_may_be_called_otherwise(tmp_path: Path) -> None:
    done("init", "clinic", "--example", "medico")
    assert load_project(tmp_path / "clinic").name == "clinic"


def drafted(inputs: dict[str, object], **more: object) -> str:
    data = {"target": "t", **more}
    project = Project.model_validate({"project": {"name": "odd"}, "data": data, "inputs": inputs})
    return written(Draft(project, "data.csv", ("a", "b\n[x]"), {"left\nout": "why\n[y]"}, {"a.b": "it\nknows"}))


def test_names_and_values_of_any_kind_survive_the_file(tmp_path: Path) -> None:
    moments = (datetime(2020, 1, 31, 12, 30, 0, 5, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    inputs: dict[str, object] = {
        "a.b": {"type": "number", "seen": [-1e-9, 3.4e38], "example": 0.1 + 0.2},
        'a "quoted" [x] = ñ 😀': {"type": "category", "seen": ['"', "'''", "\\", "line\nbreak", " ", "#", ""]},
        "": {"type": "flag", "optional": True, "example": False},
        "codes": {"type": "category", "seen": list(range(200)), "example": 7},
        "when": {"type": "instant", "seen": moments, "example": moments[0]},
        "name": {"type": "identifier", "optional": True},
    }
    words = {
        "decimal": ",",
        "units": ["€", '"'],
        "missing": ["\\N", "#N/A", ""],
        "columns": {'a "quoted" [x] = ñ 😀': {"decimal": ".", "thousands": "'"}, "a.b": {"dates": "day-first"}},
    }
    text = drafted(inputs, **words)
    parsed = parse_project(text, tmp_path / "project.toml")
    assert parsed.data == Data.model_validate({"source": "data.csv", "target": "t", **words})
    expected = Project.model_validate({"project": {"name": "odd"}, "data": {"target": "t"}, "inputs": inputs})
    assert parsed.inputs == expected.inputs
    assert isinstance(parsed.inputs["when"], Instant)
    assert "# LEAK SUSPECT: it knows" in text
    assert "# Left out: left out: why [y]." in text


def test_without_a_source_the_examples_are_named(tmp_path: Path) -> None:
    ran = vaticina("init", "new", "--folder", tmp_path)
    assert ran.code == 2
    told = " ".join(ran.err.replace("│", " ").split())
    assert "one of: churn, contugas, listings, medico, series" in told


def test_a_leak_suspect_is_told_with_its_evidence(tmp_path: Path) -> None:
    bank = tmp_path / "bank.csv"
    with csv_file("bank_marketing/bank_marketing_dev.csv").open(encoding="utf-8") as lines, bank.open("w") as few:
        few.writelines(line for at, line in enumerate(lines) if at == 0 or at % 8 == 1)
    ran = done("init", "bank", "--from", bank, "--target", "deposit")
    [warning] = [line for line in ran.err.splitlines() if "leak" in line]
    assert warning.startswith("warning: leak suspect: 'duration' alone")
    assert "'pdays': -1 stands in" in ran.err
    text = (tmp_path / "bank" / "project.toml").read_text(encoding="utf-8")
    section = text.partition("[inputs.duration]")[2].partition("[inputs.campaign]")[0]
    assert "# LEAK SUSPECT: 'duration' alone" in section


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "people.csv")
    ran = vaticina("init", "risk", "--from", source, "--target", "risk", "--folder", source)
    assert ran.code == 1
    [line] = ran.err.splitlines()
    assert "people.csv/risk cannot be written: Not a directory" in line


def test_the_learnt_project_trains(tmp_path: Path) -> None:
    done("init", "risk", "--from", write_rows(tmp_path / "people.csv"), "--target", "risk")
    facts = done("train", "risk", "--json").json
    assert facts["promoted"]
    assert facts["metrics"]["roc_auc"]["value"] > 0.9
