"""A client of a model server for an event loop: arrays in, arrays out, over REST or gRPC."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Self, TypeVar

import grpc
import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.graph.signature import Signature, find_signature
from tfmodels.serving.client.access import Access, UnreachableError
from tfmodels.serving.client.address import read_address
from tfmodels.serving.client.channel import Channel, open_channel
from tfmodels.serving.client.version_states import why_not_found
from tfmodels.serving.protocol.status import ServingError

_CONCURRENT_BATCHES = 4  # of one call
_STATES_SECONDS = 5.0  # to wait at most for what only explains an error
_CLOSE = 0.05  # seconds by which timers may ring early
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds before a retry

Result = TypeVar("Result")


class AsyncClient:
    """A client of TensorFlow Serving or the development server, for one event loop.

    Args:
        url: The server, `http://HOST:PORT` or `grpc://HOST:PORT`, encrypted `https://...` or `grpcs://...`, followed by
            `/v1/models/NAME` (and optionally `/versions/N` or `/labels/LABEL`) if `model` is not given.
        model: The model's name.
        timeout: Time limit of a call in seconds, for all its batches and retries.
        batch_size: Maximum rows of a request; larger calls are split.
        headers: Name -> value, sent with each request, over gRPC as metadata; such as `Authorization`.
        ca_file: A file in PEM with the certificates of the authorities that the client trusts, for `https` and `grpcs`.
            Default: those of the system.

    Raises:
        ValueError: If the URL is invalid or names no model, or a header is none.

    Example:
        ```python
        async with AsyncClient("grpc://localhost:8500", "demo") as client:
            (await client.predict(text=["4:05 PM"]))["text"]
        ```
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        timeout: float = 60.0,
        batch_size: int = 32,
        headers: Mapping[str, str] | None = None,
        ca_file: str | Path | None = None,
    ) -> None:
        if batch_size < 1 or not 0 < timeout < math.inf:
            raise ValueError(
                f"Expected timeout and batch_size to be positive. Received: timeout={timeout}, batch_size={batch_size}"
            )
        self._address = read_address(url, model)
        self._access = Access(headers or {}, ca_file)
        self._access.check(self._address)
        self._timeout = timeout
        self._batch_size = batch_size
        self._channel: Channel | None = None
        self._signatures: dict[str, Signature] = {}

    async def endpoints(self) -> dict[str, Signature]:
        """Gets the endpoints of the model.

        Returns:
            Endpoint name -> signature, as the server reported it at the first call.

        Raises:
            ServingError: If the server reports an error or does not respond in time.
        """
        if not self._signatures:
            deadline = asyncio.get_running_loop().time() + self._timeout
            self._signatures = await self._retry("metadata", deadline, self._connected().signatures)
        return self._signatures

    async def predict(self, endpoint: str = "serving_default", /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Calls an endpoint with a batch of any size above zero.

        While the server is unavailable (its queue is full, or it closes connections), requests are retried after
        growing pauses until the time is up. Other errors are raised at once, also if there is no server to trust.

        Args:
            endpoint: The endpoint's name.
            **arrays: Input name -> array or nested list, `[batch, ...]`; text as `str` or `bytes`.

        Returns:
            Output name -> array, `[batch, ...]`; text as `bytes`.

        Raises:
            ValueError: If the endpoint is unknown, the inputs do not fit it, or the batch is empty.
            ServingError: If the server reports an error or does not respond in time; names the model and the endpoint.
        """
        deadline = asyncio.get_running_loop().time() + self._timeout
        signature = find_signature(await self.endpoints(), endpoint)
        feed = signature.feed(arrays)
        rows = len(next(iter(feed.values())))
        if not rows:
            raise ValueError(
                f"Expected at least one row: a server that batches does not answer empty requests. "
                f"Received: rows=0 for endpoint={endpoint!r}"
            )
        channel = self._connected()
        free = asyncio.Semaphore(_CONCURRENT_BATCHES)

        async def send(start: int) -> dict[str, np.ndarray]:
            batch = {name: array[start : start + self._batch_size] for name, array in feed.items()}
            async with free:
                request = channel.request(endpoint, batch)
                response = await self._retry(endpoint, deadline, lambda timeout: channel.send(request, timeout))
                return signature.ordered(channel.read(response, signature))

        batches = [asyncio.create_task(send(start)) for start in range(0, rows, self._batch_size)]
        try:
            return _joined(await asyncio.gather(*batches))
        finally:
            for batch in batches:  # after an error the results of the others are not needed
                batch.cancel()

    async def close(self) -> None:
        """Closes the connections; the next call reopens them."""
        channel, self._channel = self._channel, None
        if channel:
            await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _connected(self) -> Channel:
        if self._channel is None:
            self._channel = open_channel(self._address, self._access)
        return self._channel

    async def _retry(self, endpoint: str, deadline: float, send: Callable[[float], Awaitable[Result]]) -> Result:
        """Sends a request until there is a response, an error other than UNAVAILABLE, or no time left."""
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while True:
            left = deadline - loop.time()
            try:
                return await send(max(left, 1e-3))
            except UnreachableError:
                raise
            except ServingError as error:
                # Half of the pause is random, so that clients refused together do not all retry at the same moment.
                wait = pause * random.uniform(0.5, 1.0)
                if error.code is not grpc.StatusCode.UNAVAILABLE or loop.time() + wait >= deadline:
                    # The channel knows only what was left of the time; a server may end a call by its own limit.
                    is_late = error.code is grpc.StatusCode.DEADLINE_EXCEEDED and loop.time() + _CLOSE >= deadline
                    reason = f"No response within {self._timeout:g} s" if is_late else error.message
                    message = f"{reason} (request to {self._address}, endpoint {endpoint})"
                    if error.code is grpc.StatusCode.NOT_FOUND:
                        message += await self._why_not_found(max(deadline - loop.time(), 1e-3))
                    raise ServingError(error.code, message) from error
            await asyncio.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _why_not_found(self, timeout: float) -> str:
        """What the states of the model say; nothing where the server does not tell them."""
        try:
            states = await self._connected().states(min(timeout, _STATES_SECONDS))
        except ServingError as error:
            if error.code is not grpc.StatusCode.NOT_FOUND:
                return ""
            states = {}
        return f". {why_not_found(self._address, states)}"


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    if len(parts) == 1:
        return parts[0]
    shapes = [{name: array.shape[1:] for name, array in part.items()} for part in parts]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError(
            "Expected outputs of the same shape from every batch; send fewer rows per call. "
            f"Received: {shapes[0]} and others"
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
