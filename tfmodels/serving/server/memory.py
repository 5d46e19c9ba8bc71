"""The memory of requests, bounded in total."""

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager

import grpc

from tfmodels.serving.protocol.status import ServingError

# Of each request: the number of connections bounds their sum, and slow senders of large requests stop no small one.
FREE_BYTES = 2**16


class Memory:
    """The memory that the requests of a server may take. Called from one event loop.

    Args:
        most_bytes: How much all requests may hold at the same time, each without its first 64 KiB.
        most_waiting: How many may wait for it; the others are refused.

    Example:
        ```python
        with memory.request() as held:
            held.add(len(chunk))
        ```
    """

    def __init__(self, most_bytes: int, most_waiting: int = 0) -> None:
        self._most = self._left = most_bytes
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextmanager
    def request(self) -> Generator["Held"]:
        """Gives back what a request holds at the end of the `with` block."""
        held = Held(self)
        try:
            yield held
        finally:
            self._give_back(held.counted)

    def take(self, size: int) -> None:
        """Takes memory.

        Args:
            size: How many bytes.

        Raises:
            ServingError: If there is too little.
        """
        if size > self._left:
            raise self._full(size)
        self._left -= size

    async def wait(self, size: int) -> int:
        """Takes memory as soon as there is enough, in the order of the calls.

        Args:
            size: How many bytes; more than there are in all count as all, so that the request is alone.

        Returns:
            How many were taken.

        Raises:
            ServingError: If too many wait.
        """
        size = min(size, self._most)
        if size <= self._left and not self._waiting:
            self._left -= size
            return size
        if len(self._waiting) >= self._most_waiting:
            raise self._full(size)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove((size, turn))
                size = 0
            self._give_back(size)  # to those behind it, if its turn had come just now
            raise
        return size

    def _give_back(self, size: int) -> None:
        self._left += size
        while self._waiting and self._waiting[0][0] <= self._left and not self._waiting[0][1].done():
            size, turn = self._waiting.popleft()
            self._left -= size
            turn.set_result(None)

    def _full(self, size: int) -> ServingError:
        message = f"The requests at work leave {self._left} bytes. Received: a request of {size} more; retry later"
        return ServingError(grpc.StatusCode.UNAVAILABLE, message)


class Held:
    """What one request holds.

    Args:
        memory: Where it is taken from.

    Attributes:
        counted: The bytes that were taken.
    """

    def __init__(self, memory: Memory) -> None:
        self.counted = 0
        self._memory = memory
        self._total = 0

    def add(self, size: int) -> None:
        """Takes memory before it is used.

        Args:
            size: How many bytes.

        Raises:
            ServingError: If all requests together hold too much.
        """
        more = max(0, self._total + size - FREE_BYTES) - self.counted
        self._memory.take(more)
        self._total += size
        self.counted += more

    async def wait(self, size: int) -> None:
        """Takes the first memory of a request as soon as there is enough.

        Args:
            size: How many bytes.

        Raises:
            ServingError: If too many requests wait.
        """
        self.counted = await self._memory.wait(max(0, size - FREE_BYTES))
        self._total = self.counted + FREE_BYTES
