"""Retries: an aiohttp middleware for servers that are busy, starting, or unreachable for a moment."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aiohttp import ClientConnectionError, ClientHandlerType, ClientPayloadError, ClientRequest, ClientResponse

BUSY = frozenset({429, 503})
"""Statuses of a server that is too busy. Nothing was predicted or recorded."""

FIRST_PAUSE = 0.1
"""Seconds before the first retry when the server does not say how long; doubled each time."""


class RetryMiddleware:
    """Sends a request again, up to ``retries`` times and within ``timeout`` seconds of the first time.

    The pause is what Retry-After asks for; where it would be longer than the time left, the refusal is the answer.
    ``on_retry`` is called at each retry.
    """

    def __init__(self, retries: int, timeout: float, on_retry: Callable[[], None]) -> None:
        self._retries = retries
        self._timeout = timeout
        self._on_retry = on_retry

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """The response. Its body is read here, so that a server that dies in the middle of it is asked again too."""
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
            self._on_retry()
            await asyncio.sleep(pause)
        return await handler(request)


def retry_after(value: str) -> float | None:
    """Seconds that a Retry-After header asks to wait, written as seconds or as a date; None when it is neither."""
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
