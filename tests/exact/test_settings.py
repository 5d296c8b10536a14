"""A converter never passes over a setting that changes an answer."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from vaticina.exact import settings
from vaticina.exact.compile import Goal, compile_table
from vaticina.exact.converters import CONVERTER_FILES
from vaticina.exact.graph import CONVERTERS, NotCompilable
from vaticina.exact.settings import TRAINING, settings_of

X = np.random.default_rng(0).random((80, 3))
TWO = (X[:, 0] > 0.5).astype(int)
VALUE = X[:, 0] * 3
OF_SCIKIT_LEARN = sorted(name for name in CONVERTERS if name.startswith("sklearn."))


def compiled(model: Any, classes: int = 0) -> None:
    compile_table(model, Goal(columns=3, classes=classes, positive=max(0, classes - 1)))


@pytest.mark.parametrize("name", OF_SCIKIT_LEARN)
def test_every_setting_of_every_converter_was_looked_at(name: str) -> None:
    """A scikit-learn with one more setting fails here, until somebody says what it means."""
    assert CONVERTER_FILES
    module, _, class_name = name.rpartition(".")
    names = set(getattr(import_module(module), class_name)._get_param_names())
    assert names - TRAINING - settings_of(module).keys() == set()


def test_a_setting_of_another_version_is_refused_unless_it_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TRAINING", TRAINING - {"tol"})
    compiled(LogisticRegression().fit(X, TWO), 2)
    with pytest.raises(NotCompilable, match=r"LogisticRegression with tol=0\.5, which is not known here"):
        compiled(LogisticRegression(tol=0.5).fit(X, TWO), 2)


@pytest.mark.parametrize("step", [MinMaxScaler(), FunctionTransformer(np.log1p), make_pipeline(MinMaxScaler())])
def test_a_step_that_boosting_does_not_have_is_refused(step: Any) -> None:
    model = HistGradientBoostingRegressor(max_iter=2, categorical_features=[2]).fit(np.round(X * 3), VALUE)
    compiled(model)
    name, _, columns = model._preprocessor.transformers_[1]
    model._preprocessor.transformers_[1] = (name, step.fit(X[:, :2]), columns)
    with pytest.raises(NotCompilable, match="histogram boosting that prepares numbers by"):
        compiled(model)


class Doubled(StandardScaler):  # type: ignore[misc]
    """A scaler of somebody's own, which may do anything."""


def test_a_scaler_of_a_target_that_is_a_subclass_is_refused() -> None:
    model = TransformedTargetRegressor(LinearRegression(), transformer=Doubled(), check_inverse=False).fit(X, VALUE)
    with pytest.raises(NotCompilable, match="a target transformed back"):
        compiled(model)


def test_one_model_against_all_is_refused() -> None:
    """As scikit-learn before 1.8 fits it."""
    model = LogisticRegression().fit(X, np.digitize(X[:, 0], [0.3, 0.6]))
    compiled(model, 3)
    model.multi_class = "ovr"
    with pytest.raises(NotCompilable, match="multi_class='ovr'"):
        compiled(model, 3)
