"""``vaticina import``: a project of somebody's files, and its refusals in one line."""

import tomllib
from pathlib import Path

import pytest

from tests.audits.graphs import looping
from tests.cli.shell import done, vaticina
from tests.formats.churn import CONTRACTS, pair, saved
from tests.formats.test_graphs import by_columns
from tests.pickles.hostile import HOSTILE
from vaticina.bootstrap import Workspace
from vaticina.contract import load_project
from vaticina.errors import BundleCorrupt


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return pair(tmp_path / "files")


def imported(files: tuple[Path, Path], folder: Path, *more: object) -> Path:
    """The folder of a project made of a pair."""
    done("import", files[0], "--preprocessor", files[1], "--name", "churn", "--folder", folder, *more)
    return folder / "churn"


def test_a_pair_becomes_a_project_with_a_version_in_production(files: tuple[Path, Path], tmp_path: Path) -> None:
    ran = done("import", files[0], "--preprocessor", files[1], "--name", "churn", "--folder", tmp_path)
    assert "0 labels differ" in ran.out
    assert "Next: vaticina serve" in ran.out
    folder = tmp_path / "churn"
    project = load_project(folder)
    assert (project.model.kind, project.imports.models) == ("imported", "models")
    contract = project.inputs["contract"]
    assert getattr(contract, "seen", None) == tuple(CONTRACTS)
    assert sorted(file.name for file in (folder / "models").iterdir()) == sorted(file.name for file in files)
    shown = done("models", "show", folder, "--json").json
    assert (shown["runtime"], shown["verification"]["flips"]) == ("onnx", 0)
    assert shown["data"]["files"].keys() == {file.name for file in files}


def test_json_for_scripts(files: tuple[Path, Path], tmp_path: Path) -> None:
    told = done("import", files[0].parent, "--name", "churn", "--folder", tmp_path, "--json").json
    assert told["inputs"]["contract"] == "category"
    assert told["classes"] == [0, 1]
    assert told["verification"]["verified"]
    assert told["promoted"]


