import pytest

from vaticina.contract.contract import Model
from vaticina.errors import ProjectError
from vaticina.tasks.table.estimator import make_estimator

SVC = "sklearn.svm.SVC"


def test_parameters_win_over_what_is_chosen_here() -> None:
    model = Model(estimator=SVC, calibrated=True)
    chosen = make_estimator(model, {}, 3, has_classes=True)
    assert (chosen.random_state, chosen.decision_function_shape) == (3, "ovo")
    given = make_estimator(model, {"random_state": 1, "decision_function_shape": "ovr"}, 3, has_classes=True)
    assert (given.random_state, given.decision_function_shape) == (1, "ovr")


@pytest.mark.parametrize("name", ["sklearn.svm.NuSVC", "sklearn.linear_model.Perceptron", SVC])
def test_probabilities_are_asked_of_the_calibration(name: str) -> None:
    with pytest.raises(ProjectError, match=rf"'{name}' gives no probabilities.* set \[model\] calibrated = true"):
        make_estimator(Model(estimator=name), {}, 0, has_classes=True)
    assert make_estimator(Model(estimator=name, calibrated=True), {}, 0, has_classes=True) is not None


@pytest.mark.parametrize("name", ["os.path", "sklearn.svm.SVQ", "sklearn.nowhere.SVC", "SVC"])
def test_what_is_no_estimator_is_named(name: str) -> None:
    with pytest.raises(ProjectError, match=rf"\[model\] estimator = '{name}' (must be|cannot be made)"):
        make_estimator(Model(estimator=name), {}, 0, has_classes=True)


def test_a_parameter_that_it_does_not_take_is_named() -> None:
    with pytest.raises(ProjectError, match=r"'sklearn\.svm\.SVC' cannot be made: .*'deep'"):
        make_estimator(Model(estimator=SVC), {"deep": 3}, 0, has_classes=True)
