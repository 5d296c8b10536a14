from pathlib import Path
from typing import Any

import pytest

from vaticina.contract import Contract, find_project, load_project
from vaticina.contract.fields import Category, Number
from vaticina.contract.project import parse_project
from vaticina.errors import FormatTooNew, ProjectError

SMALL = '[project]\nname = "a"\n[inputs.x]\n'

WHOLE = """
format = 1
[project]
name = "medico"
title = { es = "Diagnóstico médico", en = "Medical diagnosis" }
port = 8001
timezone = "America/Lima"
[contract]
unknown = "refuse"
[data]
source = "data/raw.csv"
generator = "scripts/generate_raw_data.py"
target = "diagnostico"
positive = "SANO"
test_size = 0.25
group = "clinica"
time = "fecha"
[inputs.edad]
min = 0
max = 150
unit = "years"
example = 45.0
[inputs.sexo]
type = "category"
categories = ["f", "m"]
optional = true
[model]
kind = "table"
estimator = "sklearn.ensemble.RandomForestClassifier"
calibrated = true
params = "params.yaml"
[outputs]
prediccion = "label"
timestamp = { from = "time", offset = false }
[history]
url = "sqlite:///predicciones.db"
durability = "sync"
retention = "365d"
view = "prediccion"
[history.names]
predictions = "predicciones"
[gate]
metric = "f1_macro"
at_least = 0.8
not_worse_than = "production"
[retrain]
schedule = "0 3 * * 1"
on_drift = true
[security]
auth = "none"
[serving]
max_batch = 32
deadline = 2
[root]
mensaje = "API"
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_text(WHOLE, encoding="utf-8")
    project = load_project(tmp_path)
    assert project == load_project(tmp_path / "project.toml")
    assert project.folder == tmp_path.resolve()
    assert (project.name, project.project.port, project.data.target) == ("medico", 8001, "diagnostico")
    assert project.inputs["edad"] == Number(min=0, max=150, unit="years", example=45)
    assert project.inputs["sexo"] == Category(categories=("f", "m"), optional=True)
    assert (project.serving.max_batch, project.serving.max_queue, project.serving.deadline) == (32, 4096, 2.0)
    assert project.root == {"mensaje": "API"}


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ('[retrain]\nschedule = "0 3 * * 1"\non_drift = true\n', "[retrain]"),
        ('[history]\nretention = "365d"\nview = "rows"\n', "[history] retention"),
    ],
    ids=["retrain", "retention"],
)
def test_a_key_that_never_had_an_effect_is_ignored_with_one_warning(
    section: str, key: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "project.toml"
    with caplog.at_level("WARNING", "vaticina"):
        project = parse_project(SMALL + section, file)
        assert parse_project(SMALL + section, file) == project
    assert project == parse_project(SMALL + section.replace('retention = "365d"', "").partition("[retrain]")[0], file)
    assert caplog.messages == [f"{file}: {key} has no effect and is ignored; you can delete it."]


def test_a_view_of_which_only_the_name_is_written_has_the_columns_of_then() -> None:
    view = parse_project(SMALL + '[history]\nview = "rows"', Path("p")).history.view
    assert view is not None
    assert (view.name, list(view.columns)) == ("rows", ["id", "input", "label", "score", "time"])
    assert list(view.columns.values()) == ["id", "entrada_json", "prediccion", "probabilidad", "timestamp"]
    plain = parse_project(SMALL + '[history]\nview = { name = "rows" }', Path("p")).history.view
    assert plain is not None
    assert list(plain.columns.values()) == ["id", "input", "label", "score", "time"]


def test_the_shortest_file_has_defaults() -> None:
    project = parse_project(SMALL, Path("project.toml"))
    assert project.inputs["x"] == Number()
    assert (project.project.port, project.security.auth, project.contract.unknown) == (8000, "local", "ignore")
    assert (project.history.durability, project.model.kind, project.model.estimator) == ("commit", "table", "auto")


def test_the_draft_carries_what_a_bundle_needs() -> None:
    project = parse_project(WHOLE, Path("project.toml"))
    draft = project.draft(classes=("ENFERMO", "SANO"))
    assert isinstance(draft, Contract)
    assert (draft.name, draft.timezone, draft.unknown, draft.positive) == ("medico", "America/Lima", "refuse", "SANO")
    assert list(draft.inputs) == ["edad", "sexo"]
    assert list(draft.outputs) == ["prediccion", "timestamp"]
    assert draft.model.calibrated


def test_the_draft_takes_the_inputs_that_training_learnt() -> None:
    learnt: dict[str, Any] = {"edad": Number(seen=(1, 90))}
    assert parse_project(WHOLE, Path("p")).draft(learnt).inputs == learnt


@pytest.mark.parametrize(
    ("kind", "classes", "outputs"),
    [
        ("table", (), {"prediction": "value"}),
        ("table", ("a", "b"), {"prediction": "label", "probability": "positive_probability"}),
        ("table", ("a", "b", "c"), {"prediction": "label", "probability": "probability"}),
        ("clusters", (), {"cluster": "cluster", "anomaly": "anomaly", "score": "score"}),
    ],
)
def test_outputs_that_are_not_said(kind: str, classes: tuple[str, ...], outputs: dict[str, str]) -> None:
    draft = parse_project(f'{SMALL}[model]\nkind = "{kind}"', Path("p")).draft(classes=classes)
    assert {name: output.quantity for name, output in draft.outputs.items()} == outputs


MISTAKES = [
    ("[project", "is not valid TOML"),
    ("", "[project] Field required"),
    ('[project]\nname = "a"', "[inputs] Field required"),
    ('[project]\nname = "a"\n[inputs]', "[inputs] Dictionary should have at least 1 item"),
    ('inputs = 5\n[project]\nname = "a"', "[inputs]"),
    ('inputs = []\n[project]\nname = "a"', "[inputs]"),
    ('[project]\nname = "a"\n[inputs]\nx = 5', "[inputs.x]"),
    ('[project]\nname = "Médico"\n[inputs.x]', "[project.name]"),
    ('[project]\nname = "a"\nport = 0\n[inputs.x]', "[project.port]"),
    ('[project]\nname = "a"\nport = 65536\n[inputs.x]', "[project.port]"),
    ('[project]\nname = "a"\ntimezone = "Perú"\n[inputs.x]', "[project.timezone] no time zone is called 'Perú'"),
    ('[project]\nname = "a"\ntitle = { fr = "A" }\n[inputs.x]', "[project.title]"),
    ('[project]\nname = "a"\ntitel = "A"\n[inputs.x]', "[project.titel] there is no such key"),
    (SMALL + 'type = "nmber"', "[inputs.x] Input tag 'nmber'"),
    (SMALL + "mn = 1", "[inputs.x.mn] there is no such key, got 1"),
    (SMALL + 'min = "5"', "[inputs.x.min] it must be a number, got '5'"),
    (SMALL + "min = nan", "[inputs.x.min]"),
    (SMALL + "min = 5\nmax = 1", "[inputs.x] min 5.0 is above max 1.0"),
    (SMALL + "max = 1\nexample = 2", "[inputs.x] 2.0 is not between"),
    (SMALL + 'type = "integer"\nmin = 1.5', "[inputs.x.min]"),
    (SMALL + 'type = "category"\ncategories = []', "[inputs.x.categories]"),
    (SMALL + 'type = "category"\ncategories = ["a", 1]', "[inputs.x.categories] categories are all texts or"),
    (SMALL + 'type = "category"\ncategories = ["a", "a"]', "[inputs.x] a category is listed twice"),
    (SMALL + 'type = "category"\ncategories = ["a"]\ndefault = "b"', "[inputs.x] 'b' is not one of the categories"),
    (SMALL + 'type = "category"\nexample = true', "[inputs.x.example]"),
    (SMALL + 'type = "instant"\nexample = 5', "[inputs.x.example] it must be a date or a time, got 5"),
    (SMALL + 'type = "identifier"', "every input is an identifier"),
    (SMALL + '[inputs.float]\ntype = "nmber"', "[inputs.float] Input tag 'nmber'"),
    (SMALL + '[data]\ntarget = "x"', "data.target 'x' is among the inputs"),
    (SMALL + "[data]\ntest_size = 1", "[data.test_size]"),
    (SMALL + "[data]\npositive = []", "[data.positive]"),
    (SMALL + '[data]\nsorce = "a.csv"', "[data.sorce] there is no such key"),
    (SMALL + '[model]\nkind = "tabel"', "[model.kind]"),
    (SMALL + '[model]\nkind = "python"', "[model.kind]"),
    (SMALL + "[model]\nclusters = 0", "[model.clusters]"),
    (SMALL + '[outputs]\ny = "lable"', "[outputs.y.from]"),
    (SMALL + "[outputs]\ny = 3", "[outputs.y]"),
    (SMALL + '[outputs]\ny = { from = "time", ofset = false }', "[outputs.y.ofset] there is no such key"),
    (SMALL + '[history]\ndurability = "sometimes"', "[history.durability]"),
    (SMALL + '[history]\nview = "a; drop table"', "[history.view]"),
    (SMALL + '[history]\nview = { name = "a; drop" }', "[history.view.name]"),
    (SMALL + '[history]\nview = { name = "v", columns = { label = "x", score = "x" } }', "two columns are called 'x'"),
    (SMALL + '[history]\nview = { name = "v", columns = { uid = "x" } }', "[history.view.columns.uid"),
    (SMALL + "[gate]\nat_least = 1", "[gate.metric] Field required"),
    (SMALL + '[security]\nauth = "maybe"', "[security.auth]"),
    (SMALL + "[serving]\nmax_batch = 0", "[serving.max_batch]"),
    (SMALL + "[serving]\ndeadline = 0", "[serving.deadline]"),
    (SMALL + "[serving]\nmax_bacth = 1", "[serving.max_bacth] there is no such key, got 1"),
    (SMALL + "[nothing]\na = 1", "[nothing] there is no such key"),
    ("format = 0\n" + SMALL, "[format]"),
    ('format = "2"\n' + SMALL, "[format]"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_told_in_one_line_with_file_and_key(text: str, said: str) -> None:
    with pytest.raises(ProjectError) as caught:
        parse_project(text, Path("medico/project.toml"))
    message = caught.value.message
    assert "medico/project.toml" in message
    assert said in message
    assert "\n" not in message
    assert len(message) < 400


def test_several_mistakes_are_counted() -> None:
    with pytest.raises(ProjectError, match=r"\[data.test_size\].* \(and 1 more\)$"):
        parse_project(SMALL + '[data]\ntest_size = 2\n[model]\nkind = "x"', Path("p"))


def test_a_positive_class_that_the_data_do_not_hold_is_a_project_error() -> None:
    project = parse_project(WHOLE, Path("project.toml"))
    with pytest.raises(ProjectError, match="the positive class 'SANO' is not among the classes"):
        project.draft(classes=("a", "b"))


def test_a_newer_format_is_refused_with_the_version_named() -> None:
    with pytest.raises(FormatTooNew, match=r"^p has format 2; this Vaticina reads up to 1: update it"):
        parse_project("format = 2\nshape = 'unheard of'\n" + SMALL, Path("p"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"project\.toml does not exist; 'vaticina init'"):
        load_project(tmp_path)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_bytes('name = "á"'.encode("latin-1"))
    with pytest.raises(ProjectError, match=r"project\.toml is not UTF-8 text \(byte 8\)"):
        load_project(tmp_path)


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "project.toml").mkdir()
    with pytest.raises(ProjectError, match=r"project\.toml cannot be read: Is a directory"):
        load_project(tmp_path)


def test_the_nearest_project_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    below = inner / "data" / "raw"
    below.mkdir(parents=True)
    (tmp_path / "outer" / "project.toml").write_text(SMALL)
    assert find_project(below) == (tmp_path / "outer").resolve()
    (inner / "project.toml").write_text(SMALL)
    assert find_project(below) == inner.resolve()
    assert find_project(inner) == inner


def test_the_project_is_found_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project.toml").write_text(SMALL)
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    assert find_project(Path()) == tmp_path.resolve()


def test_no_project_anywhere_is_said_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"^No project\.toml in .* or above; 'vaticina init NAME --from data\.csv"):
        find_project(tmp_path)
