"""A client's way to a server over REST."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2

from tfmodels.export.graph.meta_graph import read_signatures
from tfmodels.export.graph.signature import Signature
from tfmodels.serving.address import Address
from tfmodels.serving.metrics import METRICS_PATH
from tfmodels.serving.status import ServingError
from tfmodels.serving.tensor_json import read_columns, write_request

_CONNECTIONS = 512  # at the same time; a process may open 1,024 files on most systems
# What is not listed is UNKNOWN.
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    404: grpc.StatusCode.NOT_FOUND,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


class RestChannel:
    """Keeps the connections to a server.

    Args:
        address: The model; its scheme is `http` or `https`.
    """

    def __init__(self, address: Address) -> None:
        self._server = f"{address.scheme}://{address.host}"
        self._url = str(
            address._replace(model=quote(address.model, safe=""), label=address.label and quote(address.label))
        )
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONNECTIONS))

    async def signatures(self, timeout: float) -> dict[str, Signature]:
        """Asks for the signatures.

        Args:
            timeout: Seconds.

        Returns:
            Endpoint name -> signature.

        Raises:
            ServingError: If the server does not tell.
        """
        document = json.loads(await self._ask("GET", f"{self._url}/metadata", timeout))
        told = document["metadata"]["signature_def"]
        return read_signatures(json_format.ParseDict(told, get_model_metadata_pb2.SignatureDefMap()))

    def request(self, endpoint: str, feed: Mapping[str, np.ndarray]) -> bytes:
        """Writes a request, which may be sent more than once.

        Args:
            endpoint: The endpoint's name.
            feed: Input name -> array.

        Returns:
            The body.
        """
        return write_request(endpoint, feed)

    async def send(self, request: bytes, timeout: float) -> bytes:
        """Asks for an answer.

        Args:
            request: What `request` wrote.
            timeout: Seconds.

        Returns:
            The answer, for `read`.

        Raises:
            ServingError: If the server does not answer.
        """
        return await self._ask("POST", f"{self._url}:predict", timeout, request)

    def read(self, answer: bytes, signature: Signature) -> dict[str, np.ndarray]:
        """Reads an answer.

        Args:
            answer: What `send` brought.
            signature: The endpoint's.

        Returns:
            Output name -> array.
        """
        types = {name: tf.as_dtype(field.dtype) for name, field in signature.outputs.items()}
        return read_columns(json.loads(answer)["outputs"], types)

    async def metrics(self, timeout: float) -> str:
        """Asks for what the server tells Prometheus, at the path where both servers of this package have it.

        Args:
            timeout: Seconds.

        Returns:
            The text.

        Raises:
            ServingError: If the server does not tell.
        """
        return (await self._ask("GET", f"{self._server}{METRICS_PATH}", timeout)).decode()

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def _ask(self, method: str, url: str, timeout: float, body: bytes | None = None) -> bytes:
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            async with self._session.request(method, url, data=body, timeout=limit) as answer:
                content = await answer.read()
                if answer.status != 200:
                    raise ServingError(_CODES.get(answer.status, grpc.StatusCode.UNKNOWN), _message(content))
                return content
        except TimeoutError:
            raise ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, f"No answer within {timeout:.3g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise ServingError(grpc.StatusCode.UNAVAILABLE, str(error)) from error
        except aiohttp.ServerDisconnectedError as error:
            raise ServingError(grpc.StatusCode.UNAVAILABLE, "The server closed the connection") from error
        except aiohttp.ClientError as error:
            raise ServingError(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}") from error


def _message(content: bytes) -> str:
    try:
        document: Any = json.loads(content)
        return document["error"]
    except (ValueError, KeyError, TypeError):  # a proxy's page
        return content[:200].decode("utf-8", "replace")
