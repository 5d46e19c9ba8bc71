import asyncio
import contextlib
import threading

import grpc
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.serving import BatchingParameters, ServingError
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import invalid
from tfmodels.serving.server.batcher import Batcher


class Doubler:
    """Doubles its input; fails on a negative one, as an assertion in a graph does; notes the sizes of its batches."""

    name = "doubler"

    def __init__(self):
        self.sizes = []
        self.open = threading.Event()
        self.open.set()

    def pinned(self):
        return contextlib.nullcontext()

    def run(self, endpoint, feed, outputs, timeout):
        self.open.wait()
        self.sizes.append(len(feed["x"]))
        if (feed["x"] < 0).any():
            raise invalid("assertion failed")
        return {"y": 2 * feed["x"]}


def answer(parameters, requests, model, meanwhile=lambda: None):
    """The answers, or errors, to requests that come all at once."""

    async def ask():
        batcher = Batcher(parameters, Metrics())
        asked = [batcher.run(model, "serving_default", {"x": x}, timeout=timeout) for x, timeout in requests]
        running = asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(0.05)
        meanwhile()
        answers = await running
        await batcher.close()
        return answers

    return asyncio.run(ask())


PARAMETERS = st.builds(
    lambda sizes, timeout, threads: BatchingParameters(sizes[-1], timeout, 1000, threads, tuple(sizes)),
    st.sets(st.integers(1, 12), min_size=1).map(sorted),
    st.sampled_from([0, 500]),
    st.integers(1, 3),
)
ROWS = st.lists(st.integers(-1, 100), max_size=3)


@settings(deadline=None, max_examples=30)
@given(PARAMETERS, st.lists(ROWS, max_size=30))
def test_in_batches_as_alone(parameters, requests):
    model = Doubler()
    given = [(np.array(rows, np.int64), None) for rows in requests]
    answers = answer(parameters, given, model)
    for rows, answered in zip(requests, answers, strict=True):
        if len(rows) > parameters.max_batch_size:
            assert f"Task size {len(rows)} is larger" in answered.message
        elif min(rows, default=0) < 0:
            assert answered.message == "assertion failed"
        else:
            assert answered["y"].tolist() == [2 * row for row in rows]
    assert set(model.sizes) <= {0, *parameters.allowed_batch_sizes}


def test_waiting_requests_share_a_batch():
    model = Doubler()
    model.open.clear()
    requests = [(np.array([number]), None) for number in range(17)]
    answers = answer(BatchingParameters(8, 0, 10, 1), requests, model, model.open.set)
    assert [answered["y"].tolist() for answered in answers] == [[2 * number] for number in range(17)]
    assert model.sizes == [1, 8, 8]  # the first found the thread free


def test_a_bad_row_does_not_harm_its_neighbours():
    model = Doubler()
    requests = [(np.array([value]), None) for value in (1, -1, 3)]
    first, bad, last = answer(BatchingParameters(8, 10_000, 10, 1), requests, model)
    assert (first["y"].tolist(), last["y"].tolist()) == ([2], [6])
    assert bad.code is grpc.StatusCode.INVALID_ARGUMENT
    assert model.sizes == [3, 1, 1, 1]


def test_of_a_failed_batch_each_is_answered_as_soon_as_it_has_run():
    go_on = threading.Event()

    class LastWaits(Doubler):
        def run(self, endpoint, feed, outputs, timeout):
            if feed["x"].tolist() == [3]:
                go_on.wait(60)
            return super().run(endpoint, feed, outputs, timeout)

    async def ask():
        model = LastWaits()
        batcher = Batcher(BatchingParameters(8, 10_000, 10, 1), Metrics())
        first, _, last = [
            asyncio.create_task(batcher.run(model, "serving_default", {"x": np.array([value])})) for value in (1, -1, 3)
        ]
        await asyncio.wait({first, last}, return_when=asyncio.FIRST_COMPLETED)
        done = first.done(), last.done()
        go_on.set()
        await asyncio.wait({first, last})
        await batcher.close()
        return done

    assert asyncio.run(ask()) == (True, False)


def test_rows_of_different_shapes_share_no_batch():
    model = Doubler()
    model.open.clear()
    requests = [(np.ones([1, width]), None) for width in (5, 2, 3, 2)]
    answers = answer(BatchingParameters(8, 10_000, 10, 1), requests, model, model.open.set)
    assert [answered["y"].shape for answered in answers] == [(1, 5), (1, 2), (1, 3), (1, 2)]
    assert sorted(model.sizes) == [1, 1, 2]


def test_a_full_queue_refuses():
    model = Doubler()
    model.open.clear()
    requests = [(np.array([number]), None) for number in range(6)]
    answers = answer(BatchingParameters(2, 0, 2, 1), requests, model, model.open.set)
    refused = [answered for answered in answers if isinstance(answered, ServingError)]
    assert len(refused) == 1  # one row runs, two batches of two wait
    assert refused[0].code is grpc.StatusCode.UNAVAILABLE
    assert refused[0].http_status == 503
    assert model.sizes == [1, 2, 2]


def test_who_waits_too_long_is_told_and_not_run():
    model = Doubler()
    model.open.clear()
    requests = [(np.array([1]), None), (np.array([2]), 0.001), (np.array([3]), 60.0)]
    first, late, last = answer(BatchingParameters(1, 0, 10, 1), requests, model, model.open.set)
    assert late.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (first["y"].tolist(), last["y"].tolist()) == ([2], [6])
    assert model.sizes == [1, 1]


def test_without_batching_each_request_runs_alone():
    model = Doubler()
    requests = [(np.array([number] * 3), None) for number in range(4)]
    answers = answer(BatchingParameters(0, 0, 10, 2), requests, model)
    assert [answered["y"].tolist() for answered in answers] == [[2 * number] * 3 for number in range(4)]
    assert model.sizes == [3] * 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"allowed_batch_sizes": (1, 4)}, "ascend to max_batch_size=8"),
        ({"allowed_batch_sizes": (4, 1, 8)}, "ascend"),
        ({"max_enqueued_batches": 0}, "at least 1"),
        ({"batch_timeout_micros": -1}, "not to be negative"),
    ],
)
def test_wrong_parameters_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        BatchingParameters(max_batch_size=8, **values)
