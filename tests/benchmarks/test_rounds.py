import pytest

from benchmarks.rounds import CONNECTIONS, check_recorded


@pytest.mark.parametrize("surplus", [0, 1, CONNECTIONS + 1])
def test_rows_of_requests_in_flight_at_the_end_may_be_over(surplus: int) -> None:
    check_recorded("medico", 1000 + surplus, answers=1000)


@pytest.mark.parametrize("recorded", [999, 1000 + CONNECTIONS + 2])
def test_missing_or_surplus_rows_are_refused(recorded: int) -> None:
    with pytest.raises(SystemExit, match=f"{recorded} rows recorded for 1000 answers"):
        check_recorded("medico", recorded, answers=1000)
