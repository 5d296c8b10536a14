"""What an AutoGluon predictor is made of, as plain parts: its prepared features, its members and their weights.

AutoGluon is asked, not imitated: what its feature generators make of a column is read off what they answer to each of
the column's values. Nothing here imports AutoGluon.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix

PROBES = np.array([0.0, 1.0, -1.5, 3.0, 1e6])
"""Numbers by which it is seen that a column goes through unchanged."""

ENSEMBLES = ("WeightedEnsembleModel", "GreedyWeightedEnsembleModel", "SimpleWeightedEnsembleModel")
BAGS = ("BaggedEnsembleModel", "StackerEnsembleModel")


class Unknown(Exception):
    """The predictor has a part that this file cannot name; the message says which."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One prepared feature: the column of the matrix behind it, and what is made of that column.

    ``codes`` (size + 1,) holds what each category becomes, and last an unknown or missing one, NaN where that stays
    missing. ``truth`` is the number that becomes 1 while every other becomes 0. ``whole`` cuts a number's fraction off,
    and makes 0 of a missing one. With none of them, a number stays as it is.
    """

    source: int
    codes: NDArray[np.float64] | None = None
    truth: float | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A model of the ensemble, with its weight and the names of the prepared features it takes, in order."""

    model: Any
    weight: float
    features: Sequence[str]


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The whole: ``labels`` in the order of the members' probabilities, ``temperature`` of the last step if any.

    ``probe`` are the prepared features for one row of each category's codes: what a member may be asked with.
    """

    features: Mapping[str, Feature]
    members: Sequence[Member]
    labels: Sequence[Any]
    temperature: float | None
    probe: pd.DataFrame


def dissect(predictor: Any, contract: Contract, frame: Any) -> Anatomy:
    """The parts of ``predictor``, which takes what ``frame(contract, matrix)`` makes. Raises Unknown."""
    asked = _probes(contract)
    prepared = predictor.transform_features(frame(contract, asked))
    trainer = predictor._trainer
    best = trainer.load_model(predictor.model_best)
    return Anatomy(
        _features(contract, asked, prepared, predictor),
        list(_members(trainer, best, 1.0)),
        list(predictor.class_labels_internal_map) if contract.classes else [],
        best.temperature_scalar,
        prepared,
    )


def _probes(contract: Contract) -> Matrix:
    """Rows that show every code of every category, an unknown one last, and beside them the ``PROBES``."""
    rows = max([len(PROBES) + 1, *(column.size + 1 for column in contract.columns)])
    asked = np.empty((rows, len(contract.columns)))
    for at, column in enumerate(contract.columns):
        if column.kind == "category":
            asked[:, at] = np.minimum(np.arange(rows), column.size)
        else:
            asked[:, at] = np.resize([*PROBES, np.nan], rows)
    return asked


def _features(contract: Contract, asked: Matrix, prepared: pd.DataFrame, predictor: Any) -> dict[str, Feature]:
    truths = _truths(predictor)
    places = {column.name: at for at, column in enumerate(contract.columns)}
    found = {}
    for name in prepared.columns:
        if name not in places:
            raise Unknown(f"AutoGluon's feature {name!r}, which is made of something else, has no compiled form")
        at = places[name]
        found[name] = _feature(name, at, contract.columns[at].size, asked[:, at], prepared[name], truths, contract)
    return found


def _feature(
    name: str,
    at: int,
    size: int,
    asked: Matrix,
    answer: "pd.Series[Any]",
    truths: Mapping[str, Any],
    contract: Contract,
) -> Feature:
    numbers = _numbers(answer)
    if contract.columns[at].kind == "category":
        return Feature(at, codes=numbers[: size + 1])
    if name in truths:
        return Feature(at, truth=float(truths[name]))
    if np.array_equal(numbers, asked, equal_nan=True):
        return Feature(at)
    if np.array_equal(numbers, np.trunc(np.nan_to_num(asked))):
        return Feature(at, whole=True)
    raise Unknown(f"AutoGluon changes the number {name!r} in a way that has no compiled form")


def _numbers(column: "pd.Series[Any]") -> NDArray[np.float64]:
    """A prepared column as its models see it: categories by their codes, NaN where missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy(dtype=np.float64)
        return np.where(codes < 0, np.nan, codes)
    numbers: NDArray[np.float64] = column.to_numpy(dtype=np.float64)
    return numbers


def _truths(predictor: Any) -> dict[str, Any]:
    """The features that became flags, each with the value that counts as true."""
    stages = getattr(predictor._learner.feature_generator, "generators", [])
    found: dict[str, Any] = {}
    for generator in (one for stage in stages for one in stage):
        found.update(getattr(generator, "_bool_features", None) or {})
    return found


def _members(trainer: Any, model: Any, weight: float) -> Any:
    """The models whose weighted sum ``model`` is; of a bag, its children in equal shares."""
    name = type(model).__name__
    if model.conformalize is not None:
        raise Unknown(f"{model.name} with conformal intervals has no compiled form")
    if name in ENSEMBLES:
        yield from _weighted(trainer, model, weight)
        return
    if name in BAGS:
        children = [model.load_child(child) for child in model.models]
        for child in children:
            yield from _members(trainer, child, weight / len(children))
        return
    if model.temperature_scalar is not None and weight != 1.0:
        raise Unknown(f"{model.name} with a temperature of its own has no compiled form")
    features = model.features if model._is_features_in_same_as_ex else model._features_internal_to_align
    yield Member(model, weight, list(features))


def _weighted(trainer: Any, model: Any, weight: float) -> Any:
    inner = model.models[0] if getattr(model, "models", None) else model
    if isinstance(inner, str):
        inner = model.load_child(inner)
    for base, share in zip(inner.base_model_names, inner.weights_, strict=True):
        yield from _members(trainer, trainer.load_model(base), weight * float(share))
