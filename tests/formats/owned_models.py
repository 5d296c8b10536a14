"""Models of a table of people, adopted from a file and asked as a client and as their owner would ask them."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vaticina.contract import Encoder, Outputs
from vaticina.contract.envelope import make_validator
from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats, recognise
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.source import file_source
from vaticina.progress import no_report
from vaticina.tasks.served_model import ServedModel
from vaticina.usecases.owner_comparison import served_as_the_file_answers

RANDOM = np.random.default_rng(8)
NUMBERS = ["edad", "saldo"]
CITIES = ["Lima", "Cusco", "Ica"]


def people(size: int = 240, *, missing: Any = np.nan) -> tuple[pd.DataFrame, Any]:
    """A table of people and whether each bought; every ninth city is ``missing``."""
    frame = pd.DataFrame(
        {
            "edad": RANDOM.integers(18, 80, size).astype(float),
            "saldo": np.round(RANDOM.normal(1500, 900, size), 2),
            "ciudad": RANDOM.choice(CITIES, size).astype(object),
        }
    )
    bought = frame.edad / 80 + (frame.ciudad == "Ica") * 0.6 + RANDOM.normal(0, 0.3, size) > 0.8
    frame["ciudad"] = pd.Series(
        [missing if row % 9 == 0 else city for row, city in enumerate(frame.ciudad)], dtype=object
    )
    return frame, bought.astype(int).to_numpy()


def adopted(model: Any, folder: Path, **options: Any) -> AdoptedModel:
    file = folder / "model.pkl"
    file.write_bytes(pickle.dumps(model))
    source = file_source(file)
    adoption = Adoption(
        source=source,
        name="tienda",
        isolation=Isolation(cache=Path(), never=True),
        file_formats=file_formats(source),
        **options,
    )
    return recognise(source).adopt(adoption, no_report)


def outputs(model: AdoptedModel, served: ServedModel, rows: list[dict[str, Any]]) -> Outputs:
    """What is served for a client's rows."""
    checked = make_validator(model.contract).check_all(rows)
    return served.runtime.predict(Encoder(model.contract).matrix(checked))


def client_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.to_dict("records")  # type: ignore[no-any-return]


def check_served(imported: AdoptedModel, model: Any, frame: pd.DataFrame, tolerance: float = 1e-12) -> ServedModel:
    """What is served, which answers the rows of ``frame`` with the probabilities that ``model`` itself gives."""
    served = served_as_the_file_answers(imported)
    answered = outputs(imported, served, client_rows(frame))
    np.testing.assert_allclose(answered.columns["probabilities"], model.predict_proba(frame), atol=tolerance)
    return served
