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
    stream. While others wait, at most half of them may be slow: those beyond, which have been arriving longest, are
    given up.

    Args:
        most: How many.
        seconds: Time limit of each.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._most_slow = most // 2
        self._free = asyncio.Semaphore(most)
        self._since: dict[asyncio.Timeout, float] = {}  # of those that arrive, the oldest first
        self._waiting = 0
        self._clearing: asyncio.Task[None] | None = None

    async def receive(self, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """Waits for a turn, and then for a message.

        Args:
            read: Reads it, and may wait for what it needs.

        Returns:
            The message.

        Raises:
            ServingError: If it takes too long.
        """
        loop = asyncio.get_running_loop()
        start = None
        try:
            async with asyncio.timeout(self._seconds) as limit, self._turn():
                start = self._since[limit] = loop.time()
                limit.reschedule(start + self._seconds)
                try:
                    return await read()
                finally:
                    self._since.pop(limit, None)
        except TimeoutError:
            if start is None:
                text = "Expected fewer messages to arrive. Received: more than can be read; retry later"
                raise ServingError(grpc.StatusCode.UNAVAILABLE, text) from None
            seconds = loop.time() - start
        is_late = seconds >= self._seconds
        code = grpc.StatusCode.DEADLINE_EXCEEDED if is_late else grpc.StatusCode.UNAVAILABLE
        raise ServingError(code, f"Expected the message, and memory for it. Received: not both within {seconds:.3g} s")

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        self._waiting += 1
        if self._free.locked() and (self._clearing is None or self._clearing.done()):
            self._clearing = asyncio.create_task(self._clear())
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    async def _clear(self) -> None:
        """Gives up slow messages while others wait.

        However late the event loop is, those that have arrived are taken first: they wake their tasks before this one.
        """
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(_SLOW_SECONDS)
            now = loop.time()
            slow = [limit for limit, start in self._since.items() if now - start >= _SLOW_SECONDS]
            for limit in slow[: max(0, min(self._waiting, len(slow) - self._most_slow))]:
                del self._since[limit]
                limit.reschedule(now)
