"""Asking again: an aiohttp middleware for servers that are busy, starting, or gone for a moment."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aiohttp import ClientConnectionError, ClientHandlerType, ClientPayloadError, ClientRequest, ClientResponse

BUSY = frozenset({429, 503})
"""Statuses that say: not now. Nothing was predicted or recorded."""

FIRST_PAUSE = 0.1
"""Seconds before asking again when nobody said how long; doubled each time."""


class Patience:
    """Asks up to ``retries`` times more, as long as ``timeout`` seconds since the first time are not over.

    Retry-After is kept to; where it would lead beyond the time, the refusal is the answer.
    """

    def __init__(self, retries: int, timeout: float, note: Callable[[], None]) -> None:
        self._retries = retries
        self._timeout = timeout
        self._note = note

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """The response, whose body was read: a server that dies in the middle of it is asked again too."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._timeout
        for attempt in range(self._retries):
            pause = FIRST_PAUSE * 2**attempt
            try:
                response = await handler(request)
                await response.read()
                if response.status not in BUSY:
                    return response
                pause = retry_after(response.headers.get("Retry-After", "")) or pause
                if clock() + pause >= end:
                    return response
            except (ClientConnectionError, ClientPayloadError):
                if clock() + pause >= end:
                    raise
            self._note()
            await asyncio.sleep(pause)
        return await handler(request)


def retry_after(value: str) -> float | None:
    """Seconds that a Retry-After header asks to wait, given as seconds or as a date; None when it says nothing."""
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None
