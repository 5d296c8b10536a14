import numpy as np
import pytest

from tests.real_tables import TABLES, csv_file
from tests.tasks.samples import numbers
from vaticina.datasets.contract_inference import infer_contract
from vaticina.datasets.dataset import Dataset
from vaticina.tasks.table.leaks import LeakSuspect, find_suspects


def honest(rows: int = 600, **more: np.ndarray) -> Dataset:
    """Ten weak factors that share their information, an outcome that follows them with much noise; and ``more``."""
    random = np.random.default_rng(0)
    cause = random.normal(size=rows)
    factors = {f"factor {at}": cause + random.normal(size=rows) for at in range(10)}
    return numbers({**factors, **more}, outcome(rows), ("no", "yes"))


def outcome(rows: int = 600) -> np.ndarray:
    cause = np.random.default_rng(0).normal(size=rows)
    return (cause + np.random.default_rng(1).normal(size=rows) > 0).astype(np.int64)


def noisy(seed: int, rows: int = 600) -> np.ndarray:
    """What somebody wrote down after the outcome."""
    return outcome(rows) + np.random.default_rng(seed).normal(0, 0.25, rows)


def suspects(data: Dataset) -> list[tuple[str, ...]]:
    return [suspect.inputs for suspect in find_suspects(data)]


def suspects_of(name: str, target: str | None = None) -> list[tuple[str, ...]]:
    file, usual = TABLES[name]
    return suspects(infer_contract(csv_file(file), name, target or usual).dataset)


def test_honest_factors_are_not_suspected() -> None:
    assert suspects(honest()) == []


def test_what_was_written_down_after_the_outcome_is() -> None:
    assert suspects(honest(late=noisy(2))) == [("late",)]


@pytest.mark.parametrize("other", [2, 3])
def test_copies_of_a_leak_do_not_hide_each_other(other: int) -> None:
    found = suspects(honest(late=noisy(2), later=noisy(other)))
    assert {name for names in found for name in names} == {"late", "later"}


def test_a_leak_of_a_number_is_suspected() -> None:
    random = np.random.default_rng(0)
    a, b, noise, slip = random.normal(size=(4, 500))
    value = a + b + 2 * noise
    assert suspects(numbers({"a": a, "b": b, "paid": value + 0.2 * slip}, value)) == [("paid",)]


def test_an_hour_of_the_day_that_rules_all_is_not_suspected() -> None:
    hour = np.arange(2400) % 24
    noise = {f"noise {at}": column for at, column in enumerate(np.random.default_rng(0).normal(size=(4, 2400)))}
    slip = np.random.default_rng(1).normal(0, 2, 2400)
    even, uneven = hour.astype(np.float64), np.minimum(hour, 17.0)
    for clock, found in ((even, []), (uneven, [("clock",)])):
        sales = np.abs(clock - 9) + slip
        assert suspects(numbers({"clock": clock, **noise}, sales)) == found


def test_few_inputs_may_each_rule_the_target() -> None:
    a, b, c = np.random.default_rng(0).normal(size=(3, 500))
    assert suspects(numbers({"a": a, "b": b, "c": c}, a + b + c)) == []


def test_a_percentile_of_the_target_is_suspected_although_it_is_even() -> None:
    random = np.random.default_rng(0)
    a, noise = random.normal(size=(2, 1000))
    value = a + noise
    percentile = np.floor(value.argsort().argsort() / 10)
    assert suspects(numbers({"a": a, "percentile": percentile}, value)) == [("percentile",)]


def test_the_evidence_is_in_words_and_numbers() -> None:
    evidence = LeakSuspect(("duration",), "roc_auc", 0.8, 0.75, 0.95).evidence
    assert evidence.startswith("'duration' alone reaches ROC-AUC 0.800, all other inputs together 0.750")
    assert "80% of the remaining error goes away with it" in evidence
    assert "R² 0.500" in LeakSuspect(("a", "b"), "r2", 0.5, 0.4, 0.9).evidence


def test_one_input_alone_has_no_rival() -> None:
    assert suspects(numbers({"a": noisy(2)}, outcome(), ("no", "yes"))) == []


def test_progress_never_passes_its_end() -> None:
    steps: list[tuple[int, int]] = []
    find_suspects(honest(rows=200), lambda _, done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert all(done <= total for done, total in steps)


@pytest.mark.slow
def test_the_call_s_duration_is_suspected_and_nothing_else_in_bank_marketing() -> None:
    assert suspects_of("bank_marketing") == [("duration",)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adult", "heart_disease"])
def test_nothing_is_suspected_in_honest_tables(name: str) -> None:
    assert suspects_of(name) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target", "found"),
    [
        ("online_shoppers", None, [("PageValues",)]),
        ("ktas_triage", None, [("ktas_rn",)]),
        ("ktas_triage", "mistriage", [("error_group",)]),
        ("german_credit", None, []),
        ("diamonds", None, []),
        ("hydraulic", None, []),
        ("bike_sharing", None, []),
    ],
)
def test_what_is_said_of_other_tables(name: str, target: str | None, found: list[tuple[str, ...]]) -> None:
    assert suspects_of(name, target) == found
