"""The plan of a replay: how much is sent, how fast, and for how long one waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The defaults are those of the documented client. Times are in seconds.

    ``delay`` is the range from which the pause before each request is drawn; ``timeout`` bounds a request with all its
    retries; ``wait`` is the longest wait for the server to be ready. ``seed`` settles rows and pauses.
    """

    count: int = 100
    delay: tuple[float, float] = (0.5, 3.0)
    timeout: float = 10.0
    concurrency: int = 100
    seed: int = 77
    wait: float = 60.0
    retries: int = 5
    label: str | None = None
    """The column that holds the truth; None: the server's target, else the first column if it is no input."""
    once: bool = False
    """Whether each request carries an Idempotency-Key, so that one which is repeated is recorded once."""
    keep: bool = False
    """Whether the tally keeps every answer; else only what is counted."""
