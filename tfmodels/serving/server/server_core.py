"""The core of the server, shared by REST and gRPC: models, their status and metadata, limits, metrics."""

import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_pb2

from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.batcher import Batcher
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.model_versions import ModelVersions

Result = TypeVar("Result")


class ServerCore:
    """The models of a server.

    Args:
        models: Name -> its versions.
        batcher: Runs the requests.
        metrics: Where requests are counted.
        most_bytes: Maximum size in bytes of all requests that are held at the same time.

    Attributes:
        batcher: Runs the requests.
        metrics: Where requests are counted.
    """

    def __init__(self, models: dict[str, ModelVersions], batcher: Batcher, metrics: Metrics, most_bytes: int) -> None:
        self.batcher = batcher
        self.metrics = metrics
        self._models = models
        self._bytes_left = most_bytes

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

    @contextmanager
    def reserved(self, size: int) -> Generator[None]:
        """Reserves memory for a request inside the `with` block.

        Args:
            size: Its size in bytes.

        Raises:
            ServingError: If the requests that are held leave too little.
        """
        if size > self._bytes_left:
            raise ServingError(
                grpc.StatusCode.UNAVAILABLE,
                f"The waiting requests leave {self._bytes_left} bytes. Received: a request of {size} bytes",
            )
        self._bytes_left -= size
        try:
            yield
        finally:
            self._bytes_left += size

    async def counted(self, name: str, entrypoint: str, respond: Callable[[], Awaitable[Result]]) -> Result:
        """Runs a Predict request, counts it and measures its latency.

        Args:
            name: The model's name in the request.
            entrypoint: `REST` or `GRPC`.
            respond: Computes the response.

        Returns:
            The response.
        """
        start = time.perf_counter()
        code = grpc.StatusCode.OK
        try:
            return await respond()
        except ServingError as error:
            code = error.code
            raise
        finally:
            if name in self._models:  # clients may send any other name, so the metrics would grow without limit
                self.metrics.increment("request_count", model_name=name, status=code.name)
                microseconds = 1e6 * (time.perf_counter() - start)
                self.metrics.observe(
                    "request_latency", microseconds, model_name=name, API="Predict", entrypoint=entrypoint
                )
