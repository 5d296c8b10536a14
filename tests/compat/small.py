"""A small project, trained in a moment, for what is asked of any server."""

from pathlib import Path

from tests.compat.terminal import Terminal

ROW = {"age": 45, "sex": "f"}

PROJECT = """
format = 1
[project]
name = "NAME"
[data]
source = "data.csv"
target = "risk"
[inputs.age]
type = "integer"
min = 0
max = 120
example = 45
[inputs.sex]
type = "category"
categories = ["f", "m"]
[model]
estimator = "sklearn.linear_model.LogisticRegression"
[outputs]
prediction = "label"
probability = "probability"
"""


def make_project(place: Path, name: str) -> Path:
    """The folder of a project called ``name`` in ``place``, with a version in production: risk is high from 50 on."""
    folder = place / name
    folder.mkdir()
    rows = [f"{age},{sex},{'high' if age >= 50 else 'low'}" for age in range(20, 80) for sex in "fm"]
    (folder / "data.csv").write_text("\n".join(["age,sex,risk", *rows]) + "\n", encoding="utf-8")
    (folder / "project.toml").write_text(PROJECT.replace("NAME", name), encoding="utf-8")
    Terminal(folder).run("vaticina train")
    return folder
