"""Training, and the versions it leaves."""

from pathlib import Path

import pytest

from tests.cli.shell import done, vaticina

GATE = '[gate]\nmetric = "accuracy"\nat_least = 1.1\n'


@pytest.fixture
def twice(trained: Path) -> tuple[Path, str, str]:
    """A project with two versions, the second in production, and their ids."""
    first = str(done("models", "list", trained, "--json").json[0]["version"])
    return trained, first, str(done("train", trained, "--json").json["version"])


def production(folder: Path) -> str:
    return str(done("models", "show", folder, "--json").json["version"])


def test_training_ends_with_metrics_their_intervals_and_the_version(untrained: Path) -> None:
    ran = done("train", untrained)
    assert ran.err == ""
    [accuracy] = [line.split() for line in ran.out.splitlines() if "accuracy" in line]
    low, value, high = float(accuracy[2]), float(accuracy[1]), float(accuracy[4])
    assert low <= value <= high
    assert f"version {production(untrained)}" in ran.out
    assert "promoted: it is in production now" in ran.out
    assert "Next: vaticina serve risk" in ran.out


def test_training_tells_which_rows_it_left_out(untrained: Path) -> None:
    with (untrained / "data.csv").open("a") as file:
        file.write("300,f,,low\n")
    [note] = done("train", untrained, "--json").json["notes"]
    assert note.startswith("1 rows are left out: ")
    assert f"note: {note}" in done("train", untrained).out


def test_a_version_that_the_gate_refuses_is_published_but_not_promoted(trained: Path) -> None:
    before = production(trained)
    with (trained / "project.toml").open("a") as file:
        file.write(GATE)
    ran = done("train", trained)
    assert "not promoted: accuracy is" in ran.out
    assert production(trained) == before
    facts = done("train", trained, "--json").json
    assert (facts["promoted"], facts["refusal"].split()[0]) == (False, "accuracy")
    assert len(done("models", "list", trained, "--json").json) == 3


def test_the_list_is_newest_first_with_aliases(twice: tuple[Path, str, str]) -> None:
    folder, first, second = twice
    listed = done("models", "list", folder, "--json").json
    assert [(item["version"], item["aliases"]) for item in listed] == [(second, ["production"]), (first, [])]
    lines = done("models", "list", folder).out.splitlines()
    assert second in lines[1]
    assert "production" in lines[1]
    assert first in lines[2]


def test_an_empty_list_says_what_comes_next(untrained: Path) -> None:
    assert done("models", "list", untrained).out == "risk has no version yet. Next: vaticina train risk\n"


def test_a_version_is_shown_by_alias_id_or_beginning(twice: tuple[Path, str, str]) -> None:
    folder, first, _ = twice
    assert done("models", "show", folder, first, "--json").json["version"] == first
    assert done("models", "show", folder, first[:18], "--json").json["version"] == first
    shown = done("models", "show", folder, first).out
    assert "age integer, sex category, smoker flag" in shown
    assert "accuracy" in shown


def test_inside_the_project_its_name_may_be_left_out(
    twice: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, first, _ = twice
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder / "deep")
    assert done("models", "show", first, "--json").json["version"] == first
    assert len(done("models", "list", "--json").json) == 2
    done("models", "promote", first)
    assert production(folder) == first


def test_promotion_and_rollback_move_production(twice: tuple[Path, str, str]) -> None:
    folder, first, second = twice
    moved = done("models", "promote", folder, first, "--note", "better", "--json").json
    assert (moved["version"], moved["note"], moved["alias"]) == (first, "better", "production")
    assert production(folder) == first
    assert done("models", "rollback", folder).out == f"production is {second} now\n"
    assert production(folder) == second
    done("models", "promote", folder, first, "--alias", "staging")
    assert production(folder) == second
    assert done("models", "show", folder, "staging", "--json").json["version"] == first


def test_promotion_names_its_version() -> None:
    assert vaticina("models", "promote").code == 2


def test_a_changed_byte_is_found_and_named(trained: Path) -> None:
    assert "is whole" in done("models", "verify", trained).out
    assert done("models", "verify", trained, "--json").json["examples"] > 0
    version = production(trained)
    [file] = [path for path in (trained / ".vaticina" / "registry").rglob("model.*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    for words in (["verify", trained], ["promote", trained, version]):
        ran = vaticina("models", *words)
        assert ran.code == 1
        [line] = ran.err.splitlines()
        assert file.name in line
        assert version in line
