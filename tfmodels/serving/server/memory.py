"""The memory of requests, bounded in total."""

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

    Example:
        ```python
        with memory.request() as held:
            held.add(len(chunk))
        ```
    """

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    @contextmanager
    def request(self) -> Generator["Held"]:
        """Gives back what a request holds at the end of the `with` block."""
        held = Held(self)
        try:
            yield held
        finally:
            self._left += held.counted

    def take(self, size: int) -> None:
        """Takes memory.

        Args:
            size: How many bytes.

        Raises:
            ServingError: If there is too little.
        """
        if size > self._left:
            message = f"The requests at work leave {self._left} bytes. Received: a request of {size} more; retry later"
            raise ServingError(grpc.StatusCode.UNAVAILABLE, message)
        self._left -= size


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
