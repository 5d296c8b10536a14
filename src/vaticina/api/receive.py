"""A message that is not there yet: waited for, but not for ever."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

from vaticina.errors import BodyTimeout

T = TypeVar("T")


class Rest(Generic[T]):
    """What is left to await of a coroutine whose first step, ``send(None)``, gave ``waited`` instead of ending it.

    Taking the first step by hand tells whether there is anything to wait for, so that only then a timer is set.
    """

    def __init__(self, begun: Coroutine[Any, Any, T], waited: Any) -> None:
        self._begun = begun
        self._waited = waited

    def __await__(self) -> Generator[Any, Any, T]:
        """Takes the other steps, and hands every wait, value and error through."""
        begun, waited = self._begun, self._waited
        try:
            while True:
                try:
                    value = yield waited
                except BaseException as error:
                    waited = begun.throw(error)
                else:
                    waited = begun.send(value)
        except StopIteration as end:
            result: T = end.value
            return result


def at_once(receiving: Coroutine[Any, Any, T]) -> T | Rest[T]:
    """What ``receiving`` gives, if it need not wait for it; else what is left of it to await."""
    try:
        return Rest(receiving, receiving.send(None))
    except StopIteration as finished:
        value: T = finished.value
        return value


async def by(end: float, rest: Rest[T]) -> T:
    """What ``rest`` gives. Raises BodyTimeout when the loop's clock passes ``end`` before."""
    try:
        async with asyncio.timeout_at(end):
            return await rest
    except TimeoutError:
        raise BodyTimeout("The body did not come whole in time; send it faster, or fewer rows at once.") from None
