"""The measurements of `tfmodels benchmark serve`."""

import contextlib
import itertools
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from tfmodels.export import SessionRunner
from tfmodels.export.graph.rows import Rows
from tfmodels.serving import ServingError
from tfmodels.serving.client.address import read_address
from tfmodels.serving.client.channel import Channel, open_channel
from tfmodels.serving.client.load_generator import LoadResult, Send, closed_loop, open_loop
from tfmodels.serving.client.rest_channel import RestChannel
from tfmodels.serving.protocol.metrics import read_histogram

_TIMEOUT = 30.0  # seconds of a request
_RATE_SHARES = (0.5, 0.8, 1.2)  # default rates of the open loops, relative to the best closed loop
_WARM_UP_REQUESTS = 5
_ROUND = 50  # consecutive requests by one interface: the first one after a pause is slower
# Key of a row -> the server's histogram of that time.
_SERVER_HISTOGRAMS = {
    "server_ms": "request_latency",
    "model_ms": "runtime_latency",
    "queue_ms": "batching_session:queuing_latency",
}


class Plan(NamedTuple):
    """The loads to measure.

    Attributes:
        endpoint: Name of the endpoint.
        rows: Requests, used cyclically, each a batch of one row.
        clients: Number of clients of each closed loop.
        rates: Requests per second of each open loop; if empty, 0.5, 0.8 and 1.2 times the best closed loop.
        seconds: Duration of each loop.
    """

    endpoint: str
    rows: Sequence[Rows]
    clients: Sequence[int]
    rates: Sequence[float]
    seconds: float

    @property
    def loads(self) -> int:
        """Number of loops."""
        return len(self.clients) + len(self.rates or _RATE_SHARES)


async def sweep(
    server: str, url: str, metrics_url: str | None, plan: Plan, show: Callable[[dict[str, Any]], None]
) -> list[dict[str, Any]]:
    """Measures a server with closed loops, then with open loops.

    Args:
        server: Label of the server in the rows.
        url: URL of the model.
        metrics_url: REST URL of the same server, for its metrics; None if unknown.
        plan: The loads.
        show: Called with each row when it is measured.

    Returns:
        A row for each loop: `server`; `clients` or `offered_rate`; `requests_per_second`, successful ones; `p50_ms`,
        `p95_ms` and `p99_ms`, None if no request succeeded; `failures`, error name -> number; mean times inside the
        server, None if it does not report them: `server_ms` and `queue_ms` of a request and `model_ms` of a batch.

    Raises:
        ServingError: If all warm-up requests fail.
    """
    rows: list[dict[str, Any]] = []
    async with _opened(url) as channel, _metrics(metrics_url) as metrics:
        send = _sender(channel, plan)
        await _warm_up(send)

        async def measure(kind: dict[str, float], load: Coroutine[Any, Any, LoadResult]) -> None:
            before = await metrics()
            found = await load
            rows.append({"server": server, **kind, **_client_times(found), **_server_times(before, await metrics())})
            show(rows[-1])

        for clients in plan.clients:
            await measure({"clients": clients}, closed_loop(send, clients, plan.seconds))
        best = max(row["requests_per_second"] for row in rows)
        for rate in plan.rates or [share * best for share in _RATE_SHARES]:
            await measure({"offered_rate": rate}, open_loop(send, rate, plan.seconds))
    return rows


async def overhead(export: Path, urls: dict[str, str], plan: Plan) -> dict[str, dict[str, float]]:
    """Compares the interfaces of a server with a session in this process: one client, rounds of fifty requests each.

    Args:
        export: The served export.
        urls: Name of an interface -> URL of the model.
        plan: The rows, and the measuring time for each interface. Rows on which the session fails are left out.

    Returns:
        Name of an interface, or `session` -> `p50_ms` and `p99_ms`.

    Raises:
        ValueError: If the session fails on every row.
        ServingError: If a request fails.
    """
    async with contextlib.AsyncExitStack() as stack:
        session = stack.enter_context(SessionRunner(export))
        plan = plan._replace(rows=_valid_rows(session, plan))

        async def run(number: int) -> None:
            session.run(plan.endpoint, plan.rows[number % len(plan.rows)])

        senders: dict[str, Send] = {"session": run}
        for interface, url in urls.items():
            senders[interface] = _sender(await stack.enter_async_context(_opened(url)), plan)
        loads = {interface: LoadResult() for interface in senders}
        end = time.perf_counter() + len(senders) * plan.seconds
        for first in itertools.count(step=_ROUND):
            for interface, send in senders.items():
                for number in range(first, first + _ROUND):
                    start = time.perf_counter()
                    await send(number)
                    loads[interface].latencies.append(time.perf_counter() - start)
            if time.perf_counter() > end:
                break
    measured = {interface: LoadResult(load.latencies[_WARM_UP_REQUESTS:]) for interface, load in loads.items()}
    return {
        interface: {"p50_ms": 1e3 * load.quantile(0.5), "p99_ms": 1e3 * load.quantile(0.99)}
        for interface, load in measured.items()
    }


@contextlib.asynccontextmanager
async def _opened(url: str) -> AsyncGenerator[Channel]:
    channel = open_channel(read_address(url))
    try:
        yield channel
    finally:
        await channel.close()


@contextlib.asynccontextmanager
async def _metrics(url: str | None) -> AsyncGenerator[Callable[[], Awaitable[str]]]:
    """A function that reads the server's metrics; it returns an empty text where they are unavailable."""
    if url is None:
        yield _no_metrics
        return
    channel = RestChannel(read_address(url))

    async def read() -> str:
        try:
            return await channel.metrics(_TIMEOUT)
        except ServingError:
            return ""

    try:
        yield read
    finally:
        await channel.close()


async def _no_metrics() -> str:
    return ""


async def _warm_up(send: Send) -> None:
    errors = []
    for number in range(_WARM_UP_REQUESTS):
        try:
            await send(number)
        except ServingError as error:
            errors.append(error)
    if len(errors) == _WARM_UP_REQUESTS:
        raise errors[0]


def _valid_rows(session: SessionRunner, plan: Plan) -> list[Rows]:
    rows = []
    failure = "no rows"
    for row in plan.rows:
        try:
            session.run(plan.endpoint, row)
        except tf.errors.OpError as error:
            failure = error.message
        else:
            rows.append(row)
    if not rows:
        raise ValueError(f"Expected at least one row on which {plan.endpoint} succeeds. Received: {failure}")
    return rows


def _sender(channel: Channel, plan: Plan) -> Send:
    requests = [channel.request(plan.endpoint, row) for row in plan.rows]
    return lambda number: channel.send(requests[number % len(requests)], _TIMEOUT)


def _client_times(load: LoadResult) -> dict[str, Any]:
    quantiles = {f"p{percent}_ms": 1e3 * load.quantile(percent / 100) for percent in (50, 95, 99)}
    return {
        "requests_per_second": load.rate,
        **{name: None if math.isnan(value) else value for name, value in quantiles.items()},
        "failures": dict(load.failures),
    }


def _server_times(before: str, after: str) -> dict[str, float | None]:
    times = {}
    for name, histogram in _SERVER_HISTOGRAMS.items():
        (old_sum, old_count), (new_sum, new_count) = (read_histogram(text, histogram) for text in (before, after))
        times[name] = (new_sum - old_sum) / (new_count - old_count) / 1e3 if new_count > old_count else None
    return times
