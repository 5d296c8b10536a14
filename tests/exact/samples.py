"""Random tables with every corner in them, fitted models, and the rows they are asked."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

from vaticina.contract import Contract, Matrix

CLASSES = {2: ("no", "yes"), 4: ("a", "b", "c", "d"), 0: ()}

HIGH = 300
"""Categories of the column with many."""

NUMBERS, CATEGORIES = [0, 1, 2, 3], [4, 5, 6]


@dataclass(frozen=True, slots=True)
class SampleTable:
    """Rows (n, 7) with their targets and weights, and the contract they satisfy."""

    contract: Contract
    rows: Matrix
    target: NDArray[Any]
    weights: Matrix


def sample_contract(classes: int, **model: Any) -> Contract:
    """Three numbers of different size, a constant one; categories: five, a single one, 300; all may be missing."""
    inputs: dict[str, Any] = {}
    for name in ("x", "y", "z", "constant"):
        inputs[name] = {"type": "number", "optional": True}
    for name, size in (("a", 5), ("single", 1), ("high", HIGH)):
        seen = [f"{name}{number}" for number in range(size)]
        inputs[name] = {"type": "category", "seen": seen, "optional": True}
    return Contract.model_validate({"name": "sample", "inputs": inputs, "classes": CLASSES[classes], "model": model})


@cache
def sample(classes: int, size: int = 1_500, seed: int = 0) -> SampleTable:
    random = np.random.default_rng(seed)
    rows = draw(size, random)
    complete = np.nan_to_num(rows)
    signal = complete[:, 0] + complete[:, 1] / 10 * (complete[:, 4] == 2) + (complete[:, 6] > 150)
    signal += 0.3 * random.normal(size=size)
    target = np.exp(signal / 2)
    if classes == 4:
        target = np.digitize(signal, [-0.5, 0.3, 1.2])
    elif classes == 2:
        target = (signal > 0.3).astype(int)
    return SampleTable(sample_contract(classes), rows, target, random.uniform(0.1, 3.0, size=size))


def draw(size: int, random: np.random.Generator) -> Matrix:
    """Rows as they are trained on: rounded here and there, one in twenty values missing."""
    numbers = random.normal(size=(size, 3)) * [1.0, 10.0, 1000.0]
    numbers[::2] = np.round(numbers[::2], 1)
    numbers[::5] = np.round(numbers[::5])
    codes = [random.integers(0, top, size) for top in (5, 1, HIGH)]
    rows = np.column_stack([numbers, np.full(size, 7.0), *codes]).astype(np.float64)
    rows[random.random(rows.shape) < 0.05] = np.nan
    return rows


def asked(size: int, seed: int) -> Matrix:
    """Rows as they are asked: unknown categories too, and numbers of no usual size."""
    random = np.random.default_rng(seed)
    rows = draw(size, random)
    for column, top in ((4, 5), (5, 1), (6, HIGH)):
        rows[random.random(size) < 0.03, column] = top
    odd = np.array([0.0, -0.0, 5e-324, -5e-324, 1e-310, 1e-38, 1e30, -1e30, 1e9, -1e9, 16_777_217.0])
    places = random.random((size, 4)) < 0.01
    rows[:, NUMBERS] = np.where(places, random.choice(odd, (size, 4)), rows[:, NUMBERS])
    return rows


def standard(model: Any) -> Pipeline:
    """Median, scaling, one column per category that was seen."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    codes = make_pipeline(SimpleImputer(strategy="constant", fill_value=-1), one_hot())
    return make_pipeline(_split(numbers, codes), model)


def dropped(model: Any) -> Pipeline:
    """Mean with indicators, ranges of quartiles; the first category has no column; a missing one is one of its own."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), RobustScaler())
    return make_pipeline(_split(numbers, one_hot(drop="first")), model)


def ranged(model: Any) -> Pipeline:
    """Most frequent value, a range of 0 to 1; categories by their place."""
    numbers = make_pipeline(SimpleImputer(strategy="most_frequent"), MinMaxScaler(clip=True))
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return make_pipeline(_split(numbers, codes), model)


def bare(model: Any) -> Pipeline:
    """Nothing but places, for models that take missing values."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    return make_pipeline(_split("passthrough", codes), model)


def one_hot(**options: Any) -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False, **options)


def _split(numbers: Any, categories: Any) -> ColumnTransformer:
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("categories", categories, CATEGORIES)])
