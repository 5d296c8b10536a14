"""The plan of a replay: how many rows are sent, how fast, and how long answers may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """How a replay is done. The defaults are those of the documented client. Times are in seconds.

    ``delay`` is the range from which the pause before each request is drawn; ``timeout`` limits a request with all its
    retries; ``wait`` is the longest wait for the server to be ready. ``seed`` fixes the rows and the pauses.
    """

    count: int = 100
    delay: tuple[float, float] = (0.5, 3.0)
    timeout: float = 10.0
    concurrency: int = 100
    seed: int = 77
    wait: float = 60.0
    retries: int = 5
    label: str | None = None
    """The column of the true labels; None: the server's target, else the first column if it is no input."""
    once: bool = False
    """Whether each request has an Idempotency-Key, so that the server records a repeated request once."""
    keep_answers: bool = False
    """Whether the summary holds every answer, or only counts them."""
