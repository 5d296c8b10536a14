"""Assertions with messages, for the contract suites."""

from collections.abc import Iterator
from contextlib import contextmanager

from vaticina.errors import VaticinaError


def expect(holds: bool, what: str) -> None:
    """Raises AssertionError unless ``what`` holds."""
    if not holds:
        raise AssertionError(f"It should hold that {what}.")


@contextmanager
def refused(kind: type[VaticinaError], *words: str) -> Iterator[None]:
    """Raises AssertionError unless the block raises exactly ``kind``, in one line, with ``words`` in the message."""
    try:
        yield
    except VaticinaError as error:
        expect(type(error) is kind, f"{error!r} is a {kind.__name__}")
        expect("\n" not in error.message, f"{error.message!r} is one line")
        for word in words:
            expect(word in error.message, f"{word!r} stands in {error.message!r}")
        return
    raise AssertionError(f"Nothing was refused; a {kind.__name__} should have been raised.")
