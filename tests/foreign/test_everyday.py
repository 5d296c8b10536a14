"""What people saved with another scikit-learn and XGBoost opens with those, and answers as it did there."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.foreign.conftest import PYENV, dumped
from tests.foreign_artefacts import needs_python_3_10
from tests.formats.owned_models import client_rows, outputs
from vaticina.foreign.environment import ensure_environment
from vaticina.foreign.isolation import Isolation
from vaticina.foreign.pins import environment_spec
from vaticina.formats import file_formats, recognise
from vaticina.formats.adoption import Adoption
from vaticina.formats.source import file_source
from vaticina.progress import no_report
from vaticina.usecases.owner_comparison import served_as_the_file_answers

pytestmark = [needs_python_3_10, pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")]

PINS = ("pandas==1.5.3", "xgboost==1.7.6")
SPEC = environment_spec("1.2.2", ("xgboost.core.Booster",), python="3.10", more=PINS)

PROGRAM = """
import pickle
import numpy as np, pandas as pd, xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_iterative_imputer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler

random = np.random.default_rng(1)
numbers = pd.DataFrame({"edad": random.integers(18, 80, 160).astype(float), "saldo": random.normal(1500, 900, 160)})
frame = numbers.assign(ciudad=random.choice(["Lima", "Cusco", "Ica"], 160).astype(object))
y = (frame.edad / 80 + (frame.ciudad == "Ica") * 0.6 > 0.8).astype(int)

def texts(model, chosen=["edad", "saldo"], others=["ciudad"]):
    parts = [("n", StandardScaler(), chosen), ("t", OneHotEncoder(handle_unknown="ignore", dtype=int), others)]
    return make_pipeline(ColumnTransformer(parts), model)

def linear():
    return LogisticRegression()

boosted = xgboost.XGBClassifier(n_estimators=4, max_depth=2)
early = xgboost.XGBClassifier(n_estimators=30, max_depth=4, learning_rate=1.0, early_stopping_rounds=2)
early.fit(numbers[:100], y[:100], eval_set=[(numbers[100:], y[100:])], verbose=False)
models = {
    "forest": RandomForestClassifier(5, random_state=0).fit(numbers, y),
    "pipeline": make_pipeline(StandardScaler(), linear()).fit(numbers, y),
    "neighbours": KNeighborsClassifier().fit(numbers, y),
    "imputed": make_pipeline(IterativeImputer(random_state=0), linear()).fit(numbers, y),
    "searched": GridSearchCV(texts(linear()), {"logisticregression__C": [0.1, 1]}, cv=2).fit(frame, y),
    "voting": VotingClassifier([("a", texts(linear())), ("b", texts(linear(), ["edad"]))], voting="soft").fit(frame, y),
    "stacked": make_pipeline(StandardScaler(), StackingClassifier([("a", linear())], cv=2)).fit(numbers, y),
    "index": texts(linear(), frame.select_dtypes("number").columns, frame.columns[2:]).fit(frame, y),
    "selector": texts(linear(), make_column_selector(dtype_include=np.number), ["ciudad"]).fit(frame, y),
    "chosen": make_pipeline(StandardScaler(), SelectKBest(k=1), linear()).fit(numbers, y),
    "boosted": boosted.fit(numbers, y),
    "boosted behind texts": texts(xgboost.XGBClassifier(n_estimators=4)).fit(frame, y),
    "stopped early": early,
    "booster": boosted.get_booster(),
    "bundle": {"model": texts(linear()).fit(frame, y), "labels": LabelEncoder().fit(["no", "yes"])},
}
new = frame[:40].copy()
new.loc[:3, "ciudad"] = "Tacna"
value = {"rows": new.to_dict("list"), "models": {}}
for name, model in models.items():
    asked = model["model"] if name == "bundle" else boosted if name == "booster" else model
    shares = asked.predict_proba(new[list(asked.feature_names_in_)])[:, 1]
    value["models"][name] = pickle.dumps(model, 4), list(asked.feature_names_in_), shares.tolist()
"""

NAMES = (
    *("forest", "pipeline", "neighbours", "imputed", "searched", "voting", "stacked", "index", "selector", "chosen"),
    *("boosted", "boosted behind texts", "stopped early", "booster", "bundle"),
)
NOT_COMPILED = ("neighbours", "imputed", "stacked")
"""What has no compiled form is refused: the objects here are only rebuilt."""


@pytest.fixture(scope="module")
def saved(environments: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    environment = ensure_environment(SPEC, environments, PYENV)
    return pickle.loads(dumped(environment, tmp_path_factory.mktemp("everyday"), PROGRAM))


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_it_did_there(name: str, saved: Any, environments: Path, tmp_path: Path) -> None:
    data, columns, expected = saved["models"][name]
    file = tmp_path / "model.pkl"
    file.write_bytes(data)
    source = file_source(file)
    adoption = Adoption(
        source=source,
        name="tienda",
        isolation=Isolation(cache=environments.parent, roots=PYENV, python="3.10", more=PINS),
        keys=("model",) if name == "bundle" else (),
        file_formats=file_formats(source),
    )
    adopted = recognise(source).adopt(adoption, no_report)
    assert adopted.is_rebuilt
    rows = pd.DataFrame(saved["rows"])[columns]
    if name in NOT_COMPILED:
        np.testing.assert_allclose(
            adopted.model.parts[-1].predict_proba(_prepared(adopted.model, rows))[:, 1], expected
        )
        return
    served = served_as_the_file_answers(adopted)
    assert served.family == "onnx"
    answered = outputs(adopted, served, client_rows(rows)).columns["probabilities"]
    np.testing.assert_allclose(answered[:, 1], expected, atol=2e-6 if "boost" in name or "early" in name else 1e-9)


def _prepared(model: Any, rows: pd.DataFrame) -> Any:
    value: Any = rows
    for part in model.parts[:-1]:
        value = part.transform(value)
    return value
