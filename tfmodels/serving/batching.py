"""Dynamic batching: requests that wait at the same time are answered by one run of the model.

The parameters are those of TensorFlow Serving's `--batching_parameters_file`, with its meaning. Two faults of the
server are not repeated: requests whose rows have different shapes never share a batch, and when a batch fails its
requests run again, each alone, so that only the one at fault gets the error.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import grpc
import numpy as np

from tfmodels.serving.metrics import Metrics
from tfmodels.serving.status import ServingError, invalid, of_run

Arrays = Mapping[str, np.ndarray]
_OUT_OF_TIME = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED)


@dataclass(frozen=True)
class BatchingParameters:
    """How requests are put together.

    Args:
        max_batch_size: Most rows of a batch, and of a request. 0 turns batching off: each request runs alone.
        batch_timeout_micros: How long the first request of a batch waits for others.
        max_enqueued_batches: How many batches may wait for a thread; then requests are refused.
        num_batch_threads: How many batches run at the same time.
        allowed_batch_sizes: Ascending, the last one `max_batch_size`: a batch is filled up to the next of them, so that
            the model sees few shapes. Empty for any.

    Raises:
        ValueError: If a value is out of range.
    """

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 2
    allowed_batch_sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        sizes = self.allowed_batch_sizes
        if sizes and (list(sizes) != sorted(set(sizes)) or sizes[0] < 1 or sizes[-1] != self.max_batch_size):
            raise ValueError(
                f"Expected allowed_batch_sizes to ascend to max_batch_size={self.max_batch_size}. "
                f"Received: allowed_batch_sizes={list(sizes)}"
            )
        if self.max_enqueued_batches < 1 or self.num_batch_threads < 1:
            raise ValueError(
                "Expected max_enqueued_batches and num_batch_threads to be at least 1. Received: "
                f"max_enqueued_batches={self.max_enqueued_batches}, num_batch_threads={self.num_batch_threads}"
            )
        if self.max_batch_size < 0 or self.batch_timeout_micros < 0:
            raise ValueError(
                "Expected max_batch_size and batch_timeout_micros not to be negative. Received: "
                f"max_batch_size={self.max_batch_size}, batch_timeout_micros={self.batch_timeout_micros}"
            )

    def filled(self, rows: int) -> int:
        """How many rows a batch is filled up to.

        Args:
            rows: How many it has.

        Returns:
            The next allowed size.
        """
        return next((size for size in self.allowed_batch_sizes if size >= rows), rows)


class Model(Protocol):
    """What a batch runs on: a loaded version."""

    name: str

    def pinned(self) -> contextlib.AbstractContextManager[None]:
        """Keeps the version loaded."""

    def run(self, endpoint: str, feed: Arrays, outputs: tuple[str, ...], timeout: float | None) -> Arrays:
        """Runs a signature."""


class Batcher:
    """Queues requests and runs them in batches, on threads of its own. Called from one event loop.

    Args:
        parameters: How to put requests together.
        metrics: What counts the batches.

    Example:
        `await Batcher(parameters, metrics).run(version, "serving_default", {"text": texts}, (), None)`
    """

    def __init__(self, parameters: BatchingParameters, metrics: Metrics) -> None:
        self._parameters = parameters
        self._metrics = metrics
        self._queues: dict[Hashable, deque[_Batch]] = {}
        self._idle = parameters.num_batch_threads
        self._all_idle = asyncio.Event()
        self._all_idle.set()
        self._pool = ThreadPoolExecutor(parameters.num_batch_threads, "session")

    async def run(
        self, model: Model, endpoint: str, feed: Arrays, outputs: tuple[str, ...] = (), timeout: float | None = None
    ) -> Arrays:
        """Answers a request, in company if there is any.

        Args:
            model: The version that is asked.
            endpoint: The signature's name.
            feed: Input name -> array.
            outputs: Names of the wanted outputs; none for all.
            timeout: Seconds that waiting and running may take.

        Returns:
            Output name -> array.

        Raises:
            ServingError: If the queue is full, the time ran out, or the run failed.
        """
        loop = asyncio.get_running_loop()
        rows = self._rows(feed)
        now = loop.time()
        request = _Request(feed, rows, loop.create_future(), now, None if timeout is None else now + timeout)
        self._enqueue(_Run(model, endpoint, outputs), request)
        self._start_due()
        return await request.answer

    async def close(self) -> None:
        """Waits for what runs and frees the threads."""
        await self._all_idle.wait()
        self._pool.shutdown()

    def _rows(self, feed: Arrays) -> int:
        """How many rows a request adds to a batch: 0 if it runs alone."""
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

    def _enqueue(self, run: "_Run", request: "_Request") -> None:
        queue = self._queues.setdefault(run, deque())
        shape = request.shape
        for batch in queue:
            if request.rows and batch.shape == shape and batch.rows + request.rows <= self._parameters.max_batch_size:
                batch.requests.append(request)
                return
        if len(queue) >= self._parameters.max_enqueued_batches:
            raise ServingError(
                grpc.StatusCode.UNAVAILABLE, "The batch scheduling queue to which this task was submitted is full"
            )
        wait = self._parameters.batch_timeout_micros / 1e6 if request.rows else 0.0
        queue.append(_Batch(run, shape, request.queued + wait, [request]))
        if wait:
            asyncio.get_running_loop().call_later(wait, self._start_due)

    def _start_due(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._idle and (batch := self._next(now)):
            requests = list(batch.waiting(now))
            if not requests:
                continue
            self._count(batch.run, requests, now)
            self._idle -= 1
            self._all_idle.clear()
            # Neither a task nor a future of the loop in between: each would cost a turn of the loop.
            self._pool.submit(self._answer, batch.run, requests, loop)

    def _next(self, now: float) -> "_Batch | None":
        """Takes the batch that is due for the longest time out of its queue."""
        due = [queue for queue in self._queues.values() if self._is_due(queue, now)]
        if not due:
            return None
        queue = min(due, key=lambda queue: queue[0].due)
        batch = queue.popleft()
        if not queue:
            del self._queues[batch.run]
        return batch

    def _is_due(self, queue: "deque[_Batch]", now: float) -> bool:
        # A microsecond early rather than never: the timer may fire a little before its time.
        return len(queue) > 1 or queue[0].rows >= self._parameters.max_batch_size or now >= queue[0].due - 1e-6

    def _answer(self, run: "_Run", requests: "list[_Request]", loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: runs the batch or, when that fails, each of its requests alone."""
        answers: Sequence[Arrays | ServingError]
        try:
            with run.model.pinned():
                answers = self._answers(run, requests, loop)
        except Exception as error:  # whatever happens, nobody waits for ever
            answers = [of_run(error)] * len(requests)
        loop.call_soon_threadsafe(self._finish, requests, answers)

    def _answers(
        self, run: "_Run", requests: "list[_Request]", loop: asyncio.AbstractEventLoop
    ) -> "Sequence[Arrays | ServingError]":
        try:
            return self._run(run, requests, _seconds_left(requests, loop.time()))
        except Exception as error:
            told = of_run(error)
        if len(requests) == 1 or told.code in _OUT_OF_TIME:
            return [told] * len(requests)
        # In one go: a thread that waited for a busy event loop between two runs would stand still most of the time.
        answers = []
        for request in requests:
            answers += self._answers(run, [request], loop)
            loop.call_soon_threadsafe(request.settle, answers[-1])
        return answers

    def _finish(self, requests: "list[_Request]", answers: "Sequence[Arrays | ServingError]") -> None:
        for request, answer in zip(requests, answers, strict=True):
            request.settle(answer)
        self._idle += 1
        self._start_due()
        if self._idle == self._parameters.num_batch_threads:
            self._all_idle.set()

    def _run(self, run: "_Run", requests: "list[_Request]", timeout: float | None) -> list[Arrays]:
        rows = [request.rows for request in requests]
        total = sum(rows)
        if not total:  # a request that runs alone
            return [run.model.run(run.endpoint, requests[0].feed, run.outputs, timeout)]
        filler = self._parameters.filled(total) - total
        feed = {
            name: np.concatenate([request.feed[name] for request in requests] + [requests[-1].feed[name][:1]] * filler)
            for name in requests[0].feed
        }
        outputs = run.model.run(run.endpoint, feed, run.outputs, timeout)
        for array in outputs.values():
            if not array.ndim:
                raise ServingError(grpc.StatusCode.FAILED_PRECONDITION, "Batched output tensor has 0 dimensions")
            if len(array) != total + filler:
                raise ServingError(
                    grpc.StatusCode.FAILED_PRECONDITION,
                    "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the "
                    "input tensors",
                )
        ends = np.cumsum(rows)
        return [
            {name: array[end - size : end] for name, array in outputs.items()}
            for size, end in zip(rows, ends, strict=True)
        ]

    def _count(self, run: "_Run", requests: "list[_Request]", now: float) -> None:
        rows = sum(request.rows for request in requests)
        if not rows:
            return
        labels = {"model_name": run.model.name}
        filled = self._parameters.filled(rows)
        for request in requests:
            self._metrics.observe("batching_session:queuing_latency", 1e6 * (now - request.queued), **labels)
            self._metrics.observe("batching_session:input_batch_size", request.rows, **labels)
        self._metrics.observe("batching_session:processed_batch_size", filled, **labels)
        self._metrics.observe("batching_session:padding_size", filled - rows, **labels)


