"""What a replay sums up."""

from typing import Any

import pytest

from vaticina.client.replay_summary import Agreement, ReplaySummary, is_same
from vaticina.client.retries import retry_after


@pytest.mark.parametrize(
    ("truth", "answer", "same"),
    [
        ("new", "new", True),
        (" New", "new", True),
        ("new", "used", False),
        (1, 1, True),
        (1.0, "1", True),
        ("1", 1, True),
        (0, 1, False),
        (True, 1, True),
        ("ENFERMEDAD CRÓNICA", "ENFERMEDAD CRÓNICA", True),
        ("new", None, False),
    ],
)
def test_a_label_is_the_answer_whatever_its_type(truth: Any, answer: Any, same: bool) -> None:
    assert is_same(truth, answer) is same


def test_a_quantity_is_compared_by_its_distance() -> None:
    agreement = Agreement("price", is_number=True)
    for truth, answer in ((10, 12.0), ("20", 19.0), ("?", 1.0), (5, None)):
        agreement.note(truth, answer)
    assert agreement.as_dict() == {"label": "price", "compared": 2, "mean_absolute_error": 1.5}


def test_a_summary_without_answers_has_no_latencies() -> None:
    summary = ReplaySummary(3)
    summary.fail("timeout", "no answer in time")
    summary.fail("timeout", "again")
    assert summary.as_dict() == {
        "count": 3,
        "answered": 0,
        "failed": 2,
        "retries": 0,
        "seconds": 0.0,
        "per_second": 0.0,
        "latency_ms": {},
        "errors": {"timeout": {"count": 2, "example": "no answer in time"}},
        "agreement": None,
        "interrupted": False,
    }


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2.0), (" 0 ", 0.0), ("", None), ("soon", None), ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0), ("-1", None)],
)
def test_retry_after_is_read(header: str, seconds: float | None) -> None:
    assert retry_after(header) == seconds
