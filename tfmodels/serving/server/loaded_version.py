"""A loaded version of a model."""

import contextlib
import threading
import time
from collections.abc import Generator, Mapping
from typing import Any, Self

import grpc
import numpy as np

from tfmodels.export import SessionRunner
from tfmodels.export.graph.tensor_types import tensor_type_name
from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError, TooLargeError
from tfmodels.serving.server.batcher import Batcher


class LoadedVersion:
    """A loaded version.

    Args:
        name: The model's name.
        number: The version.
        runner: The session that runs it.
        metrics: Where the runs are counted.
        parameters: How its requests are batched.

    Attributes:
        name: The model's name.
        number: The version.
        batcher: Queues its requests: each version has threads of its own, so that none waits for another.
        definitions: Signature name -> `SignatureDef`.
        input_types: Signature name -> input name -> TensorFlow's name of the type.
    """

    def __init__(
        self, name: str, number: int, runner: SessionRunner, metrics: Metrics, parameters: BatchingParameters
    ) -> None:
        self.name = name
        self.number = number
        self.definitions: Mapping[str, Any] = dict(runner.definitions)
        self.input_types = {
            endpoint: {alias: tensor_type_name(info.dtype) for alias, info in definition.inputs.items()}
            for endpoint, definition in self.definitions.items()
        }
        self.batcher = Batcher(self, parameters, metrics)
        self._is_batched = bool(parameters.max_batch_size)
        self._runner = runner
        self._metrics = metrics
        self._lock = threading.Lock()
        self._pins = 0
        self._retired = False

    @contextlib.contextmanager
    def pinned(self) -> Generator[Self]:
        """Keeps the version loaded inside the `with` block, and gives it.

        Raises:
            ServingError: If it has been retired.
        """
        with self._lock:
            if self._retired and not self._pins:
                raise ServingError(grpc.StatusCode.NOT_FOUND, f"Version {self.number} of {self.name} is not loaded")
            self._pins += 1
        try:
            yield self
        finally:
            with self._lock:
                self._pins -= 1

    def check_rows(self, endpoint: str, feed: Mapping[str, np.ndarray], most_rows: int) -> None:
        """Refuses a request of too many rows if there is no batching, which has a limit of its own.

        The rows of one run all take memory at the same time.

        Args:
            endpoint: The signature's name.
            feed: Input name -> array.
            most_rows: Maximum length of an axis that the signature leaves open as its first.

        Raises:
            ServingError: If there are more.
        """
        if self._is_batched:
            return
        for name, info in self.definitions[endpoint].inputs.items():
            shape = info.tensor_shape
            is_open = shape.unknown_rank or (len(shape.dim) and shape.dim[0].size < 0)
            if is_open and len(feed[name].shape[:1]) and len(feed[name]) > most_rows:
                raise TooLargeError(
                    f"Expected at most {most_rows} rows in a request without batching. Received: {len(feed[name])} "
                    f"rows of {name!r}; send several requests, or start the server with a larger --most_rows"
                )

    def run(
        self, endpoint: str, feed: Mapping[str, np.ndarray], outputs: tuple[str, ...], timeout: float | None
    ) -> dict[str, np.ndarray]:
        """Runs a signature, see `SessionRunner.run`."""
        start = time.perf_counter()
        results = self._runner.run(endpoint, feed, outputs, timeout)
        microseconds = 1e6 * (time.perf_counter() - start)
        self._metrics.observe("runtime_latency", microseconds, model_name=self.name, API="Predict", runtime="TF1")
        # A string scalar is `bytes`, which NumPy would convert to an array of characters.
        return {
            name: np.array(value, object) if isinstance(value, bytes) else np.asarray(value)
            for name, value in results.items()
        }

    def retire(self) -> bool:
        """Closes the session unless a request uses it; once it is unused, requests are refused.

        Returns:
            Whether the session is closed; if not, call again later.
        """
        with self._lock:
            self._retired = True
            if self._pins:
                return False
        self.batcher.end()
        self._runner.close()
        return True
