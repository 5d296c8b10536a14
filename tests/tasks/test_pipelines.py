from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from vaticina.contract import Column
from vaticina.tasks.table.pipelines import compared_pipelines
from vaticina.tasks.threads import limit_threads

NUMBERS = (Column("a", "a", "number"), Column("b", "b", "number"))
CATEGORIES = (Column("c", "c", "category", 4), Column("d", "d", "category", 300))
COLUMNS = NUMBERS + CATEGORIES
NAMES = ["linear", "forest", "boosting"]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with limit_threads(0):
        yield


def table(rows: int = 400, seed: int = 0) -> np.ndarray:
    """Numbers and codes with missing values; the wide category has more codes than boosting has bins."""
    random = np.random.default_rng(seed)
    codes = [random.integers(0, column.size, rows) for column in CATEGORIES]
    matrix = np.column_stack([random.normal(size=(rows, 2)), *codes]).astype(np.float64)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    return matrix


def target(matrix: np.ndarray, classes: bool) -> np.ndarray:
    value: np.ndarray = np.nan_to_num(matrix[:, 0]) + (matrix[:, 2] == 1) * 2 + np.nan_to_num(matrix[:, -1]) / 300
    return (value > 0.8).astype(np.int64) if classes else value


def fitted(name: str, classes: bool = True, columns: tuple[Column, ...] = COLUMNS) -> Any:
    matrix = table()
    at = [COLUMNS.index(column) for column in columns]
    return compared_pipelines(columns, classes)[name].fit(matrix[:, at], target(matrix, classes))


def told(model: Any, matrix: np.ndarray) -> np.ndarray:
    """Probabilities or values."""
    return np.asarray(model.predict_proba(matrix) if hasattr(model, "predict_proba") else model.predict(matrix))


def test_the_simplest_comes_first() -> None:
    assert list(compared_pipelines(COLUMNS, True)) == list(compared_pipelines(COLUMNS, False)) == NAMES


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("columns", [COLUMNS, NUMBERS, CATEGORIES])
def test_each_learns_from_numbers_categories_or_both(name: str, classes: bool, columns: tuple[Column, ...]) -> None:
    unseen = table(seed=1)[:, [COLUMNS.index(column) for column in columns]]
    answers = told(fitted(name, classes, columns), unseen)
    assert len(answers) == len(unseen)
    assert np.isfinite(answers).all()
    assert np.ptp(answers, axis=0).max() > 0.2


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_answered_alone_as_among_others(name: str) -> None:
    model, rows = fitted(name), table(20, seed=2)
    alone = np.concatenate([told(model, rows[at : at + 1]) for at in range(len(rows))])
    np.testing.assert_allclose(told(model, rows), alone)


def test_an_unknown_category_has_no_column_in_the_linear_model_and_a_missing_one_has_its_own() -> None:
    prepared = fitted("linear", columns=CATEGORIES)["prepare"]
    shown = prepared.transform(np.array([[2.0, 0.0], [4.0, 0.0], [np.nan, 0.0]]))[:, :5]
    assert shown.tolist() == [[0, 0, 0, 1, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]]


@pytest.mark.parametrize("name", ["forest", "boosting"])
def test_an_unknown_category_is_a_missing_one_to_trees(name: str) -> None:
    unknown, missing = table(50, seed=3), table(50, seed=3)
    unknown[:, 2:] = [4.0, 300.0]
    missing[:, 2:] = np.nan
    np.testing.assert_array_equal(told(fitted(name), unknown), told(fitted(name), missing))


def test_a_missing_category_that_matters_is_learnt() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, (400, 1)).astype(np.float64)
    codes[::2] = np.nan
    labels = np.isnan(codes[:, 0]).astype(np.int64)
    for model in compared_pipelines(CATEGORIES[:1], True).values():
        assert (model.fit(codes, labels).predict(codes) == labels).all()
