"""A fitted AutoGluon predictor, asked for an encoded matrix and answering as every model of ours does."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from autogluon.tabular import TabularPredictor, __version__

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.errors import BundleCorrupt
from vaticina.formats.autogluon.frame import frame
from vaticina.formats.columns import plain_value
from vaticina.tasks.table.labels import label_of

FOLDER = "predictor"
"""The folder of a bundle that holds AutoGluon's own files."""

VERSION = "version.txt"
"""AutoGluon's own note of its version, at the top of its folder."""


class AutogluonModel:
    """A predictor whose labels are the contract's classes."""

    family = "autogluon"
    served_as = "by a worker process"

    def __init__(self, predictor: TabularPredictor, contract: Contract) -> None:
        self.predictor = predictor
        self.contract = contract

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        rows = frame(self.contract, matrix)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its libraries, about what AutoGluon itself does
            if not self.contract.classes:
                value = self.predictor.predict(rows, as_pandas=False)
                return Outputs(len(matrix), {"value": np.asarray(value, dtype=np.float64)})
            shares = self.predictor.predict_proba(rows, as_multiclass=True)
        ordered = shares.reindex(columns=list(self.contract.classes), fill_value=0.0)
        probabilities = np.ascontiguousarray(ordered.to_numpy(dtype=np.float64))
        return Outputs(len(matrix), {"label": label_of(probabilities, self.contract), "probabilities": probabilities})

    def ask_owner(self, matrix: Matrix) -> Outputs:
        """What the predictor's own ``predict`` and ``predict_proba`` answer to ``matrix`` (n, columns)."""
        outputs = self.predict(matrix)
        if not self.contract.classes:
            return outputs
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its libraries, about what AutoGluon itself does
            labels = self.predictor.predict(frame(self.contract, matrix), as_pandas=False)
        places = [self.contract.classes.index(plain_value(label)) for label in labels]
        return Outputs(len(matrix), {**outputs.columns, "label": np.array(places, dtype=np.int64)})

    def files(self) -> dict[str, bytes]:
        """The predictor's own files, no more of them than predicting needs, as a bundle holds them."""
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder) / FOLDER
            self.predictor.clone_for_deployment(str(clone))
            files: dict[str, bytes] = {}
            for path in sorted(clone.rglob("*")):
                if path.is_file():
                    files[path.relative_to(folder).as_posix()] = path.read_bytes()
            return files

    def persist(self) -> None:
        """Keeps the models in memory, each with one thread: a batch is too small for more."""
        self.predictor.persist(models="best", max_memory=None)
        for name in self.predictor.model_names(persisted=True):
            inner: Any = getattr(self.predictor._trainer.load_model(name), "model", None)
            if hasattr(inner, "n_jobs"):
                inner.n_jobs = 1

    def close(self) -> None:
        """It goes with its last reference."""


def open_model(folder: Path, contract: Contract) -> AutogluonModel:
    """The predictor in ``folder``, whose pickles the caller has audited. Raises BundleCorrupt."""
    return AutogluonModel(open_predictor(folder), contract)


def open_predictor(folder: Path) -> TabularPredictor:
    """AutoGluon's own object, opened only when it was made by the version installed. Raises BundleCorrupt."""
    check_version(folder)
    try:
        return TabularPredictor.load(str(folder), verbosity=0, require_version_match=False)
    except PermissionError:  # the guard's
        raise
    except Exception as error:  # it raises what it pleases
        raise BundleCorrupt(f"{folder} is not opened by AutoGluon {__version__}: {error}") from error


def check_version(folder: Path) -> None:
    """Raises BundleCorrupt, with both versions named, unless the predictor in ``folder`` is of the one installed."""
    try:
        version = (folder / VERSION).read_text(encoding="utf-8").strip()
    except OSError:
        raise BundleCorrupt(f"{folder} holds no AutoGluon predictor: it has no {VERSION}.") from None
    if version.split(".")[:2] != __version__.split(".")[:2]:
        raise BundleCorrupt(
            f"The predictor in {folder} was made by AutoGluon {version}, and {__version__} is installed; "
            f"install autogluon.tabular=={version}, or train it anew."
        )
