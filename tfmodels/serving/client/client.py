"""A client of a model server for threads: arrays in, arrays out, over REST or gRPC."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from tfmodels.export.graph.signature import Signature
from tfmodels.serving.client.async_client import AsyncClient

Result = TypeVar("Result")


class Client:
    """A client of TensorFlow Serving or the development server. Thread-safe.

    It keeps its connections open, splits large batches, retries while the server is unavailable, and respects the time
    limit: see `AsyncClient`, which takes the same arguments.

    Args:
        url: The server, or the model on it.
        model: The model's name, if it is not in the URL.
        timeout: Time limit of a call in seconds.
        batch_size: Maximum rows of a request.
        headers: Sent with each request.
        ca_file: The certificates to trust.

    Raises:
        ValueError: If the URL is invalid or names no model.

    Example:
        ```python
        with Client("http://localhost:8501", model="demo") as client:
            client.predict(text=["4:05 PM"])["text"]
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
        self._client = AsyncClient(url, model, timeout, batch_size, headers, ca_file)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="serving client", daemon=True)
        self._thread.start()

    def endpoints(self) -> Mapping[str, Signature]:
        """Gets the endpoints, see `AsyncClient.endpoints`."""
        return self._wait(self._client.endpoints())

    def predict(self, endpoint: str = "serving_default", /, **arrays: ArrayLike) -> dict[str, np.ndarray]:
        """Calls an endpoint with a batch, see `AsyncClient.predict`."""
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

    def _wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
