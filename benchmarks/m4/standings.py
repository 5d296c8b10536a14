"""The table: who told the series best, and whether the bars are cleared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks import report
from benchmarks.m4.competition import PUBLISHED, Frequency, Score
from benchmarks.m4.methods import DEFAULT, Told

MLP = "MLP(M4 recipe)"

BARS: Mapping[str, Sequence[str]] = {"hourly": ("sNaive", "Naive2", MLP), "weekly": ("Naive", MLP)}
"""Methods that the default must beat in both measures, on the same series."""

COVERAGE, SLACK = 0.90, 0.03


@dataclass(frozen=True, slots=True)
class Standing:
    """A method's means over the series of a frequency; ``covered`` is the share of steps its interval held."""

    frequency: str
    method: str
    smape: float
    mase: float
    covered: float | None


def standings(
    frequency: Frequency, references: Mapping[str, Mapping[str, Score]], answers: Sequence[Told]
) -> list[Standing]:
    """Our methods and the competition's benchmarks, on the series that were told."""
    names = {answer.series for answer in answers}
    own = [
        _standing(frequency, method, [one.score for one in answers if one.method == method], _covered(answers, method))
        for method in dict.fromkeys(answer.method for answer in answers)
    ]
    theirs = [
        _standing(frequency, method, [score for name, score in scores.items() if name in names], None)
        for method, scores in references.items()
    ]
    return own + theirs


def _covered(answers: Iterable[Told], method: str) -> float:
    return fmean(one.covered for one in answers if one.method == method)


def _standing(frequency: Frequency, method: str, scores: Sequence[Score], covered: float | None) -> Standing:
    smape, mase = fmean(one.smape for one in scores), fmean(one.mase for one in scores)
    return Standing(frequency.name, method, smape, mase, covered)


def table(frequency: Frequency, found: Sequence[Standing], count: int) -> str:
    """The figures of a frequency as Markdown, the best MASE first."""
    here = [(one.mase, _row(one.method, f"the same {count}", one.smape, one.mase, one.covered)) for one in found]
    published = [
        (mase, _row(method, "all, as published", smape, mase, None))
        for method, (smape, mase) in PUBLISHED[frequency.name].items()
    ]
    rows = [row for _, row in sorted([*here, *published], key=lambda pair: pair[0])]
    what = f"{frequency.name}, {frequency.horizon} steps ahead"
    return report.table((what, "series", "sMAPE %", "MASE", "held by the 90 % interval"), rows)


def _row(method: str, series: str, smape: float, mase: float, covered: float | None) -> tuple[str, ...]:
    name = f"**{method}**" if method == DEFAULT else method
    return name, series, f"{smape:.3f}", f"{mase:.3f}", "–" if covered is None else f"{covered:.1%}"


def missed(found: Sequence[Standing]) -> list[str]:
    """The bars that the default does not clear, in words."""
    by_name = {(one.frequency, one.method): one for one in found}
    told = []
    for frequency, rivals in BARS.items():
        own = by_name[frequency, DEFAULT]
        told += [
            f"{frequency}: {own.smape:.3f} / {own.mase:.3f} is not below {rival.method}'s"
            for rival in (by_name[frequency, name] for name in rivals)
            if own.smape >= rival.smape or own.mase >= rival.mase
        ]
        if own.covered is not None and abs(own.covered - COVERAGE) > SLACK:
            told.append(f"{frequency}: the interval holds {own.covered:.1%}")
    return told
