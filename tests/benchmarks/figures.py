"""Samples and summaries with given figures."""

from benchmarks.machine import Calibration
from benchmarks.rounds import Sample
from benchmarks.summary import Summary


def sample(name: str, rate: float = 100.0, p99: float = 10.0) -> Sample:
    """One round's figures; what is not given is arbitrary, and different in every field."""
    return Sample(name, rate, 5.0, p99, 1.0, 2.0, 50.0, 1000, None, (Calibration(10.0, 10.0), Calibration(11.0, 10.0)))


def summary(name: str, rate: float = 100.0, p99: float = 10.0, memory: float = 50.0) -> Summary:
    """One contender's medians; what is not given is arbitrary, and different in every field."""
    return Summary(name, 3, rate, 5.0, p99, 1.0, 2.0, memory, 0.1)
