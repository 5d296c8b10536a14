"""What ``vaticina train`` makes of an estimator by name: a version that a server opens, or one clear line."""

from pathlib import Path

import pytest

from tests.cli.shell import Ran, done, vaticina, write_project
from vaticina.bootstrap import Workspace, open_runtime
from vaticina.errors import VersionNotFound

NUMBER = """
format = 1
[project]
name = "risk"
[data]
source = "data.csv"
target = "age"
[inputs.sex]
type = "category"
categories = ["f", "m"]
[inputs.risk]
type = "category"
categories = ["low", "high"]
[model]
estimator = "sklearn.linear_model.LogisticRegression"
[outputs]
age = "value"
"""

UNLISTED = "sklearn.semi_supervised.LabelSpreading"
ESTIMATOR = "sklearn.neighbors.RadiusNeighborsRegressor"
NAME = "sklearn.neighbors._regression.RadiusNeighborsRegressor"
WIDE = 'params = { algorithm = "brute", radius = 1e6, weights = "distance" }'
GATE = '[gate]\nmetric = "mae"\nat_most = 100\nnot_worse_than = "production"\n'
BRUTE = 'params = { algorithm = "brute" }'


def project(folder: Path, estimator: str, more: str = "", number: bool = False) -> Path:
    """A project of ``estimator``, with ``more`` lines of ``[model]``, for two classes or for a number."""
    file = write_project(folder) / "project.toml"
    text = NUMBER if number else file.read_text()
    line = 'estimator = "sklearn.linear_model.LogisticRegression"'
    file.write_text(text.replace(line, f'estimator = "{estimator}"\n{more}'), encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    """The one line that training ends with."""
    ran: Ran = vaticina("train", folder)
    assert ran.code == 1, ran.out
    (line,) = (line for line in ran.err.splitlines() if line.startswith("error: "))
    return line


def production(folder: Path) -> str | None:
    try:
        return Workspace(folder).registry().resolve("risk", "production")
    except VersionNotFound:
        return None


CLASSIFIERS = {
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis": "",
    "sklearn.ensemble.AdaBoostClassifier": "params = { n_estimators = 5 }",
    "sklearn.ensemble.BaggingClassifier": "params = { n_estimators = 2 }",
    "sklearn.linear_model.RidgeClassifier": "calibrated = true",
    "sklearn.linear_model.SGDClassifier": "calibrated = true",
    "sklearn.naive_bayes.BernoulliNB": "",
    "sklearn.naive_bayes.GaussianNB": "",
    "sklearn.neighbors.KNeighborsClassifier": BRUTE,
    "sklearn.svm.LinearSVC": "calibrated = true",
    "sklearn.svm.NuSVC": "calibrated = true",
    "sklearn.svm.SVC": "calibrated = true",
    "sklearn.tree.DecisionTreeClassifier": "",
}
REGRESSORS = {
    "sklearn.ensemble.AdaBoostRegressor": "params = { n_estimators = 5 }",
    "sklearn.ensemble.BaggingRegressor": "params = { n_estimators = 2 }",
    "sklearn.kernel_ridge.KernelRidge": "",
    "sklearn.linear_model.Ridge": "",
    "sklearn.neighbors.KNeighborsRegressor": BRUTE,
    "sklearn.svm.SVR": "",
}
TRAINED = [*((name, more, False) for name, more in CLASSIFIERS.items())]
TRAINED += [(name, more, True) for name, more in REGRESSORS.items()]


@pytest.mark.parametrize(("estimator", "more", "number"), TRAINED, ids=[name for name, *_ in TRAINED])
def test_what_is_promoted_is_opened_by_a_server(estimator: str, more: str, number: bool, tmp_path: Path) -> None:
    folder = project(tmp_path, estimator, more, number)
    done("train", folder)
    version, registry = production(folder), Workspace(folder).registry()
    assert version is not None
    open_runtime(registry.fetch("risk", version)).close()


def test_what_no_server_opens_is_not_published(tmp_path: Path) -> None:
    done("train", project(tmp_path, "sklearn.linear_model.LogisticRegression"))
    before, versions = production(tmp_path), Workspace(tmp_path).registry().versions("risk")
    line = refused(project(tmp_path, UNLISTED))
    assert all(word in line for word in (UNLISTED, "_label_propagation", "not published", "[model]", "[import] allow"))
    assert production(tmp_path) == before
    assert Workspace(tmp_path).registry().versions("risk") == versions


def test_names_that_the_project_allows_are_published_and_opened(tmp_path: Path) -> None:
    """The rule is the server's own, which hears ``[import] allow`` too."""
    folder = project(tmp_path, ESTIMATOR, WIDE, number=True)
    assert NAME in refused(folder)
    file = folder / "project.toml"
    file.write_text(f'{file.read_text()}[import]\nallow = ["{NAME}"]\n{GATE}', encoding="utf-8")
    done("train", folder)
    before = production(folder)
    bundle = Workspace(folder).registry().fetch("risk", before or "")
    open_runtime(bundle, frozenset({NAME})).close()
    file.write_text(
        file.read_text().replace(ESTIMATOR, "sklearn.dummy.DummyRegressor").replace(WIDE, ""), encoding="utf-8"
    )
    assert "worse than production" in done("train", folder).out  # the gate opens the champion by the same rule
    assert production(folder) == before


def test_a_classifier_without_probabilities_is_refused_before_it_is_fitted(tmp_path: Path) -> None:
    line = refused(project(tmp_path, "sklearn.svm.SVC", "params = { C = -1.0 }"))  # fitting would refuse C
    assert all(word in line for word in ("sklearn.svm.SVC", "no probabilities", "[model] calibrated = true"))


@pytest.mark.parametrize(
    ("estimator", "number", "why"),
    [
        ("sklearn.linear_model.Ridge", False, "is no classifier"),
        ("sklearn.cluster.KMeans", True, "is no regressor"),
        ("sklearn.linear_model.LogisticRegression", True, "is no regressor"),
        ("sklearn.ensemble.VotingClassifier", False, "cannot be made"),
        ("sklearn.naive_bayes.ComplementNB", False, "could not be fitted"),
    ],
)
def test_what_cannot_be_trained_says_why(estimator: str, number: bool, why: str, tmp_path: Path) -> None:
    line = refused(project(tmp_path, estimator, number=number))
    assert why in line
    assert estimator.rpartition(".")[2] in line
    assert "unexpected" not in line
