"""Scoring from the command line."""

import csv
import json
import subprocess
import sys
from pathlib import Path

from tests.cli.shell import done, vaticina


def test_a_file_is_scored_by_the_version_in_production(trained: Path, tmp_path: Path) -> None:
    ran = done("score", trained, trained / "data.csv", tmp_path / "out.csv")
    assert ran.out.startswith(f"240 rows answered in {tmp_path / 'out.csv'}")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["age", "sex", "smoker", "risk", "prediction", "probability"]
    assert sum(row["risk"] == row["prediction"] for row in rows) > 200
    assert all(0 <= float(row["probability"]) <= 1 for row in rows)
    assert done("history", "stats", trained, "--json").json["total"] == 0, "scoring a file records nothing"


def test_bad_rows_stop_it_or_are_set_aside(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("age,sex\n30,f\n300,m\n40,x\n")
    words = ["score", trained, "in.csv", "out.csv"]
    ran = vaticina(*words)
    assert ran.code == 1
    assert [line.partition(": ")[0] for line in ran.err.splitlines()] == ["in.csv:3", "in.csv:4", "error"]
    assert not (tmp_path / "out.csv").exists()
    facts = vaticina(*words, "--json").json
    assert [(error["line"], error["field"]) for error in facts["errors"]] == [(3, "age"), (4, "sex")]
    summary = done(*words, "--errors", "errors.csv", "--json").json
    assert (summary["rows"], summary["aside"], summary["errors"]) == (1, 2, "errors.csv")
    assert "2 rows set aside in errors.csv" in done(*words, "--errors", "errors.csv").out


def test_a_version_can_be_named(trained: Path, tmp_path: Path) -> None:
    version = done("models", "list", trained, "--json").json[0]["version"]
    done("score", trained, trained / "data.csv", "out.csv", "--version", version)
    assert vaticina("score", trained, trained / "data.csv", "out.csv", "--version", "staging").code == 1


def test_nothing_answered_is_a_failure(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("age,sex\n300,m\n")
    ran = vaticina("score", trained, "in.csv", "out.csv", "--errors", "/dev/null")
    assert ran.code == 1
    assert "1 rows set aside in /dev/null" in ran.out
    assert ran.err.splitlines() == ["Nothing was answered."]
    assert Path("/dev/null").is_char_device()


def test_rows_go_through_a_pipe(trained: Path) -> None:
    """Only the rows are on stdout; the summary is beside them."""
    command = [sys.executable, "-m", "vaticina", "score", str(trained), "-"]
    rows = "age,sex\n30,f\n300,m\n"
    ran = subprocess.run([*command, "-", "--errors", "/dev/null"], input=rows, capture_output=True, text=True)
    assert ran.returncode == 0
    assert [line.split(",")[:2] for line in ran.stdout.splitlines()] == [["age", "sex"], ["30", "f"]]
    assert ran.stderr.splitlines()[1] == "1 rows set aside in /dev/null"
    ran = subprocess.run([*command, "/dev/stdout", "--json"], input="age,sex\n30,f\n", capture_output=True, text=True)
    assert [line.split(",")[:2] for line in ran.stdout.splitlines()] == [["age", "sex"], ["30", "f"]]
    assert json.loads(ran.stderr)["rows"] == 1
