"""Which environment goes with a model of another version."""

import sys

import pytest

from vaticina.errors import ImportRefused
from vaticina.foreign import pins
from vaticina.foreign.pins import RELEASES, environment_spec, is_readable


def test_documented_versions_of_contugas() -> None:
    spec = environment_spec("1.0.2", ("sklearn.cluster._kmeans.KMeans",))
    assert spec.pins == ("joblib==1.1.1", "numpy==1.22.4", "scikit-learn==1.0.2", "scipy==1.8.1")
    assert spec.pythons[0] == "3.10"


def test_libraries_are_those_the_model_names() -> None:
    names = ("sklearn.compose._column_transformer.ColumnTransformer", "lightgbm.sklearn.LGBMClassifier")
    assert {"pandas==1.5.3", "lightgbm==3.3.5"} <= set(environment_spec("1.1.3", names).pins)


def test_what_the_caller_knows_better() -> None:
    spec = environment_spec(
        "1.1.3", ("lightgbm.basic.Booster",), python="3.9", more=["lightgbm==3.3.2", "NumPy==1.22.4"]
    )
    assert spec.pythons == ("3.9",)
    assert {"lightgbm==3.3.2", "numpy==1.22.4"} <= set(spec.pins)
    assert len(spec.pins) == 6


@pytest.mark.parametrize("version", ["0.19.1", "1.0.dev0", "9.9.9", "", "1.0.2; rm -rf /"])
def test_a_version_that_is_not_in_the_table_is_refused(version: str) -> None:
    with pytest.raises(ImportRefused, match="made with scikit-learn"):
        environment_spec(version, ())


@pytest.mark.parametrize("pin", ["numpy", "numpy>=1", "numpy==", "-e .", "numpy==1 --index-url x", "numpy @ file:x"])
def test_only_exact_versions_are_taken(pin: str) -> None:
    with pytest.raises(ImportRefused, match="no exact version"):
        environment_spec("1.0.2", (), more=[pin])


@pytest.mark.parametrize("python", ["3", "python3.9", "/usr/bin/python3.9", "2.7", "3.9.18"])
def test_only_a_version_of_python_is_taken(python: str) -> None:
    with pytest.raises(ImportRefused, match="--python"):
        environment_spec("1.0.2", (), python=python)


@pytest.mark.parametrize("release", RELEASES)
def test_every_row_names_exact_versions(release: str) -> None:
    spec = environment_spec(f"{release}.0", ("lightgbm.basic.Booster",))
    assert all(map(pins.PIN.fullmatch, spec.pins))
    assert all(map(pins.PYTHON.fullmatch, spec.pythons))


def test_what_could_be_opened_here_may_be_isolated_too() -> None:
    installed = pins.installed_sklearn()
    assert installed is not None
    spec = environment_spec(installed, ("lightgbm.basic.Booster",))
    assert f"scikit-learn=={installed}" in spec.pins
    assert spec.pythons == (f"{sys.version_info.major}.{sys.version_info.minor}",)


def test_only_the_same_minor_version_reads_a_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = pins.installed_sklearn()
    assert installed is not None
    assert is_readable(installed)
    assert is_readable(".".join([*installed.split(".")[:2], "99"]))
    assert not is_readable("1.0.2")
    monkeypatch.setattr(pins, "installed_sklearn", lambda: None)
    assert not is_readable(installed)
