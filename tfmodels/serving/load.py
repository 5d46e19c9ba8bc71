"""Load on a server, and what became of its requests.

In a closed loop each of several clients sends its next request when it has the answer to its last: the server is never
asked faster than it answers. In an open loop the requests come at a fixed rate, whatever the answers do, as from many
independent users. There a request's time counts from the moment at which it was to be sent, so that the wait which one
slow answer causes to all that come behind it is not left out.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np

from tfmodels.serving.status import ServingError

# Sends the request of this number and waits for its answer.
Ask = Callable[[int], Awaitable[object]]


@dataclass
class Load:
    """What became of the requests of a load.

    Attributes:
        latencies: Seconds that each answered request took.
        failures: Name of the error -> how many requests ended with it.
        seconds: How long it took, up to the last answer.
    """

    latencies: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answered requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """The time within which a share of the answered requests was answered.

        Args:
            share: From 0 to 1.

        Returns:
            Seconds; NaN if none was answered.

        Example:
            `load.quantile(0.99)`
        """
        return float(np.quantile(self.latencies, share)) if self.latencies else float("nan")


async def closed_loop(ask: Ask, clients: int, seconds: float) -> Load:
    """Lets clients ask, each as fast as it is answered.

    Args:
        ask: What sends a request. A `ServingError` is counted as a failure.
        clients: How many ask at the same time.
        seconds: How long requests are sent.

    Returns:
        What became of them.

    Example:
        `asyncio.run(closed_loop(ask, clients=16, seconds=5.0)).quantile(0.99)`
    """
    loop = asyncio.get_running_loop()
    load = Load()
    start = loop.time()
    sent = 0

    async def client() -> None:
        nonlocal sent
        while (now := loop.time()) < start + seconds:
            sent += 1
            await _asked(ask, sent - 1, now, load)

    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds = loop.time() - start
    return load


async def open_loop(ask: Ask, rate: float, seconds: float) -> Load:
    """Sends requests at a fixed rate, whether or not they are answered.

    Args:
        ask: What sends a request and gives up in time; what it raises as `ServingError` is counted as a failure.
        rate: Requests per second.
        seconds: How long requests are sent.

    Returns:
        What became of them. Each latency counts from the planned moment.

    Example:
        `asyncio.run(open_loop(ask, rate=200.0, seconds=5.0)).quantile(0.99)`
    """
    loop = asyncio.get_running_loop()
    load = Load()
    start = loop.time()
    under_way: set[asyncio.Task[None]] = set()
    for number in range(round(rate * seconds)):
        planned = start + number / rate
        await asyncio.sleep(planned - loop.time())  # at once, if it is late
        request = asyncio.create_task(_asked(ask, number, planned, load))
        under_way.add(request)
        request.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    load.seconds = loop.time() - start
    return load


async def _asked(ask: Ask, number: int, since: float, load: Load) -> None:
    try:
        await ask(number)
    except ServingError as error:
        load.failures[error.code.name] += 1
    else:
        load.latencies.append(asyncio.get_running_loop().time() - since)
