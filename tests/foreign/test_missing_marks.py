"""A missing text reaches a model of another version as the mark that its encoder learnt: None or NaN."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.foreign.conftest import PYENV, dumped
from tests.foreign_artefacts import needs_python_3_9
from vaticina.contract import Encoder
from vaticina.contract.envelope import make_validator
from vaticina.foreign.environment import Environment
from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats, recognise
from vaticina.formats.adoption import Adoption
from vaticina.formats.source import file_source
from vaticina.progress import no_report
from vaticina.usecases.owner_comparison import served_as_the_file_answers

FITTED = """
import pickle
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
random = np.random.RandomState(3)
city = random.choice(["Lima", "Cusco", MISSING], 200)
table = pd.DataFrame({"edad": random.randint(18, 80, 200).astype(float), "ciudad": pd.Series(city, dtype=object)})
target = (table.edad / 80 + table.ciudad.isna() * 0.7 + random.normal(0, 0.2, 200) > 0.9).astype(int)
texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
columns = ColumnTransformer([("texts", texts, ["ciudad"]), ("numbers", StandardScaler(), ["edad"])])
model = make_pipeline(columns, LogisticRegression()).fit(table, target)
rows = table.head(40).astype(object).where(table.head(40).notna(), None).to_dict("records")
value = {"model": pickle.dumps(model, 4), "rows": rows, "answers": model.predict_proba(table.head(40)).tolist()}
"""


@needs_python_3_9
@pytest.mark.parametrize("missing", ["None", "np.nan"])
def test_null_means_what_it_meant_to_the_original(missing: str, pair: Environment, tmp_path: Path) -> None:
    made: dict[str, Any] = pickle.loads(dumped(pair, tmp_path, FITTED.replace("MISSING", missing)))
    (tmp_path / "model.pkl").write_bytes(made["model"])
    source = file_source(tmp_path / "model.pkl")
    isolation = Isolation(cache=pair.python.parents[3], roots=PYENV, python="3.9")
    adoption = Adoption(source=source, name="tienda", isolation=isolation, file_formats=file_formats(source))
    adopted = recognise(source).adopt(adoption, no_report)
    served = served_as_the_file_answers(adopted)
    rows = make_validator(adopted.contract).check_all(made["rows"])
    answers = served.runtime.predict(Encoder(adopted.contract).matrix(rows)).columns["probabilities"]
    np.testing.assert_allclose(answers, made["answers"], atol=1e-12)
