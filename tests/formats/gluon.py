"""AutoGluon fitted on little data, as a project would have it fitted."""

from pathlib import Path

import numpy as np

from vaticina.contract import load_project

HEADER = "x,y,kind,flag,answer"

PROJECT = """
[project]
name = "gluon"
[data]
source = "data.csv"
target = "answer"
[inputs.x]
type = "number"
optional = true
[inputs.y]
type = "integer"
[inputs.kind]
type = "category"
normalise = true
optional = true
[inputs.flag]
type = "flag"
[model]
kind = "autogluon"
time_limit = 60
MODEL
[outputs]
answer = "ANSWER"
"""

SMALL = """
eval_metric = "f1"
hyperparameters = { GBM = { num_boost_round = 20 }, RF = { n_estimators = 10 }, LR = {} }
"""


def make(folder: Path, model: str = SMALL, classes: int = 2, rows: int = 400) -> Path:
    """``folder`` with a project on rows whose answer follows x, y and kind: ``classes`` of them, 0 for a number."""
    random = np.random.default_rng(3)
    x, y = random.normal(size=rows).round(3), random.integers(0, 50, rows)
    kind, flag = random.choice(["Red ", " green", "BLUE"], rows), random.random(rows) < 0.3
    score = x + y / 25 + (kind == "BLUE") + flag * 0.3 + random.normal(0, 0.4, rows)
    labels = score.round(3)
    if classes:
        labels = np.array(["no", "perhaps", "yes"])[_cut(score, classes)]
    lines = [HEADER]
    for number, cells in enumerate(zip(x, y, kind, flag, labels, strict=True)):
        row = [str(cell) for cell in cells]
        row[3] = row[3].lower()
        if number % 17 == 0:
            row[0] = ""
        if number % 23 == 0:
            row[2] = ""
        lines.append(",".join(row))
    (folder / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    quantity = "label" if classes else "value"
    text = PROJECT.replace("MODEL", model).replace("ANSWER", quantity)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    load_project(folder)
    return folder


def _cut(score: np.ndarray, classes: int) -> np.ndarray:
    """0 and 2 for two classes: the first and the last name."""
    places = np.searchsorted(np.quantile(score, np.arange(1, classes) / classes), score)
    return places * (2 if classes == 2 else 1)
