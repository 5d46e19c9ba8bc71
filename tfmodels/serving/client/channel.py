"""The connection of a client to a server, over REST or gRPC."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from tfmodels.export.graph.signature import Signature
from tfmodels.serving.client.access import OPEN, Access
from tfmodels.serving.client.address import Address
from tfmodels.serving.client.grpc_channel import GrpcChannel
from tfmodels.serving.client.rest_channel import RestChannel


class Channel(Protocol):
    """A connection to a model on a server; requests and responses have the form of its interface."""

    async def signatures(self, timeout: float) -> dict[str, Signature]:
        """Gets the signatures of the model.

        Args:
            timeout: Time limit in seconds.

        Returns:
            Endpoint name -> signature.

        Raises:
            ServingError: If the server reports an error or does not respond in time.
        """

    async def states(self, timeout: float) -> dict[int, str]:
        """Gets the states of the versions of the model, whichever is meant.

        Args:
            timeout: Time limit in seconds.

        Returns:
            Version -> state; see `version_states.STATES`.

        Raises:
            ServingError: If the server reports an error or does not respond in time.
        """

    def request(self, endpoint: str, feed: Mapping[str, np.ndarray]) -> Any:
        """Encodes a request, which may be sent more than once.

        Args:
            endpoint: The endpoint's name.
            feed: Input name -> array.

        Returns:
            The request, for `send`.
        """

    async def send(self, request: Any, timeout: float) -> Any:
        """Sends a request.

        Args:
            request: The result of `request`.
            timeout: Time limit in seconds.

        Returns:
            The response, for `read`.

        Raises:
            ServingError: If the server reports an error or does not respond in time.
        """

    def read(self, response: Any, signature: Signature) -> dict[str, np.ndarray]:
        """Decodes a response.

        Args:
            response: The result of `send`.
            signature: The signature of the endpoint.

        Returns:
            Output name -> array.
        """

    async def close(self) -> None:
        """Closes the connections."""


def open_channel(address: Address, access: Access = OPEN) -> Channel:
    """Makes the channel for an address.

    Args:
        address: The model on the server.
        access: What the client shows and trusts.

    Returns:
        The channel; it connects on first use.

    Raises:
        FileNotFoundError: If there is no such file of certificates.
        ValueError: If it has none, or the address is not encrypted.
    """
    access.check(address)
    return (GrpcChannel if address.scheme.startswith("grpc") else RestChannel)(address, access)
