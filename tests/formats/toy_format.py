"""A format of somebody else: linear models in JSON, behind a first line of their own.

It is one file, so that a test can put it beside an ``entry_points.txt`` as a package of its own.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from vaticina.contract import Bundle, Contract, Matrix, Outputs
from vaticina.errors import BundleCorrupt, ImportRefused, PickleRefused
from vaticina.exact.converters.linear import probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.contract_draft import INPUTS, draft_contract, new_project
from vaticina.formats.source import Source, fingerprint
from vaticina.pickles.allowlist import NAMES
from vaticina.progress import Report
from vaticina.tasks.table.labels import label_of

FIRST_LINE = b"TOY1\n"
MODEL = "model.toy"


def written(weights: Mapping[str, float], *, wave: bool = False, imports: Collection[str] = ()) -> bytes:
    """A file of this format. With ``wave`` the margin goes through a sine, which has no compiled form."""
    document = {"weights": dict(weights), "wave": wave, "imports": list(imports)}
    return FIRST_LINE + json.dumps(document).encode()


class ToyModel:
    """Answers "yes" with the logistic of a weighted sum; ``data`` is its file."""

    family = "toy"
    served_as = "by the toy library"

    def __init__(self, data: bytes, contract: Contract) -> None:
        document = json.loads(data.removeprefix(FIRST_LINE))
        self.weights = np.array(list(document["weights"].values()))
        self.wave = document["wave"]
        self._data = data
        self._contract = contract

    def predict(self, matrix: Matrix) -> Outputs:
        margins = matrix @ self.weights
        if self.wave:
            margins = np.sin(margins)
        positive = 1 / (1 + np.exp(-margins))
        shares = np.column_stack([1 - positive, positive])
        return Outputs(len(matrix), {"label": label_of(shares, self._contract), "probabilities": shares})

    def files(self) -> dict[str, bytes]:
        return {MODEL: self._data}

    def close(self) -> None:
        """Holds nothing open."""


@converts(f"{__name__}.ToyModel")
def toy_model(part: Any, graph: Graph, value: Value) -> Value:
    if part.wave:
        raise NotCompilable("a toy with a wave has no compiled form")
    margins = graph.add("MatMul", value.name, graph.constant(part.weights[:, None]))
    return probabilities(graph, margins, 2)


class ToyFormat:
    name = "toy"
    suffixes: tuple[str, ...] = (".toy",)
    kind = "imported"
    family = "toy"
    keeps_files = True

    def files_among(self, names: Collection[str]) -> Collection[str]:
        return ()

    def recognises(self, source: Source) -> bool:
        return source.model.suffix == ".toy" or source.head(source.model).startswith(FIRST_LINE)

    def is_whole(self, source: Source) -> bool:
        return True

    def adopt(self, adoption: Adoption, report: Report) -> AdoptedModel:
        name = adoption.source.model.name
        files = adoption.source.read()
        weights = audited(files[name], name, adoption.allow)
        inputs = INPUTS.validate_python({column: {"type": "number", "example": 1.0} for column in weights})
        project = adoption.project or new_project(adoption.name, inputs, adoption.threshold)
        contract = draft_contract(project, inputs, ("no", "yes"))
        model = ToyModel(files[name], contract)
        return AdoptedModel(
            model=model,
            project=project,
            contract=contract,
            rows=np.random.default_rng(0).normal(size=(100, len(weights))),
            training={"estimator": "toy"},
            data={"files": fingerprint(files)},
            ask_original=model.predict,
        )

    def check_files(self, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
        audited(files[MODEL], MODEL, allow)

    def load(self, bundle: Bundle, allow: frozenset[str]) -> ToyModel:
        data = bundle.read(MODEL)
        try:
            audited(data, f"{MODEL} of version {bundle.version}", allow)
        except ImportRefused as error:
            raise BundleCorrupt(error.message) from None
        return ToyModel(data, bundle.manifest.contract)


def audited(data: bytes, name: str, allow: frozenset[str]) -> dict[str, float]:
    """The weights in ``data``, once nothing in it is unlisted. Raises ImportRefused and PickleRefused."""
    try:
        document = json.loads(data.removeprefix(FIRST_LINE))
        weights, imports = dict(document["weights"]), set(document["imports"])
    except (ValueError, KeyError, TypeError):
        raise ImportRefused(f"{name} is no model that the toy library wrote.") from None
    unlisted = imports - NAMES - allow
    if unlisted:
        raise PickleRefused(f"{name} is not opened: it wants {', '.join(sorted(unlisted))}, not on the list.")
    return weights


FORMAT = ToyFormat()
