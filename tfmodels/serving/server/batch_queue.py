"""Requests that wait for the model, collected to batches."""

import asyncio
from collections import deque
from collections.abc import Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import grpc
import numpy as np

from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.protocol.status import ServingError

Arrays = Mapping[str, np.ndarray]


class Model(Protocol):
    """A loaded version, which runs batches."""

    name: str
    number: int

    def pinned(self) -> AbstractContextManager[object]:
        """Keeps the version loaded."""

    def run(self, endpoint: str, feed: Arrays, outputs: tuple[str, ...], timeout: float | None) -> Arrays:
        """Runs a signature."""


@dataclass(frozen=True)
class Target:
    """What the requests of a batch have in common.

    Args:
        endpoint: The signature's name.
        outputs: Names of the requested outputs; empty for all.
    """

    endpoint: str
    outputs: tuple[str, ...]


@dataclass
class Request:
    """A request that waits for its response.

    Args:
        feed: Input name -> array.
        rows: Its number of rows; 0 if it must run alone.
        response: The future that gets the response.
        queued: When it came, in the time of the event loop.
        deadline: When it gives up.
        started: Whether its batch runs.
    """

    feed: Arrays
    rows: int
    response: asyncio.Future[Arrays]
    queued: float
    deadline: float
    started: bool = False

    @property
    def shape(self) -> Hashable:
        """The shapes of its rows: only requests of equal shapes share a batch."""
        return tuple((name, array.shape[1:]) for name, array in sorted(self.feed.items()))

    def settle(self, result: Arrays | ServingError) -> None:
        """Passes on the response or the error, unless the client has gone."""
        if self.response.done():
            return
        if isinstance(result, ServingError):
            self.response.set_exception(result)
        else:
            self.response.set_result(result)


@dataclass
class Batch:
    """Requests that run together.

    Args:
        target: The signature that they run on.
        shape: The shapes of their rows.
        due: When the batch runs even if it is not full.
        requests: The requests.
    """

    target: Target
    shape: Hashable
    due: float
    requests: list[Request] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The rows of all its requests."""
        return sum(request.rows for request in self.requests)

    def start(self) -> list[Request]:
        """Starts the requests that still wait, and returns them."""
        waiting = [request for request in self.requests if not request.response.done()]
        for request in waiting:
            request.started = True
        return waiting


class BatchQueue:
    """One queue of batches per target.

    Args:
        parameters: The limits of batches and queues.
    """

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self._queues: dict[Target, deque[Batch]] = {}

    def add(self, target: Target, request: Request) -> float:
        """Adds a request to a waiting batch with room for it, or to a new one.

        Args:
            target: The signature that it runs on.
            request: The request.

        Returns:
            Seconds until a new batch is due; 0 if it is due now, or the request joined another batch.

        Raises:
            ServingError: If the queue is full.
        """
        queue = self._queues.setdefault(target, deque())
        shape = request.shape
        for batch in queue:
            if request.rows and batch.shape == shape and batch.rows + request.rows <= self._parameters.max_batch_size:
                batch.requests.append(request)
                return 0.0
        if len(queue) >= self._parameters.max_enqueued_batches:
            _drop_settled(queue)
        if len(queue) >= self._parameters.max_enqueued_batches:
            message = "The batch scheduling queue to which this task was submitted is full"
            raise ServingError(grpc.StatusCode.UNAVAILABLE, message)
        wait = self._parameters.batch_timeout_micros / 1e6 if request.rows else 0.0
        queue.append(Batch(target, shape, request.queued + wait, [request]))
        return wait

    def take(self, now: float) -> Batch | None:
        """Removes and returns the batch that has been due the longest; None if none is due.

        Args:
            now: The time of the event loop.
        """
        due = [queue for queue in self._queues.values() if self._is_due(queue, now)]
        if not due:
            return None
        queue = min(due, key=lambda queue: queue[0].due)
        batch = queue.popleft()
        if not queue:
            del self._queues[batch.target]
        return batch

    def _is_due(self, queue: deque[Batch], now: float) -> bool:
        # A microsecond early rather than never: a timer may fire slightly before its time.
        return len(queue) > 1 or queue[0].rows >= self._parameters.max_batch_size or now >= queue[0].due - 1e-6


def _drop_settled(queue: deque[Batch]) -> None:
    """Drops batches of which every request has given up, which wait as long as all threads are at work."""
    waiting = [batch for batch in queue if any(not request.response.done() for request in batch.requests)]
    queue.clear()
    queue.extend(waiting)
