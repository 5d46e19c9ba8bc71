"""The connection of a client to a server over gRPC."""

from collections.abc import Awaitable, Mapping
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import get_model_metadata_pb2, model_pb2, predict_pb2, prediction_service_pb2_grpc

from tfmodels.export.graph.meta_graph import read_signatures
from tfmodels.export.graph.signature import Signature
from tfmodels.serving.client.address import Address
from tfmodels.serving.protocol.predict_proto import write_input
from tfmodels.serving.protocol.status import ServingError

# By default a client accepts 4 MB only, and retries by itself. Here the caller retries, who knows the deadline.
_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
]


class GrpcChannel:
    """A connection over gRPC, see `Channel`.

    Args:
        address: The model; its scheme is `grpc`. The connection is not encrypted.
    """

    def __init__(self, address: Address) -> None:
        self._spec = model_pb2.ModelSpec(name=address.model)
        if address.version is not None:
            self._spec.version.value = address.version
        if address.label:
            self._spec.version_label = address.label
        self._channel = grpc.aio.insecure_channel(address.host, _OPTIONS)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    async def signatures(self, timeout: float) -> dict[str, Signature]:
        """Gets the signatures, see `Channel.signatures`."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._spec, metadata_field=["signature_def"]
        )
        response = await _response(self._stub.GetModelMetadata(request, timeout=timeout))
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        return read_signatures(signatures)

    def request(self, endpoint: str, feed: Mapping[str, np.ndarray]) -> predict_pb2.PredictRequest:
        """Encodes a request, see `Channel.request`."""
        inputs = {name: write_input(array) for name, array in feed.items()}
        request = predict_pb2.PredictRequest(model_spec=self._spec, inputs=inputs)
        request.model_spec.signature_name = endpoint
        return request

    async def send(self, request: predict_pb2.PredictRequest, timeout: float) -> predict_pb2.PredictResponse:
        """Sends a request, see `Channel.send`."""
        return await _response(self._stub.Predict(request, timeout=timeout))

    def read(self, response: predict_pb2.PredictResponse, signature: Signature) -> dict[str, np.ndarray]:
        """Decodes a response, see `Channel.read`."""
        return {name: tf.make_ndarray(tensor) for name, tensor in response.outputs.items()}

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close()


async def _response(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise ServingError(error.code(), error.details() or error.code().name) from error
