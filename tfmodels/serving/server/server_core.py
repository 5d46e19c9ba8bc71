"""The core of the server, shared by REST and gRPC: models, their status and metadata, limits, metrics."""

import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_pb2

from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.batch_queue import Arrays
from tfmodels.serving.server.daemon_pool import DaemonPool
from tfmodels.serving.server.limits import Limits
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.memory import Memory
from tfmodels.serving.server.model_versions import ModelVersions

Result = TypeVar("Result")
_SMALL = 2**14  # bytes that are read or written within a millisecond or two
_SECONDS_BETWEEN_CLOCKS = 0.02
_MOST_UNKNOWN = 100  # names of models that are not served, in the metrics: clients may send any


class ServerCore:
    """The models of a server.

    Args:
        models: Name -> its versions.
        metrics: Where requests are counted.
        limits: What a request may take.

    Attributes:
        metrics: Where requests are counted.
        limits: What a request may take.
        arriving: The memory of requests that arrive, maybe slowly.
        working: The memory of requests that have arrived.
    """

    def __init__(self, models: dict[str, ModelVersions], metrics: Metrics, limits: Limits) -> None:
        self.metrics = metrics
        self.limits = limits
        self.arriving = Memory(limits.most_bytes_held // 2)
        self.working = Memory(limits.most_bytes_held // 2)
        self._models = models
        self._unknown: set[str] = set()
        self._converters = DaemonPool(os.cpu_count() or 1, "converter")

    async def compute(self, size: int, function: Callable[..., Result], *args: Any) -> Result:
        """Calls a function on some data, in a thread if there is much of it: the event loop must not wait.

        Args:
            size: The bytes of the data.
            function: The function.
            *args: Its arguments.

        Returns:
            What it returns.
        """
        if size <= _SMALL:
            return function(*args)
        return await asyncio.get_running_loop().run_in_executor(self._converters, function, *args)

    def close(self) -> None:
        """Ends its threads."""
        self._converters.shutdown()

    async def run(
        self, version: LoadedVersion, endpoint: str, feed: Arrays, outputs: tuple[str, ...], deadline: float
    ) -> Arrays:
        """Runs a signature, in a batch if the server has batching.

        Args:
            version: The version.
            endpoint: The signature's name.
            feed: Input name -> array.
            outputs: Names of the requested outputs; empty for all.
            deadline: When the request gives up, in the time of the event loop.

        Returns:
            Output name -> array.

        Raises:
            ServingError: If there are too many rows, the queue is full, the time is up, or the run fails.
        """
        version.check_rows(endpoint, feed, self.limits.most_rows)
        return await version.batcher.run(endpoint, feed, outputs, deadline - asyncio.get_running_loop().time())

    def lease(self, spec: model_pb2.ModelSpec) -> AbstractContextManager[LoadedVersion]:
        """Finds the version for a request, see `ModelVersions.lease`."""
        if not spec.name:
            raise invalid("Missing model name in request.")
        if spec.name not in self._models:
            numbered = spec.HasField("version")
            wanted = f"Specific({spec.name}, {spec.version.value})" if numbered else f"Latest({spec.name})"
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {wanted}")
        return self._models[spec.name].lease(spec)

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        """Reports the states of a model's versions, see `ModelVersions.status`."""
        if not spec.name:
            raise invalid("Missing model name in request.")
        if spec.name not in self._models:
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Could not find any versions of model {spec.name}")
        return self._models[spec.name].status(spec)

    def metadata(self, spec: model_pb2.ModelSpec) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """Reports the signatures of a version.

        Args:
            spec: The model.

        Raises:
            ServingError: If it is not loaded.
        """
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        signatures = get_model_metadata_pb2.SignatureDefMap()
        with self.lease(spec) as version:
            for name, definition in version.definitions.items():
                signatures.signature_def[name].CopyFrom(definition)
            response.model_spec.name = version.name
            response.model_spec.version.value = version.number
        response.metadata["signature_def"].Pack(signatures)
        return response

    async def counted(
        self, name: str, entrypoint: str, respond: Callable[[], Awaitable[Result]], deadline: float = math.inf
    ) -> Result:
        """Runs a Predict request, counts it and measures its latency.

        Args:
            name: The model's name in the request.
            entrypoint: `REST` or `GRPC`.
            respond: Computes the response.
            deadline: When the client gives up, in the time of the event loop.

        Returns:
            The response.
        """
        start = time.perf_counter()
        code = grpc.StatusCode.INTERNAL
        try:
            response = await respond()
            code = grpc.StatusCode.OK
            return response
        except ServingError as error:
            code = error.code
            raise
        except asyncio.CancelledError:
            # At its deadline a client and its library cancel, a little before or after our own clock says so.
            is_late = asyncio.get_running_loop().time() > deadline - _SECONDS_BETWEEN_CLOCKS
            code = grpc.StatusCode.DEADLINE_EXCEEDED if is_late else grpc.StatusCode.CANCELLED
            raise
        finally:
            self._count(name, entrypoint, code, start)

    def measure(self, name: str, api: str, entrypoint: str, start: float) -> None:
        """Adds the latency of a request to the metrics.

        Args:
            name: The model's name in the request; none of a malformed one.
            api: What was asked for; nothing by a malformed one.
            entrypoint: `REST` or `GRPC`.
            start: When it came, as `time.perf_counter` has it.
        """
        microseconds = 1e6 * (time.perf_counter() - start)
        self.metrics.observe("request_latency", microseconds, model_name=name, API=api, entrypoint=entrypoint)

    def _count(self, name: str, entrypoint: str, code: grpc.StatusCode, start: float) -> None:
        """Counts a request under the labels of the real server, which measures the failures of REST alone."""
        if name not in self._models and name not in self._unknown:
            if len(self._unknown) == _MOST_UNKNOWN:
                return
            self._unknown.add(name)
        self.metrics.increment("request_count", model_name=name, status=code.name)
        if entrypoint == "REST" or code is grpc.StatusCode.OK:
            self.measure(name, "predict" if entrypoint == "REST" else "Predict", entrypoint, start)
