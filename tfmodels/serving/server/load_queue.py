"""Which models load at the same time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

_MOST = 2
_SLOW_SECONDS = 10.0


class LoadQueue:
    """Lets few models load at the same time; those that take long make room, so that none waits for one that hangs.

    Example:
        ```python
        async with queue.turn():
            await load()
        ```
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_MOST)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Waits for a turn, and gives it back at the end of the `with` block, or before if it takes long."""
        await self._free.acquire()
        place = ExitStack()
        place.callback(self._free.release)
        slow = asyncio.get_running_loop().call_later(_SLOW_SECONDS, place.close)
        try:
            yield
        finally:
            slow.cancel()
            place.close()  # once only
