import asyncio
import contextlib
import threading

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels import export
from tfmodels.export.warmup_requests import parse_request, read_warmup, write_warmup
from tfmodels.serving import BatchingParameters, ServingError, read_batching
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import invalid
from tfmodels.serving.server import batcher
from tfmodels.serving.server.batcher import Batcher


class Doubler:
    """Doubles its input, fails on negative ones like an assertion in a graph, and records the sizes of its batches."""

    name = "doubler"
    number = 1

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


def results_of(parameters, requests, model, while_waiting=lambda: None):
    """The responses or errors of requests that arrive at the same time."""

    async def run_all():
        batcher = Batcher(model, parameters, Metrics())
        runs = [batcher.run("serving_default", {"x": x}, (), timeout) for x, timeout in requests]
        running = asyncio.gather(*runs, return_exceptions=True)
        await asyncio.sleep(0.05)
        while_waiting()
        results = await running
        await batcher.finish(60)
        batcher.end()
        return results

    return asyncio.run(run_all())


BATCHING_FILES = [
    "max_batch_size { value: 1 }",
    "max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 8",
    "max_batch_size { value: 4 } batch_timeout_micros { value: 1000 } num_batch_threads { value: 1 }",
    "",
]


@pytest.mark.parametrize("text", BATCHING_FILES, ids=range(len(BATCHING_FILES)))
def test_warm_up_requests_are_taken_whatever_the_batching_file_says(tmp_path, text):
    (tmp_path / "batching.config").write_text(text)
    parameters = read_batching(tmp_path / "batching.config")
    signatures = {"serving_default": export.Signature({"x": export.Field("x", "int64", (None,))}, {})}
    write_warmup(tmp_path, signatures, {"serving_default": {"x": range(40)}})
    requests = [parse_request(record, signatures)[1]["x"] for record in read_warmup(tmp_path)]
    results = results_of(parameters, [(x, 60.0) for x in requests], Doubler())
    assert [result["y"].tolist() for result in results] == [(2 * x).tolist() for x in requests]
    if parameters.max_batch_size < 9:  # what exports held before
        (refused,) = results_of(parameters, [(np.arange(9), 60.0)], Doubler())
        assert "larger than maximum input batch size" in str(refused)


PARAMETERS = st.builds(
    lambda sizes, timeout, threads: BatchingParameters(sizes[-1], timeout, 1000, threads, tuple(sizes)),
    st.sets(st.integers(1, 12), min_size=1).map(sorted),
    st.sampled_from([0, 500]),
    st.integers(1, 3),
)
ROWS = st.lists(st.integers(-1, 100), max_size=3)


@given(PARAMETERS, st.lists(ROWS, max_size=30))
def test_results_are_the_same_in_batches(parameters, requests):
    model = Doubler()
    given = [(np.array(rows, np.int64), 60.0) for rows in requests]
    results = results_of(parameters, given, model)
    for rows, result in zip(requests, results, strict=True):
        if len(rows) > parameters.max_batch_size:
            assert f"Task size {len(rows)} is larger" in result.message
        elif min(rows, default=0) < 0:
            assert result.message == "assertion failed"
        else:
            assert result["y"].tolist() == [2 * row for row in rows]
    assert set(model.sizes) <= {0, *parameters.allowed_batch_sizes}


def test_waiting_requests_share_a_batch():
    model = Doubler()
    model.open.clear()
    requests = [(np.array([number]), 60.0) for number in range(17)]
    results = results_of(BatchingParameters(8, 0, 10, 1), requests, model, model.open.set)
    assert [result["y"].tolist() for result in results] == [[2 * number] for number in range(17)]
    assert model.sizes == [1, 8, 8]  # the first one found an idle thread


def test_a_bad_row_does_not_fail_the_others():
    model = Doubler()
    requests = [(np.array([value]), 60.0) for value in (1, -1, 3)]
    first, bad, last = results_of(BatchingParameters(8, 10_000, 10, 1), requests, model)
    assert (first["y"].tolist(), last["y"].tolist()) == ([2], [6])
    assert bad.code is grpc.StatusCode.INVALID_ARGUMENT
    assert model.sizes == [3, 1, 1, 1]


