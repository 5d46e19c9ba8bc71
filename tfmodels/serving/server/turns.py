"""Turns: who may load, or receive a message, at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import ExitStack, asynccontextmanager

import grpc

from tfmodels.serving.protocol.status import ServingError

_MOST = 16  # messages that arrive at the same time, without the slow ones
_MOST_SLOW = 8
_SLOW_SECONDS = 0.25


class Turns:
    """Lets few go on at the same time; those that take long make room, so that nobody waits for one that hangs.

    Args:
        most: How many, without the slow ones.
        slow_seconds: After which time one no longer counts.

    Example:
        ```python
        async with Turns(2, 10.0).turn():
            await load()
        ```
    """

    def __init__(self, most: int, slow_seconds: float) -> None:
        self._free = asyncio.Semaphore(most)
        self._slow_seconds = slow_seconds

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Waits for a turn, and gives it back at the end of the `with` block, or before if it takes long."""
        await self._free.acquire()
        place = ExitStack()
        place.callback(self._free.release)
        slow = asyncio.get_running_loop().call_later(self._slow_seconds, place.close)
        try:
            yield
        finally:
            slow.cancel()
            place.close()  # once only


class Arrivals:
    """Receives few messages of gRPC at the same time: nothing tells how much of one is there, only if all of it is.

    Slow ones do not hold up others. When there are too many of them, the one that has been arriving longest is given
    up.

    Args:
        seconds: Time limit of each.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._turns = Turns(_MOST, _SLOW_SECONDS)
        self._slow: dict[asyncio.Timeout, None] = {}

    async def receive(self, message: Awaitable[bytes]) -> bytes:
        """Waits for a message.

        Args:
            message: Gives it.

        Returns:
            The message.

        Raises:
            ServingError: If it takes too long.
        """
        loop = asyncio.get_running_loop()
        async with self._turns.turn():
            start = loop.time()
            try:
                async with asyncio.timeout(self._seconds) as limit:
                    slow = loop.call_later(_SLOW_SECONDS, self._slow_down, limit)
                    try:
                        return await message
                    finally:
                        slow.cancel()
                        self._slow.pop(limit, None)
            except TimeoutError:
                seconds = loop.time() - start
        is_late = seconds >= self._seconds
        code = grpc.StatusCode.DEADLINE_EXCEEDED if is_late else grpc.StatusCode.UNAVAILABLE
        raise ServingError(code, f"Expected the message to arrive. Received: a part of it within {seconds:.3g} s")

    def _slow_down(self, limit: asyncio.Timeout) -> None:
        self._slow[limit] = None
        if len(self._slow) > _MOST_SLOW:
            oldest = next(iter(self._slow))
            del self._slow[oldest]
            oldest.reschedule(asyncio.get_running_loop().time())
