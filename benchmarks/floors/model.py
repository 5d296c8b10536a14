"""The one model that every contender serves but Vaticina: `python model.py model.joblib` trains and saves it.

Three numbers, five classes: a StandardScaler and a forest of 100 trees, on 5 000 rows drawn with seed 7.
"""

import sys

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = 5_000


def make() -> Pipeline:
    """The fitted pipeline."""
    draw = np.random.default_rng(7)
    age, fever, pain = draw.uniform(0, 95, ROWS), draw.uniform(35.5, 41.5, ROWS), draw.uniform(0, 10, ROWS)
    severity = (fever > 37.5).astype(int) + (pain > 4) + (pain > 8) + (age > 65)
    forest = RandomForestClassifier(100, random_state=0, n_jobs=1)
    return make_pipeline(StandardScaler(), forest).fit(np.column_stack([age, fever, pain]), severity.clip(0, 4))


if __name__ == "__main__":
    joblib.dump(make(), sys.argv[1])
