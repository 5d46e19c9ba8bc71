"""What the REST and the gRPC interface have in common: the models, and the three things they are asked for."""

import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_pb2

from tfmodels.serving.batching import Batcher
from tfmodels.serving.metrics import Metrics
from tfmodels.serving.model_versions import ModelVersions, Version
from tfmodels.serving.status import ServingError, invalid


class ServedModels:
    """The models of a server.

    Args:
        models: Name -> its versions.
        batcher: What runs requests.
        metrics: What counts them.
        most_bytes: How many bytes of requests may be held at the same time.

    Attributes:
        batcher: What runs requests.
        metrics: What counts them.
    """

    def __init__(self, models: dict[str, ModelVersions], batcher: Batcher, metrics: Metrics, most_bytes: int) -> None:
        self.batcher = batcher
        self.metrics = metrics
        self._models = models
        self._bytes_left = most_bytes

    def lease(self, spec: model_pb2.ModelSpec) -> AbstractContextManager[Version]:
        """Gives the version that a request means, and keeps it loaded meanwhile.

        Args:
            spec: The request's model.

        Raises:
            ServingError: If it is not there.
        """
        if not spec.name:
            raise invalid("Missing model name in request.")
        if spec.name not in self._models:
            asked = f"Specific({spec.name}, {spec.version.value})" if spec.HasField("version") else None
            raise ServingError(
                grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {asked or f'Latest({spec.name})'}"
            )
        return self._models[spec.name].lease(spec)

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        """Tells the states of a model's versions.

        Args:
            spec: The model.

        Raises:
            ServingError: If there is no such model.
        """
        if not spec.name:
            raise invalid("Missing model name in request.")
        if spec.name not in self._models:
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Could not find any versions of model {spec.name}")
        return self._models[spec.name].status(spec)

    def metadata(self, spec: model_pb2.ModelSpec) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """Tells the signatures of a version.

        Args:
            spec: The model.

        Raises:
            ServingError: If it is not there.
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
        """Holds memory for a request.

        Args:
            size: Its bytes.

        Raises:
            ServingError: If too many are held already.
        """
        if size > self._bytes_left:
            raise ServingError(
                grpc.StatusCode.UNAVAILABLE,
                f"The requests that wait leave {self._bytes_left} bytes. Received: a request of {size} bytes",
            )
        self._bytes_left -= size
        try:
            yield
        finally:
            self._bytes_left += size

    async def counted(self, name: str, entrypoint: str, answer: Callable[[], Awaitable[Any]]) -> Any:
        """Counts a Predict request and takes its time.

        Args:
            name: The model's name, as asked for.
            entrypoint: `REST` or `GRPC`.
            answer: What answers it.

        Returns:
            The answer.
        """
        start = time.perf_counter()
        code = grpc.StatusCode.OK
        try:
            return await answer()
        except ServingError as error:
            code = error.code
            raise
        finally:
            if name in self._models:  # any other name comes from whoever asks, without end
                self.metrics.count("request_count", model_name=name, status=code.name)
                microseconds = 1e6 * (time.perf_counter() - start)
                self.metrics.observe(
                    "request_latency", microseconds, model_name=name, API="Predict", entrypoint=entrypoint
                )
