"""Preprocessors and models as people save them: a small table of customers, and what was fitted to it."""

import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

NUMBERS = ["tenure", "charges"]
TEXTS = ["contract", "payment"]
COLUMNS = [*NUMBERS, *TEXTS, "senior"]
CONTRACTS = ["Month-to-month", "One year", "Two year"]


@cache
def customers(size: int = 600) -> "tuple[pd.DataFrame, Any]":
    """A table and whether each customer left: 0 or 1."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "tenure": random.integers(0, 72, size).astype(float),
            "charges": np.round(random.uniform(18, 120, size), 2),
            "contract": random.choice(CONTRACTS, size).astype(object),
            "payment": random.choice(["card", "cheque"], size).astype(object),
            "senior": random.integers(0, 2, size),
        }
    )
    left = (frame.tenure < 20) * 1.0 + (frame.contract == CONTRACTS[0]) + random.normal(size=size) > 1
    frame.loc[::17, "charges"] = np.nan
    frame.loc[::19, "payment"] = np.nan
    return frame, left.astype(int).to_numpy()


def preparation(**encoder: Any) -> ColumnTransformer:
    """As the document's: median and scaler for numbers, a constant and one-hot for texts."""
    numbers = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    texts = Pipeline(
        [
            ("impute", SimpleImputer(strategy="constant", fill_value="missing")),
            ("encode", OneHotEncoder(**{"handle_unknown": "ignore", "drop": "first", **encoder})),
        ]
    )
    rest = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", texts, TEXTS), ("rest", rest, ["senior"])])


def ordinal() -> ColumnTransformer:
    """Frequent values, ordinal codes, and a column passed through."""
    coder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    texts = Pipeline([("impute", SimpleImputer(strategy="most_frequent")), ("encode", coder)])
    return ColumnTransformer(
        [("texts", texts, TEXTS), ("numbers", SimpleImputer(), ["charges", "tenure"])], remainder="passthrough"
    )


@cache
def fitted() -> Any:
    """The document's preprocessor, fitted."""
    return preparation().fit(customers()[0])


def saved(value: Any, file: Path) -> Path:
    """``value`` pickled into ``file``."""
    file.write_bytes(pickle.dumps(value))
    return file


def pair(folder: Path, model: Any = None, stamp: str = "20250717_214053") -> tuple[Path, Path]:
    """A model and its preprocessor under the names that the document gives them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, left = customers()
    model = (LogisticRegression() if model is None else model).fit(fitted().transform(rows), left)
    return saved(model, folder / f"model_{stamp}.pkl"), saved(fitted(), folder / f"preprocessor_{stamp}.pkl")
