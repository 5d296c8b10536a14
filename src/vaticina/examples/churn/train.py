"""Trains the pair that this project serves, outside Vaticina, as any data scientist would: python train.py.

It writes models/model_<date>_<time>.pkl, the preprocessor_<date>_<time>.pkl that stands before it, and its metrics. A
running server takes the new pair by itself; another is imported by: vaticina import models/ --into .
"""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = Path(__file__).parent
CUSTOMERS = FOLDER / "data" / "customers.csv"
SEED = 42
FEW = 10
"""A number with at most so many different values is a category, as in the original."""


def preparation(rows: pd.DataFrame) -> ColumnTransformer:
    """Median and scaling for numbers; "missing" and one-hot columns for categories."""
    categories = [name for name in rows if rows[name].dtype == object or rows[name].nunique() <= FEW]
    numbers = [name for name in rows if name not in categories]
    for_numbers = Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])
    for_texts = Pipeline(
        [
            ("imputer", SimpleImputer(strategy="constant", fill_value="missing")),
            ("encoder", OneHotEncoder(handle_unknown="ignore", drop="first")),
        ]
    )
    whole = [name for name in categories if rows[name].dtype != object]
    texts = [name for name in categories if name not in whole]
    as_they_are = OneHotEncoder(handle_unknown="ignore", drop="first")
    return ColumnTransformer(
        [("numbers", for_numbers, numbers), ("texts", for_texts, texts), ("whole", as_they_are, whole)]
    )


def measured(truth: Any, probability: Any) -> dict[str, float]:
    """What is said of the model, on customers that it never saw."""
    answer = probability >= 0.5
    return {
        "accuracy": float(accuracy_score(truth, answer)),
        "f1": float(f1_score(truth, answer)),
        "roc_auc": float(roc_auc_score(truth, probability)),
        "average_precision": float(average_precision_score(truth, probability)),
    }


def probability(model: Any, rows: Any) -> Any:
    """That of leaving, for each row."""
    return model.predict_proba(rows)[:, 1]


def main() -> None:
    """Trains and writes the pair."""
    if not CUSTOMERS.exists():
        subprocess.run([sys.executable, FOLDER / "scripts" / "generate_customers.py"], check=True)  # noqa: S603 -- ours
    table = pd.read_csv(CUSTOMERS)
    left = (table.pop("Churn") == "Yes").astype(int)
    rows = table.drop(columns="customerID")  # it names the customer, and says nothing of the next one
    seen, held, left_seen, left_held = train_test_split(rows, left, test_size=0.2, stratify=left, random_state=SEED)
    preprocessor = preparation(seen).fit(seen)
    model = LGBMClassifier(n_estimators=150, learning_rate=0.05, num_leaves=15, random_state=SEED, verbosity=-1)
    model.fit(preprocessor.transform(seen), left_seen)
    metrics = measured(left_held, probability(model, preprocessor.transform(held)))

    folder = FOLDER / "models"
    folder.mkdir(exist_ok=True)
    stamp = datetime.now().astimezone().strftime("%Y%m%d_%H%M%S")
    (folder / f"metrics_{stamp}.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")
    for name, part in (("preprocessor", preprocessor), ("model", model)):
        joblib.dump(part, folder / f"{name}_{stamp}.pkl")
    print(f"models/model_{stamp}.pkl: {', '.join(f'{name} {value:.3f}' for name, value in metrics.items())}")


if __name__ == "__main__":
    main()
