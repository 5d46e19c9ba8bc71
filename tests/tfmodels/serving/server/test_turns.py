import asyncio
import time

import grpc
import pytest

from tfmodels.serving import ServingError
from tfmodels.serving.server import turns
from tfmodels.serving.server.turns import Arrivals, Turns


@pytest.mark.parametrize("hanging", [0, 1, 2, 5])
def test_slow_ones_make_room(hanging):
    async def run():
        places, release = Turns(2, 0.01), asyncio.Event()
        at_work = most = 0

        async def work(wait):
            nonlocal at_work, most
            async with places.turn():
                at_work += 1
                most = max(most, at_work)
                await wait
                at_work -= 1

        slow = [asyncio.create_task(work(release.wait())) for _ in range(hanging)]
        await asyncio.sleep(0.1)
        await asyncio.gather(*(work(asyncio.sleep(0)) for _ in range(20)))
        release.set()
        await asyncio.gather(*slow)
        return most

    assert asyncio.run(asyncio.wait_for(run(), 60)) == hanging + 2


def test_slow_messages_make_room_and_the_oldest_are_given_up(monkeypatch):
    monkeypatch.setattr(turns, "_SLOW_SECONDS", 0.01)

    async def run():
        receiving, never = Arrivals(8, 0.5), asyncio.Event()
        slow = [asyncio.create_task(receiving.receive(never.wait)) for _ in range(40)]
        await asyncio.sleep(0)
        assert await receiving.receive(lambda: asyncio.sleep(0, b"a")) == b"a"
        late = await asyncio.gather(*slow, return_exceptions=True)
        assert all(isinstance(error, ServingError) for error in late)
        return [error.code for error in late]

    codes = asyncio.run(asyncio.wait_for(run(), 60))
    assert codes == [grpc.StatusCode.UNAVAILABLE] * 33 + [grpc.StatusCode.DEADLINE_EXCEEDED] * 7  # 8, one for "a"


def test_messages_that_arrive_while_the_event_loop_is_late_are_taken(monkeypatch):
    monkeypatch.setattr(turns, "_SLOW_SECONDS", 0.05)

    async def run():
        loop, never, receiving = asyncio.get_running_loop(), asyncio.Event(), Arrivals(8, 60.0)
        slow = [asyncio.create_task(receiving.receive(never.wait)) for _ in range(4)]
        arriving = [loop.create_future() for _ in range(4)]
        quick = [asyncio.create_task(receiving.receive(lambda message=message: message)) for message in arriving]
        waiting = [asyncio.create_task(receiving.receive(lambda: asyncio.sleep(0, b"b"))) for _ in range(20)]
        await asyncio.sleep(0.01)
        for message in arriving:
            loop.call_soon(message.set_result, b"a")
        time.sleep(0.1)
        messages = await asyncio.gather(*quick, *waiting)
        assert not any(call.done() for call in slow)
        for call in slow:
            call.cancel()
        return messages

    assert asyncio.run(asyncio.wait_for(run(), 60)) == [b"a"] * 4 + [b"b"] * 20


def test_a_message_without_a_turn_is_refused_unread(monkeypatch):
    monkeypatch.setattr(turns, "_SLOW_SECONDS", 60)

    async def run():
        receiving, never = Arrivals(1, 0.1), asyncio.Event()
        both = [receiving.receive(never.wait), receiving.receive(lambda: pytest.fail("it was read"))]
        return [error.code for error in await asyncio.gather(*both, return_exceptions=True)]

    late, unread = asyncio.run(asyncio.wait_for(run(), 60))
    assert late is grpc.StatusCode.DEADLINE_EXCEEDED
    assert unread is grpc.StatusCode.UNAVAILABLE
