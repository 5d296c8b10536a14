"""Trains the second model without Vaticina, over a pandas table: `python model.py data.csv model.joblib`."""

import sys

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def make(table: pd.DataFrame) -> Pipeline:
    """The model by hand: median imputation, scaling, one-hot, forest of 100 trees."""
    inputs = table.drop(columns="outcome")
    numbers = list(inputs.select_dtypes("number"))
    categories = [name for name in inputs if name not in numbers]
    one_hot = make_pipeline(
        SimpleImputer(missing_values=None, strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("categories", one_hot, categories),
        ]
    )
    forest = RandomForestClassifier(100, random_state=0, n_jobs=1)
    return make_pipeline(prepare, forest).fit(inputs, table["outcome"])


if __name__ == "__main__":
    # "none" is a kind of work; only an empty cell is missing, and it stands as the None that a request would bring
    table = pd.read_csv(sys.argv[1], keep_default_na=False, na_values=[""])
    texts = table.select_dtypes(exclude="number").columns
    table[texts] = table[texts].astype(object).where(table[texts].notna(), None)
    joblib.dump(make(table), sys.argv[2])
