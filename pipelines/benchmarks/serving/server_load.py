"""What `tfmodels benchmark serve` measures on a server."""

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
_SHARES = (0.5, 0.8, 1.2)  # of the best rate of the closed loops: what the open loops send
_UNMEASURED = 5  # requests at first
_ROUND = 50  # requests by one way before the next has its turn: as many share what a first one after a pause pays
# What a row tells of a request's mean time inside the server -> the server's histogram of it.
_INSIDE = {
    "server_ms": "request_latency",
    "model_ms": "runtime_latency",
    "queue_ms": "batching_session:queuing_latency",
}


class Plan(NamedTuple):
    """What to measure.

    Attributes:
        endpoint: The endpoint that is asked.
        rows: What it is asked in turn, each a batch of one.
        clients: For each closed loop, how many ask at once.
        rates: For each open loop, its requests per second; if empty, 0.5, 0.8 and 1.2 of the closed loops' best.
        seconds: How long each loop sends.
    """

    endpoint: str
    rows: Sequence[Rows]
    clients: Sequence[int]
    rates: Sequence[float]
    seconds: float

    @property
    def loads(self) -> int:
        """How many loops there are."""
        return len(self.clients) + len(self.rates or _SHARES)


async def sweep(
    server: str, url: str, metrics_url: str | None, plan: Plan, show: Callable[[dict[str, Any]], None]
) -> list[dict[str, Any]]:
    """Loads a server by closed loops, then by open ones.

    Args:
        server: What the rows call it.
        url: The model that is asked.
        metrics_url: The same by REST, where the server tells its metrics; None if that is not known.
        plan: What to measure.
        show: Called with each row as soon as it is measured.

    Returns:
        A row for each loop: `server`; `clients` or `offered_rate`; `requests_per_second`, answered ones; `p50_ms`,
        `p95_ms` and `p99_ms`, None without any answer; `failures`, name -> number; the mean times inside the server
        `server_ms` and `queue_ms` of a request and `model_ms` of a batch, None where it does not tell.

    Raises:
        ServingError: If none of the first requests is answered.
    """
    rows: list[dict[str, Any]] = []
    async with _opened(url) as channel, _metrics(metrics_url) as metrics:
        ask = _asking(channel, plan)
        await _warm_up(ask)

        async def measure(kind: dict[str, float], load: Coroutine[Any, Any, LoadResult]) -> None:
            before = await metrics()
            found = await load
            rows.append({"server": server, **kind, **_times(found), **_times_inside(before, await metrics())})
            show(rows[-1])

        for clients in plan.clients:
            await measure({"clients": clients}, closed_loop(ask, clients, plan.seconds))
        best = max(row["requests_per_second"] for row in rows)
        for rate in plan.rates or [share * best for share in _SHARES]:
            await measure({"offered_rate": rate}, open_loop(ask, rate, plan.seconds))
    return rows


async def overhead(export: Path, urls: dict[str, str], plan: Plan) -> dict[str, dict[str, float]]:
    """Compares a server with the bare session that it runs: one client, the ways in turn, fifty requests by each.

    Args:
        export: What is served.
        urls: What a way to the server is called -> URL of the model.
        plan: What to ask, and for how long each way.

    Returns:
        Way -> `p50_ms` and `p99_ms`; `session` is the bare one.

    Raises:
        ValueError: If the session fails on every row; those on which it does are not asked.
        ServingError: If a request is not answered.
    """
    async with contextlib.AsyncExitStack() as stack:
        session = stack.enter_context(SessionRunner(export))
        plan = plan._replace(rows=_answered(session, plan))

        async def run(number: int) -> None:
            session.run(plan.endpoint, plan.rows[number % len(plan.rows)])

        asks: dict[str, Send] = {"session": run}
        for way, url in urls.items():
            asks[way] = _asking(await stack.enter_async_context(_opened(url)), plan)
        loads = {way: LoadResult() for way in asks}
        end = time.perf_counter() + len(asks) * plan.seconds
        for first in itertools.count(step=_ROUND):
            for way, ask in asks.items():
                for number in range(first, first + _ROUND):
                    start = time.perf_counter()
                    await ask(number)
                    loads[way].latencies.append(time.perf_counter() - start)
            if time.perf_counter() > end:
                break
    measured = {way: LoadResult(load.latencies[_UNMEASURED:]) for way, load in loads.items()}
    return {
        way: {"p50_ms": 1e3 * load.quantile(0.5), "p99_ms": 1e3 * load.quantile(0.99)} for way, load in measured.items()
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
    """What reads the server's metrics; nothing if they are not known, or not told."""
    if url is None:
        yield _nothing
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


async def _nothing() -> str:
    return ""


async def _warm_up(ask: Send) -> None:
    errors = []
    for number in range(_UNMEASURED):
        try:
            await ask(number)
        except ServingError as error:
            errors.append(error)
    if len(errors) == _UNMEASURED:
        raise errors[0]


def _answered(session: SessionRunner, plan: Plan) -> list[Rows]:
    rows = []
    problem = "no rows"
    for row in plan.rows:
        try:
            session.run(plan.endpoint, row)
        except tf.errors.OpError as error:
            problem = error.message
        else:
            rows.append(row)
    if not rows:
        raise ValueError(f"Expected at least one row that {plan.endpoint} answers. Received: {problem}")
    return rows


def _asking(channel: Channel, plan: Plan) -> Send:
    requests = [channel.request(plan.endpoint, row) for row in plan.rows]
    return lambda number: channel.send(requests[number % len(requests)], _TIMEOUT)


def _times(load: LoadResult) -> dict[str, Any]:
    quantiles = {f"p{percent}_ms": 1e3 * load.quantile(percent / 100) for percent in (50, 95, 99)}
    return {
        "requests_per_second": load.rate,
        **{name: None if math.isnan(value) else value for name, value in quantiles.items()},
        "failures": dict(load.failures),
    }


def _times_inside(before: str, after: str) -> dict[str, float | None]:
    times = {}
    for name, histogram in _INSIDE.items():
        (old_sum, old_count), (new_sum, new_count) = (read_histogram(text, histogram) for text in (before, after))
        times[name] = (new_sum - old_sum) / (new_count - old_count) / 1e3 if new_count > old_count else None
    return times
