"""Time limits of requests."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import grpc

from tfmodels.serving.protocol.status import ServingError

_MARGIN_SECONDS = 1.0  # the queue of the model notices first, and says more


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
