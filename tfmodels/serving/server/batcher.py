"""Dynamic batching: requests that wait at the same time run as one batch.

The parameters have the meaning of TensorFlow Serving's. Two faults of the server are not repeated: requests whose rows
have different shapes never share a batch, and when a batch fails, its requests run again one by one, so only the
faulty one gets the error.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
import numpy as np

from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError
from tfmodels.serving.server.batch_queue import Arrays, BatchQueue, Model, Request, Target
from tfmodels.serving.server.batch_rows import check_output_rows, input_rows
from tfmodels.serving.server.daemon_pool import DaemonPool
from tfmodels.serving.server.limits import late
from tfmodels.serving.server.run_errors import run_error

_NOT_RETRIED = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED)
_GRACE_SECONDS = 5.0  # of a run after its time limit
_log = logging.getLogger(__name__)


@dataclass
class _Run:
    """A batch that runs.

    Args:
        target: The signature that it runs on.
        requests: Its requests.
        overdue: Whether it has not ended within its time limit and the grace.
    """

    target: Target
    requests: list[Request]
    overdue: bool = False

    @property
    def deadline(self) -> float:
        """The last deadline of its requests."""
        return max(request.deadline for request in self.requests)


class Batcher:
    """Queues the requests of one model and runs them in batches on its own threads. Called from one event loop.

    Every request is settled by its deadline, whatever the model does. TensorFlow ends a run at its time limit if the
    graph waits or loops, but not within a single operation. Such a model is out of service until the run returns.

    Args:
        model: The version.
        parameters: How requests are batched.
        metrics: Where the batches are counted.

    Example:
        `await Batcher(version, parameters, metrics).run("serving_default", {"text": texts}, (), 30.0)`
    """

    def __init__(self, model: Model, parameters: BatchingParameters, metrics: Metrics) -> None:
        self._model = model
        self._parameters = parameters
        self._metrics = metrics
        self._queue = BatchQueue(parameters)
        self._idle = parameters.num_batch_threads
        self._all_idle = asyncio.Event()
        self._all_idle.set()
        self._overdue = 0
        self._pool = DaemonPool(parameters.num_batch_threads, "session")

    async def run(self, endpoint: str, feed: Arrays, outputs: tuple[str, ...], timeout: float) -> Arrays:
        """Runs a request, together with others if there are any.

        Args:
            endpoint: The signature's name.
            feed: Input name -> array.
            outputs: Names of the requested outputs; empty for all.
            timeout: Time limit in seconds, waiting included.

        Returns:
            Output name -> array.

        Raises:
            ServingError: If the queue is full, the model out of service, the time is up, or the run fails.
        """
        if self._overdue:
            message = (
                f"Version {self._model.number} of {self._model.name} is out of service until a run ends that is past "
                "its time limit"
            )
            raise ServingError(grpc.StatusCode.UNAVAILABLE, message)
        loop = asyncio.get_running_loop()
        rows = input_rows(feed, self._parameters.max_batch_size)
        now = loop.time()
        request = Request(feed, rows, loop.create_future(), now, now + timeout)
        if wait := self._queue.add(Target(endpoint, outputs), request):
            loop.call_later(wait, self._start_due)
        timer = loop.call_at(request.deadline, self._give_up, request)
        self._start_due()
        try:
            return await request.response
        finally:
            timer.cancel()
            if not request.started:
                request.feed = {}  # it stays in the queue, and its memory would, too
            del request, feed  # else an error would keep this frame, and the frame the error

    async def finish(self, seconds: float) -> None:
        """Waits for running batches, but not longer than some seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._all_idle.wait()

    def end(self) -> None:
        """Ends the threads once they are idle."""
        self._pool.shutdown()

    def _give_up(self, request: Request) -> None:
        if self._parameters.max_batch_size and not request.started:
            message = "Run() timeout exceeded while waiting in batching queue"
            request.settle(ServingError(grpc.StatusCode.RESOURCE_EXHAUSTED, message))
        else:
            request.settle(late(request.deadline - request.queued))

    def _start_due(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._idle and (batch := self._queue.take(now)):
            run = _Run(batch.target, batch.start())
            if not run.requests:
                continue
            self._observe(run.requests, now)
            self._idle -= 1
            self._all_idle.clear()
            timer = loop.call_at(run.deadline + _GRACE_SECONDS, self._put_out_of_service, run)
            # Neither a task nor a future: each would cost another cycle of the event loop, or as much as a small run.
            self._pool.start(self._run_batch, run, timer, loop)

    def _run_batch(self, run: _Run, timer: asyncio.TimerHandle, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: runs the batch and, if it fails, each of its requests alone."""
        results: Sequence[Arrays | ServingError]
        try:
            with self._model.pinned():
                results = self._results(run.target, run.requests, loop)
        except Exception as error:  # whatever happens, every request gets a response
            results = [run_error(error)] * len(run.requests)
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has not waited for this run
            loop.call_soon_threadsafe(self._finish, run, timer, results)

    def _results(
        self, target: Target, requests: list[Request], loop: asyncio.AbstractEventLoop
    ) -> Sequence[Arrays | ServingError]:
        left = max(request.deadline for request in requests) - loop.time()
        try:
            return self._compute(target, requests, left)
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

    def _put_out_of_service(self, run: _Run) -> None:
        run.overdue = True
        self._overdue += 1
        if self._overdue == 1:
            _log.warning(
                "out of service: version %d of %s, whose %s has not ended %g s after its time limit",
                *(self._model.number, self._model.name, run.target.endpoint, _GRACE_SECONDS),
            )

    def _finish(self, run: _Run, timer: asyncio.TimerHandle, results: Sequence[Arrays | ServingError]) -> None:
        timer.cancel()
        if run.overdue:
            self._overdue -= 1
            if not self._overdue:
                _log.warning("in service again: version %d of %s", self._model.number, self._model.name)
        for request, result in zip(run.requests, results, strict=True):
            request.settle(result)
        self._idle += 1
        self._start_due()
        if self._idle == self._parameters.num_batch_threads:
            self._all_idle.set()

    def _compute(self, target: Target, requests: list[Request], timeout: float) -> list[Arrays]:
        rows = [request.rows for request in requests]
        total = sum(rows)
        if not total:  # a request that runs alone
            return [self._model.run(target.endpoint, requests[0].feed, target.outputs, timeout)]
        padding = self._parameters.padded(total) - total
        feed = {
            name: np.concatenate([request.feed[name] for request in requests] + [requests[-1].feed[name][:1]] * padding)
            for name in requests[0].feed
        }
        outputs = self._model.run(target.endpoint, feed, target.outputs, timeout)
        check_output_rows(outputs, total + padding)
        ends = np.cumsum(rows)
        return [
            {name: array[end - size : end] for name, array in outputs.items()}
            for size, end in zip(rows, ends, strict=True)
        ]

    def _observe(self, requests: list[Request], now: float) -> None:
        rows = sum(request.rows for request in requests)
        if not rows:
            return
        labels = {"model_name": self._model.name}
        padded = self._parameters.padded(rows)
        for request in requests:
            self._metrics.observe("batching_session:queuing_latency", 1e6 * (now - request.queued), **labels)
            self._metrics.observe("batching_session:input_batch_size", request.rows, **labels)
        self._metrics.observe("batching_session:processed_batch_size", padded, **labels)
        self._metrics.observe("batching_session:padding_size", padded - rows, **labels)