def test_requests_of_a_failed_batch_get_results_one_by_one():
    go_on = threading.Event()

    class LastWaits(Doubler):
        def run(self, endpoint, feed, outputs, timeout):
            if feed["x"].tolist() == [3]:
                go_on.wait(60)
            return super().run(endpoint, feed, outputs, timeout)

    async def run_all():
        batcher = Batcher(LastWaits(), BatchingParameters(8, 10_000, 10, 1), Metrics())
        first, _, last = [
            asyncio.create_task(batcher.run("serving_default", {"x": np.array([value])}, (), 60.0))
            for value in (1, -1, 3)
        ]
        await asyncio.wait({first, last}, return_when=asyncio.FIRST_COMPLETED)
        done = first.done(), last.done()
        go_on.set()
        await asyncio.wait({first, last})
        await batcher.finish(60)
        batcher.end()
        return done

    assert asyncio.run(run_all()) == (True, False)


def test_rows_of_different_shapes_share_no_batch():
    model = Doubler()
    model.open.clear()
    requests = [(np.ones([1, width]), 60.0) for width in (5, 2, 3, 2)]
    results = results_of(BatchingParameters(8, 10_000, 10, 1), requests, model, model.open.set)
    assert [result["y"].shape for result in results] == [(1, 5), (1, 2), (1, 3), (1, 2)]
    assert sorted(model.sizes) == [1, 1, 2]


def test_a_full_queue_refuses_requests():
    model = Doubler()
    model.open.clear()
    requests = [(np.array([number]), 60.0) for number in range(6)]
    results = results_of(BatchingParameters(2, 0, 2, 1), requests, model, model.open.set)
    refused = [result for result in results if isinstance(result, ServingError)]
    assert len(refused) == 1  # one row runs, two batches of two wait
    assert refused[0].code is grpc.StatusCode.UNAVAILABLE
    assert refused[0].http_status == 503
    assert model.sizes == [1, 2, 2]


def test_a_request_past_its_deadline_does_not_run():
    model = Doubler()
    model.open.clear()
    requests = [(np.array([1]), 60.0), (np.array([2]), 0.001), (np.array([3]), 60.0)]
    first, late, last = results_of(BatchingParameters(1, 0, 10, 1), requests, model, model.open.set)
    assert late.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (first["y"].tolist(), last["y"].tolist()) == ([2], [6])
    assert model.sizes == [1, 1]


def test_requests_are_settled_in_time_while_the_model_hangs(monkeypatch, caplog):
    monkeypatch.setattr(batcher, "_GRACE_SECONDS", 0.05)
    model = Doubler()
    model.open.clear()
    x = {"x": np.array([1])}

    async def run_all():
        queue = Batcher(model, BatchingParameters(0, 0, 3, 2), Metrics())
        first = [asyncio.create_task(queue.run("serving_default", x, (), 0.1)) for _ in range(5)]
        late = await asyncio.gather(*first, return_exceptions=True)
        await asyncio.sleep(0.2)
        with pytest.raises(ServingError, match="out of service") as refused:
            await queue.run("serving_default", x, (), 60.0)
        model.open.set()
        await queue.finish(60)
        answer = await queue.run("serving_default", x, (), 60.0)
        queue.end()
        return {error.code for error in late}, refused.value.code, answer["y"].tolist()

    code = grpc.StatusCode
    assert asyncio.run(run_all()) == ({code.DEADLINE_EXCEEDED}, code.UNAVAILABLE, [2])
    assert ["service" in record.message for record in caplog.records] == [True, True]  # out of it, and back
    assert len(model.sizes) == 3  # those that gave up in the queue do not run


def test_requests_that_gave_up_leave_the_queue():
    model = Doubler()
    model.open.clear()
    x = {"x": np.array([1])}

    async def run_all():
        queue = Batcher(model, BatchingParameters(1, 0, 2, 1), Metrics())
        running = asyncio.create_task(queue.run("serving_default", x, (), 60.0))
        for _ in range(5):  # more than may wait at the same time
            waiting = [asyncio.create_task(queue.run("serving_default", x, (), 0.01)) for _ in range(2)]
            gave_up = await asyncio.gather(*waiting, return_exceptions=True)
            assert {error.code for error in gave_up} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        model.open.set()
        await running
        queue.end()

    asyncio.run(run_all())
    assert model.sizes == [1]


def test_without_batching_each_request_runs_alone():
    model = Doubler()
    requests = [(np.array([number] * 3), 60.0) for number in range(4)]
    results = results_of(BatchingParameters(0, 0, 10, 2), requests, model)
    assert [result["y"].tolist() for result in results] == [[2 * number] * 3 for number in range(4)]
    assert model.sizes == [3] * 4
