import asyncio

import pytest

from tfmodels.serving.server.turns import Turns


@pytest.mark.parametrize("hanging", [0, 1, 2, 5])
def test_slow_ones_make_room(hanging):
    async def run():
        turns, release = Turns(2, 0.01), asyncio.Event()
        at_work = most = 0

        async def work(wait):
            nonlocal at_work, most
            async with turns.turn():
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