def test_a_new_pair_becomes_a_new_version_and_what_was_declared_stays(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = imported(files, tmp_path)
    file = folder / "project.toml"
    file.write_text(file.read_text().replace("[inputs.tenure]", "[inputs.tenure]\nmin = 0\nmax = 100"))
    pair(folder / "models", stamp="20250801_000000")
    told = done("import", folder / "models", "--into", folder, "--json").json
    assert "model_20250801_000000.pkl" in told["files"]
    assert len(done("models", "list", folder, "--json").json) == 2
    assert tomllib.loads(file.read_text())["inputs"]["tenure"]["max"] == 100


def test_a_contract_may_be_given_from_the_start(files: tuple[Path, Path], tmp_path: Path) -> None:
    first = imported(files, tmp_path / "one")
    text = (first / "project.toml").read_text().replace('name = "churn"', 'name = "churn"\ntitle = "Bajas"')
    given = tmp_path / "given.toml"
    given.write_text(text.replace("port = 8000", "port = 8123"))
    second = imported(files, tmp_path / "two", "--contract", given)
    assert (load_project(second).project.title, load_project(second).project.port) == ("Bajas", 8123)


def test_harm_is_named_in_one_line_and_leaves_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    files[1].write_bytes(HOSTILE["os.system"].build(canary))
    ran = vaticina("import", files[0], "--preprocessor", files[1], "--name", "churn", "--folder", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "is not opened: it wants os.system, not on the list" in " ".join(ran.err.split())
    assert not canary.exists()
    assert not (tmp_path / "churn").exists()


def test_one_more_name_is_allowed_and_kept_for_the_server(tmp_path: Path) -> None:
    """What cannot be compiled is served natively, through the same list and the same one name more."""
    model = saved(Odd().fitted(), tmp_path / "model.pkl")
    refused = vaticina("import", model, "--name", "odd", "--folder", tmp_path)
    assert "wants tests.cli.test_importing.Odd" in " ".join(refused.err.split())
    ran = done("import", model, "--name", "odd", "--folder", tmp_path, "--allow", f"{__name__}.Odd")
    assert "has no compiled form; it is served natively" in " ".join(ran.err.split())
    assert load_project(tmp_path / "odd").imports.allow == (f"{__name__}.Odd",)


class Odd:
    """A classifier of somebody's own."""

    classes_ = ("no", "yes")
    n_features_in_ = 2

    def fitted(self) -> "Odd":
        return self

    def predict(self, rows: object) -> object:
        import numpy as np

        return np.array(self.classes_)[np.asarray(self.predict_proba(rows)).argmax(axis=1)]

    def predict_proba(self, rows: object) -> object:
        import numpy as np

        share = 1 / (1 + np.exp(-np.asarray(rows, dtype=float)[:, 0]))
        return np.column_stack([1 - share, share])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("model.pkl",), "give either --name"),
        (("gone.pkl", "--name", "a"), "does not exist"),
        (("model.pkl", "--into", "gone"), "does not exist"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: tuple[str, ...], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = vaticina("import", *arguments)
    assert ran.code in (1, 2)
    assert reason in " ".join(ran.err.split())


def test_a_project_that_is_there_is_not_overwritten(files: tuple[Path, Path], tmp_path: Path) -> None:
    imported(files, tmp_path)
    ran = vaticina("import", files[0].parent, "--name", "churn", "--folder", tmp_path)
    assert ran.code == 1
    assert "--into" in ran.err


def test_an_onnx_file_is_served_as_it_is(tmp_path: Path) -> None:
    file = by_columns(tmp_path / "model.onnx")
    ran = done("import", file, "--name", "graph", "--folder", tmp_path)
    assert "served as the file it is" in ran.out
    shown = done("models", "show", tmp_path / "graph", "--json").json
    assert shown["runtime"] == "graph"
    table = tmp_path / "rows.csv"
    table.write_text("age,job,children,smokes\n3,nurse,2,true\n3,nurse,0,false\n")
    done("score", tmp_path / "graph", table, tmp_path / "scored.csv")
    assert [line.split(",")[4] for line in (tmp_path / "scored.csv").read_text().splitlines()] == [
        "prediction",
        "yes",
        "no",
    ]


def test_training_an_imported_project_says_what_to_do(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = imported(files, tmp_path)
    ran = vaticina("train", folder)
    assert ran.code == 1
    assert "made elsewhere" in " ".join(ran.err.split())
    assert "vaticina import MODEL --into" in " ".join(ran.err.split())


def test_the_example_tells_where_its_files_go(tmp_path: Path) -> None:
    ran = done("init", "churn", "--example", "churn", "--folder", tmp_path)
    assert ran.out.splitlines()[-1].endswith("churn/models")
    assert "put a model and its preprocessor into" in ran.out


def test_files_that_are_a_version_already_are_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = imported(files, tmp_path)
    [version] = [one["version"] for one in done("models", "list", folder, "--json").json]
    ran = done("import", files[0].parent, "--into", folder, "--new-only")
    assert f"version {version} was made of them already" in ran.out
    assert len(done("models", "list", folder, "--json").json) == 1
    file = folder / "project.toml"
    file.write_text(file.read_text().replace("[inputs.tenure]", "[inputs.tenure]\nmax = 100"))
    done("import", files[0].parent, "--into", folder)
    [newest, _] = done("models", "list", folder, "--json").json
    shown = done("models", "show", folder, newest["version"], "--json").json
    assert shown["contract"]["inputs"]["tenure"]["max"] == 100, "what was declared since is taken"


def test_a_model_that_answers_nothing_is_refused_in_one_line(tmp_path: Path) -> None:
    model = saved(Mute(), tmp_path / "model.pkl")
    ran = vaticina("import", model, "--name", "mute", "--folder", tmp_path, "--allow", f"{__name__}.Mute")
    assert ran.code == 1
    assert "does not answer" in " ".join(ran.err.split())
    assert not (tmp_path / "mute").exists(), "what is refused leaves nothing"


class Mute(Odd):
    """A model that fails on every row."""

    def predict_proba(self, rows: object) -> object:
        raise RuntimeError("no words")


def test_own_rows_are_checked_and_the_version_keeps_the_report(files: tuple[Path, Path], tmp_path: Path) -> None:
    first = imported(files, tmp_path / "first")
    example = load_project(first).draft().example()
    rows, answered = tmp_path / "rows.csv", tmp_path / "answered.csv"
    rows.write_text(f"{','.join(example)}\n{','.join(map(str, example.values()))}\n", encoding="utf-8")
    done("score", first, rows, answered)
    with rows.open("a", encoding="utf-8") as file:
        file.write(",".join("?" for _ in example) + ",too many cells\n")
    with answered.open("a", encoding="utf-8") as file:
        file.write(answered.read_text(encoding="utf-8").splitlines()[-1] + "\n")
    folder = tmp_path / "second"
    words = ("import", files[0], "--preprocessor", files[1], "--name", "churn", "--folder", folder, "--check", rows)
    ran = done(*words, "--expect", answered)
    assert "check    1 of your own rows: 0 differ, and the contract refuses 1 more" in ran.out
    assert "rows.csv, line 3: " in ran.err
    report = done("models", "show", folder / "churn", "--json").json["import"]
    assert (report["format"], report["compiled"], report["reason"]) == ("pickle", True, None)
    assert [file["file"] for file in report["files"]] == [files[1].name, files[0].name]
    assert "sklearn.linear_model._logistic.LogisticRegression" in report["files"][1]["names"]
    assert report["check"]["against"] == ["the file itself", "answered.csv"]
    shown = " ".join(done("models", "show", folder / "churn").out.split())
    assert "the contract refuses 1 more (rows.csv, against the file itself and answered.csv)" in shown
    assert "compiled to a graph that answers as the model itself" in shown


def test_rows_that_are_answered_otherwise_end_an_import_and_leave_nothing(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    example = load_project(imported(files, tmp_path / "first")).draft().example()
    rows, answers = tmp_path / "rows.csv", tmp_path / "answers.csv"
    rows.write_text(f"{','.join(example)}\n{','.join(map(str, example.values()))}\n", encoding="utf-8")
    answers.write_text("prediction\n7\n", encoding="utf-8")
    words = ("import", files[0], "--preprocessor", files[1], "--name", "churn", "--folder", tmp_path)
    ran = vaticina(*words, "--check", rows, "--expect", answers)
    assert (ran.code, ran.out) == (1, "")
    assert "rows.csv, line 2: prediction is " in ran.err
    assert "1 of 1 rows of rows.csv are answered otherwise, so nothing was published" in " ".join(ran.err.split())
    assert not (tmp_path / "churn").exists()
    assert "name those too" in vaticina(*words, "--expect", answers).err


@pytest.mark.parametrize("name", ["posix.system", "tests.cli.test_importing.Odd"])
def test_a_contract_allows_nothing(name: str, tmp_path: Path) -> None:
    """It may come from whoever made the model."""
    model = saved(Odd().fitted(), tmp_path / "model.pkl")
    contract = tmp_path / "contract.toml"
    contract.write_text(
        '[project]\nname = "odd"\n[inputs.x0]\ntype = "number"\n[inputs.x1]\ntype = "number"\n'
        f'[model]\nkind = "imported"\n[import]\nallow = ["{name}"]\n'
    )
    ran = vaticina("import", model, "--name", "odd", "--folder", tmp_path, "--contract", contract)
    assert (ran.code, ran.out) == (1, "")
    assert f"allows {name}, which only you may" in " ".join(ran.err.split())
    assert not (tmp_path / "odd").exists()


def test_what_runs_code_cannot_be_allowed_by_anybody(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    model = tmp_path / "model.pkl"
    model.write_bytes(HOSTILE["posix.system"].build(canary))
    ran = vaticina("import", model, "--name", "odd", "--folder", tmp_path, "--allow", "posix.system")
    assert (ran.code, ran.out) == (1, "")
    assert "posix.system cannot be allowed: the module posix is a part of Python" in " ".join(ran.err.split())
    assert not canary.exists()


def test_an_operator_is_allowed_and_kept_for_the_server(tmp_path: Path) -> None:
    """As exports of neighbours have it: a part that is repeated."""
    model = tmp_path / "model.onnx"
    model.write_bytes(looping("Loop", 3).SerializeToString())
    refused = vaticina("import", model, "--name", "odd", "--folder", tmp_path)
    assert "add --allow onnx:Loop" in " ".join(refused.err.split())
    done("import", model, "--name", "odd", "--folder", tmp_path, "--allow", "onnx:Loop")
    assert load_project(tmp_path / "odd").imports.allow == ("onnx:Loop",)
    folder = tmp_path / "odd"
    version = done("models", "show", folder, "--json").json["version"]
    Workspace(folder).versions().load(version).runtime.close()
    settings = folder / "project.toml"
    settings.write_text(settings.read_text().replace('"onnx:Loop"', ""))
    with pytest.raises(BundleCorrupt, match="holds Loop"):
        Workspace(folder).versions().load(version)
