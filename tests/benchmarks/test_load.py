import pytest

from benchmarks.load import parse

OUTPUT = """Running 10s test @ http://127.0.0.1:8000/predict
  1 threads and 64 connections
RESULT rps=19124.3 p50_ms=2.813 p99_ms=20.940 max_ms=48.2 non2xx=2 sockerr=3 n=191452
"""


def test_the_result_line_is_read() -> None:
    load = parse(OUTPUT)
    assert (load.rate, load.p50, load.p99, load.longest) == (19124.3, 2.813, 20.94, 48.2)
    assert load.answers == 191_452


def test_bad_answers_and_broken_connections_both_fail() -> None:
    assert parse(OUTPUT).failures == 5


def test_output_without_a_result_is_refused() -> None:
    with pytest.raises(SystemExit, match="unable to connect"):
        parse("unable to connect to 127.0.0.1:1")


def test_a_run_without_any_answer_is_refused() -> None:
    with pytest.raises(SystemExit, match="measured nothing"):
        parse("RESULT rps=0.0 p50_ms=0.000 p99_ms=0.000 max_ms=0.0 non2xx=0 sockerr=0 n=0")