def _seconds_left(requests: "list[_Request]", now: float) -> float | None:
    """Until the last of them gives up; None if one never does."""
    deadlines = [request.deadline for request in requests]
    return None if None in deadlines else max(deadlines) - now


@dataclass(frozen=True, eq=True)
class _Run:
    """What the requests of a queue have in common."""

    model: Model
    endpoint: str
    outputs: tuple[str, ...]


@dataclass
class _Request:
    feed: Arrays
    rows: int
    answer: "asyncio.Future[Arrays]"
    queued: float
    deadline: float | None

    @property
    def shape(self) -> Hashable:
        return tuple((name, array.shape[1:]) for name, array in sorted(self.feed.items()))

    def settle(self, answer: Arrays | ServingError) -> None:
        if self.answer.done():  # whoever asked has gone
            return
        if isinstance(answer, ServingError):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


@dataclass
class _Batch:
    run: _Run
    shape: Hashable
    due: float
    requests: list[_Request] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(request.rows for request in self.requests)

    def waiting(self, now: float) -> Iterator[_Request]:
        """Those that somebody still waits for."""
        for request in self.requests:
            if request.deadline is not None and now >= request.deadline:
                request.settle(
                    ServingError(
                        grpc.StatusCode.RESOURCE_EXHAUSTED,
                        "Run() timeout exceeded while waiting in batching queue",
                    )
                )
            elif not request.answer.done():
                yield request
