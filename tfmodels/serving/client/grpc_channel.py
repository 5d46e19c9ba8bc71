"""The connection of a client to a server over gRPC."""

from collections.abc import Awaitable, Mapping
from typing import Any

import grpc
import numpy as np

from tfmodels.export.graph.declared_signatures import read_signatures
from tfmodels.export.graph.signature import Signature
from tfmodels.serving.client.access import OPEN, Access, grpc_failure
from tfmodels.serving.client.address import Address
from tfmodels.serving.client.version_states import STATES
from tfmodels.serving.protocol import messages
from tfmodels.serving.protocol.tensor_proto import read_tensor, write_packed

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
        address: The model; its scheme is `grpc`, or `grpcs` for an encrypted connection.
        access: What the client shows and trusts.
    """

    def __init__(self, address: Address, access: Access = OPEN) -> None:
        self._address = address
        self._headers = tuple((name.lower(), value) for name, value in access.headers.items())
        if address.scheme == "grpcs":
            credentials = grpc.ssl_channel_credentials(access.certificates())
            self._channel = grpc.aio.secure_channel(address.host, credentials, _OPTIONS)
        else:
            self._channel = grpc.aio.insecure_channel(address.host, _OPTIONS)
        self._predict = self._method("Prediction", "Predict", messages.PredictRequest, messages.PredictResponse)
        self._metadata = self._method(
            "Prediction", "GetModelMetadata", messages.GetModelMetadataRequest, messages.GetModelMetadataResponse
        )
        self._status = self._method(
            "Model", "GetModelStatus", messages.GetModelStatusRequest, messages.GetModelStatusResponse
        )

    async def signatures(self, timeout: float) -> dict[str, Signature]:
        """Gets the signatures, see `Channel.signatures`."""
        request = messages.GetModelMetadataRequest(metadata_field=["signature_def"])
        self._name(request.model_spec)
        response = await self._response(self._metadata(request, timeout=timeout, metadata=self._headers))
        return read_signatures(messages.SignatureDefMap.FromString(response.metadata["signature_def"].value))

    async def states(self, timeout: float) -> dict[int, str]:
        """Gets the states of the versions, see `Channel.states`."""
        request = messages.GetModelStatusRequest()
        request.model_spec.name = self._address.model
        response = await self._response(self._status(request, timeout=timeout, metadata=self._headers))
        return {one.version: STATES.get(one.state, "UNKNOWN") for one in response.model_version_status}

    def request(self, endpoint: str, feed: Mapping[str, np.ndarray]) -> Any:
        """Encodes a request, see `Channel.request`."""
        request = messages.PredictRequest()
        self._name(request.model_spec)
        request.model_spec.signature_name = endpoint
        for name, array in feed.items():
            write_packed(array, request.inputs[name])
        return request

    async def send(self, request: Any, timeout: float) -> Any:
        """Sends a request, see `Channel.send`."""
        return await self._response(self._predict(request, timeout=timeout, metadata=self._headers))

    def read(self, response: Any, signature: Signature) -> dict[str, np.ndarray]:
        """Decodes a response, see `Channel.read`."""
        return {name: read_tensor(tensor) for name, tensor in response.outputs.items()}

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close()

    def _method(self, service: str, name: str, request: Any, response: Any) -> Any:
        return self._channel.unary_unary(
            f"/tensorflow.serving.{service}Service/{name}", request.SerializeToString, response.FromString
        )

    def _name(self, spec: Any) -> None:
        """Writes which model is meant."""
        spec.name = self._address.model
        if self._address.version is not None:
            spec.version.value = self._address.version
        elif self._address.label:
            spec.version_label = self._address.label

    async def _response(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise grpc_failure(self._address, error.code(), error.details() or "") from error
