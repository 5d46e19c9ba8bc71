"""Turns: who may load, or receive, at the same time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager


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
