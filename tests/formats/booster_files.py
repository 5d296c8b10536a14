"""Models of XGBoost and LightGBM in files, and what the imported ones answer."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from vaticina.contract import Encoder, Project
from vaticina.contract.envelope import make_validator
from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats, recognise
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.source import file_source
from vaticina.progress import no_report
from vaticina.tasks import served_form

NEVER = Isolation(cache=Path(), never=True)
RANDOM = np.random.default_rng(0)
SIZE = 240
FEW = 100
"""Rows of each model on which its forms are compared here; an import compares 2 000."""
TABLE = pd.DataFrame({"age": RANDOM.normal(size=SIZE).round(2), "balance": 100 * RANDOM.normal(size=SIZE)})
NOISE = RANDOM.normal(size=SIZE)
TWO = (TABLE.age + TABLE.balance / 100 + 0.3 * NOISE > 0).astype(int).to_numpy()
THREE = np.digitize(TABLE.age, [-0.5, 0.5])


def new_rows() -> pd.DataFrame:
    """Rows that no model was trained on; the last have gaps."""
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"age": random.normal(size=60).round(2), "balance": 100 * random.normal(size=60)})
    rows.loc[50:, "age"] = np.nan
    rows.loc[55:, "balance"] = np.nan
    return rows


def adopted(file: Path, project: Project | None = None) -> AdoptedModel:
    source = file_source(file)
    adoption = Adoption(
        source=source, name="model", isolation=NEVER, file_formats=file_formats(source), project=project
    )
    return recognise(source).adopt(adoption, no_report)


def saved(model: Any, file: Path) -> Path:
    """``model`` in ``file``, by its own ``save_model`` or as a pickle."""
    if file.suffix == ".pkl":
        file.write_bytes(pickle.dumps(model))
    else:
        model.save_model(file)
    return file


def answers(model: AdoptedModel, rows: pd.DataFrame, family: str) -> Any:
    """What the served form, which is of ``family``, answers to a client's rows."""
    served = served_form(model.model, model.contract, model.rows[:FEW], model.ask_original)
    assert served.family == family, served.verification
    plain = rows.astype(object).where(rows.notna(), None)
    checked = make_validator(model.contract).check_all(plain.to_dict("records"))
    return served.runtime.predict(Encoder(model.contract).matrix(checked)).columns


def trained(objective: str, **settings: Any) -> Any:
    """A booster of few rounds."""
    target: NDArray[Any] = TWO
    if objective.startswith("multi"):
        target, settings = THREE, {"num_class": 3, **settings}
    data = xgboost.DMatrix(TABLE, target + float(objective == "reg:gamma"))
    if objective == "survival:aft":
        data.set_float_info("label_lower_bound", np.arange(SIZE) + 1.0)
        data.set_float_info("label_upper_bound", np.arange(SIZE) + 2.0)
    if objective.startswith("rank"):
        data.set_group([10] * (SIZE // 10))
    if settings.get("booster") != "gblinear":
        settings["max_depth"] = 3
    return xgboost.train({"objective": objective, "nthread": 1, **settings}, data, 4)
