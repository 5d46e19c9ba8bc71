"""Asking a model server from Python: arrays in, arrays out, over REST or gRPC."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Self

import grpc
import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.graph.signature import Signature, find_signature
from tfmodels.serving.address import Address, read_address
from tfmodels.serving.grpc_channel import GrpcChannel
from tfmodels.serving.rest_channel import RestChannel
from tfmodels.serving.status import ServingError

_AT_THE_SAME_TIME = 4  # batches of one call that are under way
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds before asking again


class AsyncClient:
    """Asks a model, TensorFlow Serving's or the development server's, in one event loop.

    Args:
        url: The server, `http://HOST:PORT` or `grpc://HOST:PORT`; with `/v1/models/NAME` (and perhaps `/versions/N` or
            `/labels/LABEL`) behind it if `model` is not given.
        model: The model's name.
        timeout: Seconds that a call may take, all batches and all attempts together.
        batch_size: Most rows of a request; calls with more are split.

    Raises:
        ValueError: If the URL is wrong or names no model.

    Example:
        ```python
        async with AsyncClient("grpc://localhost:8500", "demo") as client:
            (await client.predict(text=["4:05 PM"]))["text"]
        ```
    """

    def __init__(self, url: str, model: str | None = None, timeout: float = 60.0, batch_size: int = 32) -> None:
        if batch_size < 1 or timeout <= 0:
            raise ValueError(
                f"Expected timeout and batch_size to be positive. Received: timeout={timeout}, batch_size={batch_size}"
            )
        self._address = read_address(url, model)
        self._timeout = timeout
        self._batch_size = batch_size
        self._channel: RestChannel | GrpcChannel | None = None
        self._signatures: dict[str, Signature] = {}

    async def endpoints(self) -> dict[str, Signature]:
        """Tells the endpoints.

        Returns:
            Endpoint name -> signature, as the server stated it when it was first asked.

        Raises:
            ServingError: If the server does not tell.
        """
        if not self._signatures:
            deadline = asyncio.get_running_loop().time() + self._timeout
            self._signatures = await self._persist("metadata", deadline, self._connected().signatures)
        return self._signatures

    async def predict(self, endpoint: str = "serving_default", /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Answers a batch of any size above zero.

        While the server is unavailable (it starts, its queue is full) it is asked again, after growing pauses, until
        the time is up. Any other error is raised at once.

        Args:
            endpoint: The endpoint's name.
            **arrays: Input name -> array or nested list, `[batch, ...]`; text as `str` or `bytes`.

        Returns:
            Output name -> array, `[batch, ...]`; text as `bytes`.

        Raises:
            ValueError: If the endpoint is unknown, the inputs do not fit it, or the batch is empty.
            ServingError: If the server does not answer; says what it said, and which model and endpoint were asked.
        """
        deadline = asyncio.get_running_loop().time() + self._timeout
        signature = find_signature(await self.endpoints(), endpoint)
        feed = signature.feed(arrays)
        rows = len(next(iter(feed.values())))
        if not rows:
            raise ValueError(
                f"Expected at least one row: a server that batches never answers none. Received: endpoint={endpoint!r}"
            )
        channel = self._connected()
        free = asyncio.Semaphore(_AT_THE_SAME_TIME)

        async def ask(start: int) -> dict[str, np.ndarray]:
            part = {name: array[start : start + self._batch_size] for name, array in feed.items()}
            async with free:
                request = channel.request(endpoint, part)
                answer = await self._persist(endpoint, deadline, lambda timeout: channel.send(request, timeout))
                return channel.read(answer, signature)

        parts = [asyncio.create_task(ask(start)) for start in range(0, rows, self._batch_size)]
        try:
            return _joined(await asyncio.gather(*parts))
        finally:
            for part in parts:  # after an error the others are in vain
                part.cancel()

    async def close(self) -> None:
        """Closes the connections; the next call opens them again."""
        channel, self._channel = self._channel, None
        if channel:
            await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _connected(self) -> RestChannel | GrpcChannel:
        if self._channel is None:
            self._channel = open_channel(self._address)
        return self._channel

    async def _persist(self, endpoint: str, deadline: float, ask: Callable[[float], Awaitable[Any]]) -> Any:
        """Asks until there is an answer, an error that asking again does not help, or no time left."""
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while True:
            left = deadline - loop.time()
            try:
                return await ask(max(left, 1e-3))
            except ServingError as error:
                # Half of the pause is by chance, so that those who were refused together do not come back together.
                wait = pause * random.uniform(0.5, 1.0)
                if error.code is not grpc.StatusCode.UNAVAILABLE or loop.time() + wait >= deadline:
                    raise ServingError(
                        error.code, f"{error.message} (asked: {self._address}, endpoint {endpoint})"
                    ) from error
            await asyncio.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)


def open_channel(address: Address) -> RestChannel | GrpcChannel:
    """Makes the way to a server that an address names.

    Args:
        address: The model.

    Returns:
        The channel; it connects when it is first used.
    """
    return GrpcChannel(address) if address.scheme == "grpc" else RestChannel(address)


class Client:
    """Asks a model, TensorFlow Serving's or the development server's; many threads may share one.

    It keeps its connections, splits large batches, asks again while the server is unavailable, and gives up in time:
    see `AsyncClient`, whose arguments these are.

    Args:
        url: The server, or the model on it.
        model: The model's name, if the URL does not have it.
        timeout: Seconds that a call may take.
        batch_size: Most rows of a request.

    Raises:
        ValueError: If the URL is wrong or names no model.

    Example:
        ```python
        with Client("http://localhost:8501", model="demo") as client:
            client.predict(text=["4:05 PM"])["text"]
        ```
    """

    def __init__(self, url: str, model: str | None = None, timeout: float = 60.0, batch_size: int = 32) -> None:
        self._client = AsyncClient(url, model, timeout, batch_size)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="serving client", daemon=True)
        self._thread.start()

    def endpoints(self) -> Mapping[str, Signature]:
        """Tells the endpoints, see `AsyncClient.endpoints`."""
        return self._wait(self._client.endpoints())

    def predict(self, endpoint: str = "serving_default", /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Answers a batch, see `AsyncClient.predict`."""
        return self._wait(self._client.predict(endpoint, **arrays))

    def close(self) -> None:
        """Closes the connections; the client cannot be used afterwards."""
        self._wait(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    if len(parts) == 1:
        return parts[0]
    shapes = [{name: array.shape[1:] for name, array in part.items()} for part in parts]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError(
            "Expected outputs of the same shape from every batch; ask for fewer rows at a time. "
            f"Received: {shapes[0]} and others"
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
