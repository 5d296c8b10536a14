"""AutoGluon's ensembles as one graph: each family alone, all together, in bags, for two classes, three and a number."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.formats.gluon import make
from tests.tasks.fitted import Trained, fitted
from vaticina.contract import load_project
from vaticina.exact.compile import compile_table
from vaticina.exact.graph import NotCompilable
from vaticina.exact.session import GraphSession
from vaticina.formats.autogluon.ensemble import read_ensemble
from vaticina.formats.autogluon.fit import fit_project
from vaticina.progress import no_report
from vaticina.tasks import served_form
from vaticina.tasks.row_space import goal_of
from vaticina.tasks.served_model import ServedModel

pytestmark = pytest.mark.slow

GBM = "GBM = { num_boost_round = 15 }"
RF = "RF = { n_estimators = 6 }"
XT = "XT = { n_estimators = 6 }"
SKEWED = 'LR = { "proc.skew_threshold" = 0.0 }'
"""Every number goes through quantiles to a normal distribution, as AutoGluon does with skewed ones."""

LR = 'LR = { "proc.skew_threshold" = 1000000 }'


def fitted_members(folder: Path, members: str, classes: int = 2, more: str = "") -> Trained:
    project = load_project(make(folder, f"{more}\nhyperparameters = {{ {members} }}", classes, 250))
    return fitted(project, fit_project, no_report)


def proved(trained: Trained) -> ServedModel:
    served = served_form(trained.model, trained.contract, trained.rows)
    assert served.family == "onnx", str(served.verification)
    assert served.verification["flips"] == 0
    assert served.verification["rows"] > 1_000
    assert list(served.files) == ["model.onnx"]
    return served


def families(trained: Trained) -> set[str]:
    return {type(member.model).__name__ for member in read_ensemble(trained.model.predictor, trained.contract).members}


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize(
    ("members", "family"),
    [(GBM, "LGBModel"), (RF, "RFModel"), (XT, "XTModel"), (LR, "LinearModel"), (SKEWED, "LinearModel")],
)
def test_each_family_compiles(tmp_path: Path, members: str, family: str, classes: int) -> None:
    trained = fitted_members(tmp_path, members, classes)
    assert families(trained) == {family}
    proved(trained)


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Several families with weights, and a decision threshold."""
    return fitted_members(tmp_path_factory.mktemp("all"), ", ".join((GBM, RF, XT, LR)), 2, "threshold = 0.35")


def test_an_ensemble_of_several_families_compiles(ensemble: Trained) -> None:
    assert len(families(ensemble)) > 1
    weights = [member.weight for member in read_ensemble(ensemble.model.predictor, ensemble.contract).members]
    assert sum(weights) == pytest.approx(1)
    proved(ensemble)


def test_labels_follow_the_threshold(ensemble: Trained) -> None:
    compiled = compile_table(ensemble.model, goal_of(ensemble.contract))
    columns = GraphSession(compiled.graph).run(ensemble.rows)
    assert (columns["label"] == (columns["probabilities"][:, 1] >= 0.35)).all()
    assert (columns["label"] != columns["probabilities"].argmax(axis=1)).any()


def test_a_bag_is_the_mean_of_its_children(tmp_path: Path) -> None:
    trained = fitted_members(tmp_path, LR, 2, "params = { num_bag_folds = 2, num_bag_sets = 1 }")
    assert [round(member.weight, 3) for member in read_ensemble(trained.model.predictor, trained.contract).members] == [
        0.5,
        0.5,
    ]
    proved(trained)


def test_a_temperature_is_part_of_the_graph(ensemble: Trained) -> None:
    """Set by hand: AutoGluon finds one only where it helps. One above 1 would make its own rounding to floats show."""
    predictor = ensemble.model.predictor
    plain = ensemble.model.predict(ensemble.rows).columns["probabilities"]
    predictor.persist(models="best", max_memory=None)
    best: Any = predictor._trainer.load_model(predictor.model_best)
    best.temperature_scalar = 0.7
    try:
        assert not np.allclose(ensemble.model.predict(ensemble.rows).columns["probabilities"], plain, atol=1e-3)
        proved(ensemble)
    finally:
        best.temperature_scalar = None
        predictor.unpersist()


def test_what_has_no_compiled_form_is_named_and_served_by_a_worker(tmp_path: Path) -> None:
    trained = fitted_members(tmp_path, "KNN = {}")
    with pytest.raises(NotCompilable, match="KNN"):
        compile_table(trained.model, goal_of(trained.contract))
    served = served_form(trained.model, trained.contract, trained.rows)
    assert served.family == "autogluon"
    assert "it is served by a worker process" in served.verification["reason"]
    assert "predictor/predictor.pkl" in served.files
