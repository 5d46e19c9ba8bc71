"""Dynamic batching: requests that wait at the same time run as one batch.

The parameters have the meaning of TensorFlow Serving's. Two faults of the server are not repeated: requests whose rows
have different shapes never share a batch, and when a batch fails, its requests run again one by one, so only the
faulty one gets the error.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np

from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError, invalid, run_error
from tfmodels.serving.server.batch_queue import Arrays, BatchQueue, Model, Request, Target

_NOT_RETRIED = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED)


class Batcher:
    """Queues requests and runs them in batches on its own threads. Called from one event loop.

    Args:
        parameters: How requests are batched.
        metrics: Where the batches are counted.

    Example:
        `await Batcher(parameters, metrics).run(version, "serving_default", {"text": texts}, (), None)`
    """

    def __init__(self, parameters: BatchingParameters, metrics: Metrics) -> None:
        self._parameters = parameters
        self._metrics = metrics
        self._queue = BatchQueue(parameters)
        self._idle = parameters.num_batch_threads
        self._all_idle = asyncio.Event()
        self._all_idle.set()
        self._pool = ThreadPoolExecutor(parameters.num_batch_threads, "session")

    async def run(
        self, model: Model, endpoint: str, feed: Arrays, outputs: tuple[str, ...] = (), timeout: float | None = None
    ) -> Arrays:
        """Runs a request, together with others if there are any.

        Args:
            model: The version.
            endpoint: The signature's name.
            feed: Input name -> array.
            outputs: Names of the requested outputs; empty for all.
            timeout: Time limit in seconds, waiting included.

        Returns:
            Output name -> array.

        Raises:
            ServingError: If the queue is full, the time is up, or the run fails.
        """
        loop = asyncio.get_running_loop()
        rows = self._rows(feed)
        now = loop.time()
        request = Request(feed, rows, loop.create_future(), now, None if timeout is None else now + timeout)
        if wait := self._queue.add(Target(model, endpoint, outputs), request):
            loop.call_later(wait, self._start_due)
        self._start_due()
        return await request.response

    async def close(self) -> None:
        """Waits for running batches and ends the threads."""
        await self._all_idle.wait()
        self._pool.shutdown()

    def _rows(self, feed: Arrays) -> int:
        """The rows that a request adds to a batch: 0 if it must run alone."""
        most = self._parameters.max_batch_size
        if not most:
            return 0
        if any(array.ndim == 0 for array in feed.values()):
            raise invalid("Batching Run() input tensors must have at least one dimension")
        if len(sizes := {len(array) for array in feed.values()}) > 1:
            raise invalid("Batching Run() input tensors must have equal 0th-dimension size")
        rows = sizes.pop() if sizes else 0
        if rows > most:
            raise invalid(f"Task size {rows} is larger than maximum input batch size {most}")
        return rows

    def _start_due(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._idle and (batch := self._queue.take(now)):
            requests = list(batch.waiting(now))
            if not requests:
                continue
            self._observe(batch.target, requests, now)
            self._idle -= 1
            self._all_idle.clear()
            # Not an asyncio task or future: each would cost another cycle of the event loop.
            self._pool.submit(self._run_batch, batch.target, requests, loop)

    def _run_batch(self, target: Target, requests: list[Request], loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: runs the batch and, if it fails, each of its requests alone."""
        results: Sequence[Arrays | ServingError]
        try:
            with target.model.pinned():
                results = self._results(target, requests, loop)
        except Exception as error:  # whatever happens, every request gets a response
            results = [run_error(error)] * len(requests)
        loop.call_soon_threadsafe(self._finish, requests, results)

    def _results(
        self, target: Target, requests: list[Request], loop: asyncio.AbstractEventLoop
    ) -> Sequence[Arrays | ServingError]:
        try:
            return self._run(target, requests, _seconds_left(requests, loop.time()))
        except Exception as error:
            failure = run_error(error)
        if len(requests) == 1 or failure.code in _NOT_RETRIED:
            return [failure] * len(requests)
        # All in this thread: returning to a busy event loop between two runs would leave the thread idle for long.
        results: list[Arrays | ServingError] = []
        for request in requests:
            results += self._results(target, [request], loop)
            loop.call_soon_threadsafe(request.settle, results[-1])
        return results

    def _finish(self, requests: list[Request], results: Sequence[Arrays | ServingError]) -> None:
        for request, result in zip(requests, results, strict=True):
            request.settle(result)
        self._idle += 1
        self._start_due()
        if self._idle == self._parameters.num_batch_threads:
            self._all_idle.set()

    def _run(self, target: Target, requests: list[Request], timeout: float | None) -> list[Arrays]:
        rows = [request.rows for request in requests]
        total = sum(rows)
        if not total:  # a request that runs alone
            return [target.model.run(target.endpoint, requests[0].feed, target.outputs, timeout)]
        padding = self._parameters.padded(total) - total
        feed = {
            name: np.concatenate([request.feed[name] for request in requests] + [requests[-1].feed[name][:1]] * padding)
            for name in requests[0].feed
        }
        outputs = target.model.run(target.endpoint, feed, target.outputs, timeout)
        _check_rows(outputs, total + padding)
        ends = np.cumsum(rows)
        return [
            {name: array[end - size : end] for name, array in outputs.items()}
            for size, end in zip(rows, ends, strict=True)
        ]

    def _observe(self, target: Target, requests: list[Request], now: float) -> None:
        rows = sum(request.rows for request in requests)
        if not rows:
            return
        labels = {"model_name": target.model.name}
        padded = self._parameters.padded(rows)
        for request in requests:
            self._metrics.observe("batching_session:queuing_latency", 1e6 * (now - request.queued), **labels)
            self._metrics.observe("batching_session:input_batch_size", request.rows, **labels)
        self._metrics.observe("batching_session:processed_batch_size", padded, **labels)
        self._metrics.observe("batching_session:padding_size", padded - rows, **labels)


def _check_rows(outputs: Arrays, rows: int) -> None:
    for array in outputs.values():
        if not array.ndim:
            raise ServingError(grpc.StatusCode.FAILED_PRECONDITION, "Batched output tensor has 0 dimensions")
        if len(array) != rows:
            raise ServingError(
                grpc.StatusCode.FAILED_PRECONDITION,
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the "
                "input tensors",
            )


def _seconds_left(requests: list[Request], now: float) -> float | None:
    """The time until the last deadline; None if a request has none."""
    deadlines = [request.deadline for request in requests if request.deadline is not None]
    return max(deadlines) - now if len(deadlines) == len(requests) else None
