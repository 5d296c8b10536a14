"""The command line as tests call it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from vaticina.cli.verbs import app


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def vaticina(*arguments: object) -> Ran:
    """Runs the command line in this process."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="vaticina")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def done(*arguments: object) -> Ran:
    """Runs a command that must succeed."""
    ran = vaticina(*arguments)
    assert ran.code == 0, ran.err or ran.out
    return ran


def write_rows(file: Path, count: int = 240) -> Path:
    """A table in which the risk is high from 50 on, with one cell missing."""
    lines = ["age,sex,smoker,risk"]
    for at in range(count):
        age = 20 + at * 7 % 60
        lines.append(f"{age},{'fm'[at % 2]},{'' if at == 3 else at % 3 == 0},{'high' if age + at % 5 > 50 else 'low'}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


PROJECT = """
format = 1
[project]
name = "risk"
port = 8000
[data]
source = "data.csv"
target = "risk"
[inputs.age]
type = "integer"
min = 0
max = 120
unit = "years"
[inputs.sex]
type = "category"
categories = ["f", "m"]
[inputs.smoker]
type = "flag"
optional = true
[model]
estimator = "sklearn.linear_model.LogisticRegression"
[outputs]
prediction = "label"
probability = "positive_probability"
"""


def write_project(folder: Path, more: str = "") -> Path:
    """A project that trains in a moment."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "data.csv")
    (folder / "project.toml").write_text(PROJECT + more, encoding="utf-8")
    return folder
