"""The rounds of one contender, put together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from benchmarks.rounds import Sample


@dataclass(frozen=True)
class Summary:
    """Medians over the rounds, in the units of `Sample`; `spread` is how far the rates lay apart, as a part of 1."""

    name: str
    rounds: int
    rate: float
    p50: float
    p99: float
    alone_p50: float
    startup: float
    memory: float
    spread: float


def summarise(samples: Iterable[Sample]) -> dict[str, Summary]:
    """One summary per contender, in the order in which they were first measured."""
    by_name: dict[str, list[Sample]] = {}
    for sample in samples:
        by_name.setdefault(sample.name, []).append(sample)
    return {name: _summary(name, rounds) for name, rounds in by_name.items()}


def _summary(name: str, rounds: list[Sample]) -> Summary:
    def middle(figure: Callable[[Sample], float]) -> float:
        return median(map(figure, rounds))

    rates = [sample.rate for sample in rounds]
    return Summary(
        name,
        len(rounds),
        median(rates),
        middle(lambda sample: sample.p50),
        middle(lambda sample: sample.p99),
        middle(lambda sample: sample.alone_p50),
        middle(lambda sample: sample.startup),
        middle(lambda sample: sample.memory),
        (max(rates) - min(rates)) / median(rates),
    )
