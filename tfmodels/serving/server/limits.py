"""What a request may take: time, memory, rows."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc

from tfmodels.serving.protocol.status import ServingError

_MARGIN_SECONDS = 1.0  # the queue of the model notices first, and says more


@dataclass(frozen=True)
class Limits:
    """The limits of a development server.

    Args:
        rest_seconds: Time limit of a request over REST after its body has arrived, the real server's default; also of
            the arrival.
        call_seconds: Time limit of a call over gRPC; those without a deadline have this one.
        load_seconds: Time limit of loading and warming one version.
        most_rows: Maximum rows of a request that is not batched.
        most_bytes: Maximum size of one request, uncompressed.
        most_bytes_held: Maximum size of all requests that are held at the same time. Messages at work over gRPC count
            eight times, since so many copies are made of them; one of more than an eighth of it is alone.
        most_connections: Maximum connections to the REST interface.
        header_seconds: Within how many seconds of its first byte the header of a request must be complete.
        idle_seconds: How long a connection may be idle, and how long a response may take to be received.

    Raises:
        ValueError: If a value is not positive.
    """

    rest_seconds: float = 30.0
    call_seconds: float = 300.0
    load_seconds: float = 300.0
    most_rows: int = 512
    most_bytes: int = 2**24
    most_bytes_held: int = 2**28
    most_connections: int = 1000
    header_seconds: float = 10.0
    idle_seconds: float = 75.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"Expected a positive number. Received: {name}={value}")

    @property
    def most_arriving(self) -> int:
        """How many messages may arrive over gRPC at the same time: together they take half of what may be held."""
        return max(1, self.most_bytes_held // self.most_bytes // 2)


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncGenerator[float]:
    """Limits the time of the `with` block.

    Args:
        seconds: The limit.

    Yields:
        When the time is over, in the time of the event loop.

    Raises:
        ServingError: If the block takes longer.
    """
    end = asyncio.get_running_loop().time() + seconds
    try:
        async with asyncio.timeout_at(end + _MARGIN_SECONDS):
            yield end
    except TimeoutError:
        raise late(seconds) from None


def late(seconds: float) -> ServingError:
    """The error of a request that takes longer than its time limit in seconds."""
    message = f"Expected an answer within {seconds:.3g} s, the time limit of the request"
    return ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, message)
