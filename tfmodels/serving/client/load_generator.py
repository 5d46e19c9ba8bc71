"""A load generator for model servers: throughput, latencies and failures.

In a closed loop, each client sends its next request when it has the response to the last one: the server never gets
more requests than it can answer. In an open loop, requests are sent at a fixed rate, as from many independent users.
There the latency counts from the planned moment of sending, so it includes the wait behind earlier slow responses.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np

from tfmodels.serving.protocol.status import ServingError

# Sends the request of this number and waits for its response.
Send = Callable[[int], Awaitable[object]]


@dataclass
class LoadResult:
    """The result of a load test.

    Attributes:
        latencies: The latency of each successful request in seconds.
        failures: Error code -> number of requests that failed with it.
        seconds: The duration in seconds, up to the last response.
    """

    latencies: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """The throughput: successful requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """A quantile of the latencies.

        Args:
            share: From 0 to 1.

        Returns:
            The latency in seconds; NaN if no request succeeded.

        Example:
            `result.quantile(0.99)`
        """
        return float(np.quantile(self.latencies, share)) if self.latencies else float("nan")


async def closed_loop(send: Send, clients: int, seconds: float) -> LoadResult:
    """Sends requests from several clients, each as fast as it gets responses.

    Args:
        send: Sends a request. A `ServingError` counts as a failure.
        clients: The number of clients.
        seconds: How long to send requests.

    Returns:
        The result.

    Example:
        `asyncio.run(closed_loop(send, clients=16, seconds=5.0)).quantile(0.99)`
    """
    loop = asyncio.get_running_loop()
    result = LoadResult()
    start = loop.time()
    sent = 0

    async def client() -> None:
        nonlocal sent
        while (now := loop.time()) < start + seconds:
            sent += 1
            await _measure(send, sent - 1, now, result)

    await asyncio.gather(*(client() for _ in range(clients)))
    result.seconds = loop.time() - start
    return result


async def open_loop(send: Send, rate: float, seconds: float) -> LoadResult:
    """Sends requests at a fixed rate, without waiting for responses.

    Args:
        send: Sends a request with a time limit. A `ServingError` counts as a failure.
        rate: Requests per second.
        seconds: How long to send requests.

    Returns:
        The result. Each latency counts from the planned moment of sending.

    Example:
        `asyncio.run(open_loop(send, rate=200.0, seconds=5.0)).quantile(0.99)`
    """
    loop = asyncio.get_running_loop()
    result = LoadResult()
    start = loop.time()
    pending: set[asyncio.Task[None]] = set()
    for number in range(round(rate * seconds)):
        planned = start + number / rate
        await asyncio.sleep(planned - loop.time())  # returns at once if it is late
        request = asyncio.create_task(_measure(send, number, planned, result))
        pending.add(request)
        request.add_done_callback(pending.discard)
    await asyncio.gather(*pending)
    result.seconds = loop.time() - start
    return result


async def _measure(send: Send, number: int, since: float, result: LoadResult) -> None:
    try:
        await send(number)
    except ServingError as error:
        result.failures[error.code.name] += 1
    else:
        result.latencies.append(asyncio.get_running_loop().time() - since)
