"""The connection of a client to a server over REST."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import grpc
import numpy as np
from google.protobuf import json_format

from tfmodels.export.graph.declared_signatures import read_signatures
from tfmodels.export.graph.signature import Signature
from tfmodels.serving.client.access import OPEN, Access, rest_failure
from tfmodels.serving.client.address import Address
from tfmodels.serving.protocol.json_reader import read_columns
from tfmodels.serving.protocol.json_writer import write_request
from tfmodels.serving.protocol.messages import SignatureDefMap
from tfmodels.serving.protocol.metrics import METRICS_PATH
from tfmodels.serving.protocol.status import ServingError

_CONNECTIONS = 512  # at the same time; a process may open 1,024 files on most systems
# Statuses that are not listed are UNKNOWN.
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
    """Connections over REST, see `Channel`.

    Args:
        address: The model; its scheme is `http`, or `https` for encrypted connections.
        access: What the client shows and trusts.
    """

    def __init__(self, address: Address, access: Access = OPEN) -> None:
        self._address = address
        self._server = f"{address.scheme}://{address.host}"
        label = quote(address.label) if address.label else None
        self._url = str(address._replace(model=quote(address.model, safe=""), label=label))
        tls = access.tls() if address.scheme == "https" else True
        connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=tls)
        self._session = aiohttp.ClientSession(connector=connector, headers=access.headers)

    async def signatures(self, timeout: float) -> dict[str, Signature]:
        """Gets the signatures, see `Channel.signatures`."""
        content = await self._send("GET", f"{self._url}/metadata", timeout)
        try:
            signatures = json.loads(content)["metadata"]["signature_def"]
            return read_signatures(json_format.ParseDict(signatures, SignatureDefMap(), ignore_unknown_fields=True))
        except (ValueError, KeyError, TypeError, RecursionError, json_format.ParseError) as error:
            raise _foreign(content) from error

    async def states(self, timeout: float) -> dict[int, str]:
        """Gets the states of the versions, see `Channel.states`."""
        content = await self._send("GET", f"{self._server}/v1/models/{quote(self._address.model, safe='')}", timeout)
        try:
            return {int(one["version"]): str(one["state"]) for one in json.loads(content)["model_version_status"]}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _foreign(content) from error

    def request(self, endpoint: str, feed: Mapping[str, np.ndarray]) -> bytes:
        """Encodes a request, see `Channel.request`."""
        return write_request(endpoint, feed)

    async def send(self, request: bytes, timeout: float) -> bytes:
        """Sends a request, see `Channel.send`."""
        return await self._send("POST", f"{self._url}:predict", timeout, request)

    def read(self, response: bytes, signature: Signature) -> dict[str, np.ndarray]:
        """Decodes a response, see `Channel.read`."""
        types = {name: field.dtype for name, field in signature.outputs.items()}
        try:
            return read_columns(json.loads(response)["outputs"], types)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _foreign(response) from error

    async def metrics(self, timeout: float) -> str:
        """Gets the metrics of the server.

        Args:
            timeout: Time limit in seconds.

        Returns:
            The metrics in Prometheus' text format.

        Raises:
            ServingError: If the server reports an error or does not respond in time.
        """
        return (await self._send("GET", f"{self._server}{METRICS_PATH}", timeout)).decode()

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def _send(self, method: str, url: str, timeout: float, body: bytes | None = None) -> bytes:
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            # Redirects are not followed: the headers may be secrets.
            async with self._session.request(method, url, data=body, timeout=limit, allow_redirects=False) as response:
                content = await response.read()
                if response.status != 200:
                    message = _message(content) or f"HTTP status {response.status}"
                    raise ServingError(_CODES.get(response.status, grpc.StatusCode.UNKNOWN), message)
                return content
        except TimeoutError:
            raise ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, f"No response within {timeout:.3g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise rest_failure(self._address, error) from error
        except aiohttp.ServerDisconnectedError as error:
            raise ServingError(grpc.StatusCode.UNAVAILABLE, "The server closed the connection") from error
        except aiohttp.ClientError as error:
            raise ServingError(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}") from error


def _foreign(content: bytes) -> ServingError:
    """The error of an answer that a model server does not send."""
    message = f"Expected the answer of a model server. Received: {content[:100]!r}"
    return ServingError(grpc.StatusCode.UNKNOWN, message)


def _message(content: bytes) -> str:
    try:
        document: Any = json.loads(content)
        return document["error"]
    except (ValueError, KeyError, TypeError):  # not from the server, such as the page of a proxy
        return content[:200].decode("utf-8", "replace")
