"""How long work tells what it is doing."""

from collections.abc import Callable

Report = Callable[[str, float], None]
"""Called with the step at work and the share done, from 0 to 1."""


def no_report(step: str, share: float) -> None:
    """A report for callers that show no progress."""
