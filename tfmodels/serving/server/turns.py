"""Turns: who may load, or receive a message, at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager

import grpc

from tfmodels.serving.protocol.status import ServingError

_SLOW_SECONDS = 0.1  # of a message


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

    Each may be as large as any. Until a message is read, the library takes no more of it than the small window of its
    stream. Slow ones do not hold up others. When there are too many of them, the one that has been arriving longest is
    given up.

    Args:
        most: How many, and how many slow ones beside them.
        seconds: Time limit of each.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._turns = Turns(most, _SLOW_SECONDS)
        self._slow: dict[asyncio.Timeout, None] = {}

    async def receive(self, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """Waits for a turn, and then for a message.

        Args:
            read: Reads it.

        Returns:
            The message.

        Raises:
            ServingError: If it takes too long.
        """
        loop = asyncio.get_running_loop()
        start = None
        try:
            async with asyncio.timeout(self._seconds) as limit, self._turns.turn():
                start = loop.time()
                limit.reschedule(start + self._seconds)
                slow = loop.call_later(_SLOW_SECONDS, self._slow_down, limit)
                try:
                    return await read()
                finally:
                    slow.cancel()
                    self._slow.pop(limit, None)
        except TimeoutError:
            if start is None:
                text = "Expected fewer messages to arrive. Received: more than can be read; retry later"
                raise ServingError(grpc.StatusCode.UNAVAILABLE, text) from None
            seconds = loop.time() - start
        is_late = seconds >= self._seconds
        code = grpc.StatusCode.DEADLINE_EXCEEDED if is_late else grpc.StatusCode.UNAVAILABLE
        raise ServingError(code, f"Expected the message to arrive. Received: a part of it within {seconds:.3g} s")

    def _slow_down(self, limit: asyncio.Timeout) -> None:
        self._slow[limit] = None
        if len(self._slow) > self._most:
            oldest = next(iter(self._slow))
            del self._slow[oldest]
            oldest.reschedule(asyncio.get_running_loop().time())
