"""What an AutoGluon predictor is made of, as plain parts: its prepared features, its member models and their weights.

AutoGluon is asked, not imitated: what its feature generators make of a column is read off what they answer to each of
the column's values.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix
from vaticina.contract.contract import Column
from vaticina.exact.graph import NotCompilable
from vaticina.formats.autogluon.frame import frame

PROBES = np.array([0.0, 1.0, -1.5, 3.0, 1e6])
"""Numbers by which it is seen that a column goes through unchanged."""

ENSEMBLES = ("WeightedEnsembleModel", "GreedyWeightedEnsembleModel", "SimpleWeightedEnsembleModel")
BAGS = ("BaggedEnsembleModel", "StackerEnsembleModel")

FeatureKind = Literal["number", "whole number", "flag", "category"]
FEATURE_KINDS: tuple[FeatureKind, ...] = ("number", "whole number", "flag", "category")


@dataclass(frozen=True, slots=True)
class PreparedFeature:
    """One prepared feature: the column of the matrix behind it, and what is made of that column.

    ``codes`` (size + 1,) holds what each category becomes, and last an unknown or missing one, NaN where that stays
    missing. ``true_value`` is the number that becomes 1 while every other becomes 0. ``is_whole`` cuts a number's
    fraction off, and makes 0 of a missing one. With none of them, a number stays as it is.
    """

    source: int
    codes: NDArray[np.float64] | None = None
    true_value: float | None = None
    is_whole: bool = False

    @property
    def kind(self) -> FeatureKind:
        """What is made of the column."""
        if self.codes is not None:
            return "category"
        if self.true_value is not None:
            return "flag"
        if self.is_whole:
            return "whole number"
        return "number"


@dataclass(frozen=True, slots=True)
class EnsembleMember:
    """A model of the ensemble, with its weight and the names of the prepared features it takes, in order."""

    model: Any
    weight: float
    features: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A predictor's parts.

    ``labels`` are in the order of the members' probabilities; ``temperature`` is that of the last step, if any.
    ``probes`` are the prepared features for one row of each category's codes: what a member may be asked with.
    """

    features: Mapping[str, PreparedFeature]
    members: Sequence[EnsembleMember]
    labels: Sequence[Any]
    temperature: float | None
    probes: pd.DataFrame

    def features_of(self, names: Sequence[str]) -> list[PreparedFeature]:
        """The prepared features of these names, in their order."""
        return [self.features[name] for name in names]


def read_ensemble(predictor: Any, contract: Contract) -> Ensemble:
    """The parts of a ``TabularPredictor`` under ``contract``.

    Raises NotCompilable for a part that has no name here; the message says which.
    """
    asked = _probe_rows(contract)
    labels: Sequence[Any] = []
    if contract.classes:
        labels = list(predictor.class_labels_internal_map)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its libraries, about what AutoGluon itself does
        prepared = predictor.transform_features(frame(contract, asked))
        trainer = predictor._trainer
        best = trainer.load_model(predictor.model_best)
        return Ensemble(
            _prepared_features(contract, asked, prepared, bool_features(predictor)),
            list(_members(trainer, best, 1.0)),
            labels,
            best.temperature_scalar,
            prepared,
        )


def _probe_rows(contract: Contract) -> Matrix:
    """(n, columns): rows with every code of every category, an unknown one last, and beside them the ``PROBES``."""
    size = len(PROBES) + 1
    for column in contract.columns:
        size = max(size, column.size + 1)
    rows = np.empty((size, len(contract.columns)))
    for index, column in enumerate(contract.columns):
        if column.kind == "category":
            rows[:, index] = np.minimum(np.arange(size), column.size)
        else:
            rows[:, index] = np.resize([*PROBES, np.nan], size)
    return rows


def feature_generators(predictor: Any) -> Iterator[Any]:
    """The predictor's feature generators, stage after stage."""
    for stage in getattr(predictor._learner.feature_generator, "generators", []):
        yield from stage


def bool_features(predictor: Any) -> dict[str, Any]:
    """The features of two values that became flags, each with the value that counts as true."""
    true_values: dict[str, Any] = {}
    for generator in feature_generators(predictor):
        true_values.update(getattr(generator, "_bool_features", None) or {})
    return true_values


def _prepared_features(
    contract: Contract, asked: Matrix, prepared: pd.DataFrame, true_values: Mapping[str, Any]
) -> dict[str, PreparedFeature]:
    """What AutoGluon made of each column: ``prepared`` (n, features) is its answer to the rows ``asked``."""
    places: dict[str, int] = {}
    for index, column in enumerate(contract.columns):
        places[column.name] = index
    features: dict[str, PreparedFeature] = {}
    for name in map(str, prepared.columns):
        if name not in places:
            raise NotCompilable(f"AutoGluon's feature {name!r}, which is made of something else, has no compiled form")
        index = places[name]
        answer = _as_numbers(prepared[name])
        if name in true_values and contract.columns[index].kind != "category":
            features[name] = PreparedFeature(index, true_value=float(true_values[name]))
        else:
            features[name] = _prepared_feature(contract.columns[index], index, asked[:, index], answer)
    return features


def _prepared_feature(
    column: Column, index: int, asked: NDArray[np.float64], answer: NDArray[np.float64]
) -> PreparedFeature:
    """What was made of the values ``asked`` (n,) of a column, which became ``answer`` (n,)."""
    if column.kind == "category":
        return PreparedFeature(index, codes=answer[: column.size + 1])
    if np.array_equal(answer, asked, equal_nan=True):
        return PreparedFeature(index)
    if np.array_equal(answer, np.trunc(np.nan_to_num(asked))):
        return PreparedFeature(index, is_whole=True)
    raise NotCompilable(f"AutoGluon changes the number {column.name!r} in a way that has no compiled form")


def _as_numbers(column: "pd.Series[Any]") -> NDArray[np.float64]:
    """A prepared column as its models see it: categories by their codes, NaN where missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy(dtype=np.float64)
        return np.where(codes < 0, np.nan, codes)
    numbers: NDArray[np.float64] = column.to_numpy(dtype=np.float64)
    return numbers


def _members(trainer: Any, model: Any, weight: float) -> Iterator[EnsembleMember]:
    """The models whose weighted sum ``model`` is; of a bag, its children in equal shares."""
    family = type(model).__name__
    if model.conformalize is not None:
        raise NotCompilable(f"{model.name} with conformal intervals has no compiled form")
    if family in ENSEMBLES:
        yield from _weighted_members(trainer, model, weight)
        return
    if family in BAGS:
        for child in map(model.load_child, model.models):
            yield from _members(trainer, child, weight / len(model.models))
        return
    if model.temperature_scalar is not None and weight != 1.0:
        raise NotCompilable(f"{model.name} with a temperature of its own has no compiled form")
    features = model._features_internal_to_align
    if model._is_features_in_same_as_ex:
        features = model.features
    yield EnsembleMember(model, weight, list(features))


def _weighted_members(trainer: Any, model: Any, weight: float) -> Iterator[EnsembleMember]:
    inner = model
    if getattr(model, "models", None):
        inner = model.models[0]
    if isinstance(inner, str):
        inner = model.load_child(inner)
    for base, share in zip(inner.base_model_names, inner.weights_, strict=True):
        yield from _members(trainer, trainer.load_model(base), weight * float(share))
