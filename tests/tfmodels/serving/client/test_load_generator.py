import asyncio
import selectors

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running_server import running

from tfmodels.serving import ServingError
from tfmodels.serving.client import load_generator
from tfmodels.serving.client.address import read_address
from tfmodels.serving.client.channel import open_channel


class OneWorker:
    """A server with one worker, in simulated time: the clock advances when everybody waits."""

    def __init__(self, seconds, fails=lambda number: False):
        self._lock = asyncio.Lock()
        self._seconds = seconds
        self._fails = fails
        self.sent = []
        self.most_waiting = self._waiting = 0

    async def send(self, number):
        self.sent.append(number)
        self._waiting += 1
        self.most_waiting = max(self.most_waiting, self._waiting)
        async with self._lock:
            await asyncio.sleep(self._seconds)
        self._waiting -= 1
        if self._fails(number):
            raise ServingError(grpc.StatusCode.UNAVAILABLE, "full")


class Skip(selectors.DefaultSelector):
    """Does not wait for timers, but advances a clock to the next one."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop in simulated time, where only sleeping takes time."""

    def __init__(self):
        self.clock = Skip()
        super().__init__(self.clock)

    def time(self):
        return self.clock.now


def run(coroutine):
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        return runner.run(coroutine)


def test_a_closed_loop_waits_for_responses():
    server = OneWorker(0.01)
    result = run(load_generator.closed_loop(server.send, clients=4, seconds=1.0))
    assert server.sent == list(range(len(server.sent)))
    assert len(result.latencies) == len(server.sent) == pytest.approx(104, abs=1)  # 100, and those that wait at the end
    assert server.most_waiting == 4
    assert result.rate == pytest.approx(100)
    assert result.quantile(0.5) == pytest.approx(0.04)  # each waits for the three before it


def test_an_open_loop_does_not_wait_for_responses():
    server = OneWorker(0.01)
    result = run(load_generator.open_loop(server.send, rate=50.0, seconds=1.0))
    assert len(result.latencies) == 50
    assert server.most_waiting == 1
    assert result.quantile(1.0) == pytest.approx(0.01)


def test_the_latency_of_an_open_loop_counts_the_queue():
    server = OneWorker(0.02)  # 50 per second, at a rate of 100
    result = run(load_generator.open_loop(server.send, rate=100.0, seconds=1.0))
    assert len(result.latencies) == 100
    assert sorted(result.latencies) == pytest.approx([0.02 + 0.01 * number for number in range(100)])
    assert result.seconds == pytest.approx(2.0)


def test_a_pause_counts_in_the_latency_of_all_later_requests():
    """A closed loop would not measure this."""

    async def send(number):
        if number == 10:
            asyncio.get_running_loop().clock.now += 1.0  # the machine pauses

    result = run(load_generator.open_loop(send, rate=100.0, seconds=2.0))
    assert len(result.latencies) == 200
    expected = [0.0] * 100 + [number / 100 for number in range(1, 101)]
    assert sorted(result.latencies) == pytest.approx(expected, abs=1e-6)


def test_failures_are_counted_and_have_no_latency():
    server = OneWorker(0.001, fails=lambda number: number % 4 == 0)
    result = run(load_generator.open_loop(server.send, rate=100.0, seconds=0.4))
    assert result.failures == {"UNAVAILABLE": 10}
    assert len(result.latencies) == 30
    closed = run(load_generator.closed_loop(OneWorker(0.001, fails=lambda number: True).send, clients=2, seconds=0.01))
    assert closed.failures.total() >= 10
    assert closed.latencies == []
    assert np.isnan(closed.quantile(0.5))
    assert closed.rate == 0


def test_other_errors_are_raised():
    async def send(number):
        raise KeyError(number)

    for measure in (load_generator.closed_loop(send, 1, 0.1), load_generator.open_loop(send, 10.0, 0.1)):
        with pytest.raises(KeyError):
            run(measure)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50), st.sampled_from([0.5, 0.95, 0.99]))
def test_quantiles_are_interpolated(latencies, share):
    result = load_generator.LoadResult(latencies)
    ranked = sorted(latencies)
    place = share * (len(ranked) - 1)
    below, above = ranked[int(place)], ranked[min(int(place) + 1, len(ranked) - 1)]
    assert result.quantile(share) == pytest.approx(below + (above - below) * (place - int(place)))


@pytest.mark.parametrize("interface", ["rest", "grpc"])
def test_load_on_a_server(models_folder, interface):
    async def measure(url):
        channel = open_channel(read_address(url, "numbers"))
        good = channel.request("roots", {"x": np.float32([4.0])})
        bad = channel.request("roots", {"x": np.float32([-1.0])})
        closed = await load_generator.closed_loop(
            lambda number: channel.send(bad if number % 2 else good, 30.0), clients=3, seconds=0.3
        )
        opened = await load_generator.open_loop(lambda number: channel.send(good, 30.0), rate=40.0, seconds=0.5)
        await channel.close()
        return closed, opened

    with running(models_folder) as server:
        closed, opened = asyncio.run(measure(server.rest if interface == "rest" else f"grpc://{server.grpc}"))
    sent = len(closed.latencies) + closed.failures.total()
    assert closed.failures.total() == sent // 2 and closed.failures.keys() <= {"INVALID_ARGUMENT"}
    assert sent >= 3  # one of each client, however slow
    assert len(opened.latencies) == 20
