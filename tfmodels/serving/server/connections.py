"""The connections of the REST interface: bounded in number, each closed when it does not go on."""

import asyncio
import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import cast

from tfmodels.serving.server.limits import Limits

_BUFFER_BYTES = 2**16  # read at once: what a connection may hold beyond its requests
_SWEEP_SECONDS = 1.0
_MESSAGE = b'{"error": "Too many connections; retry later"}'
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_MESSAGE), _MESSAGE)
)


class Connections:
    """Makes the protocol of each connection: aiohttp's, with a time limit on whatever it waits for.

    Args:
        protocol: Makes aiohttp's protocol.
        limits: The number and the times.

    Example:
        `await loop.create_server(Connections(server, limits), host, port)`
    """

    def __init__(self, protocol: Callable[[], asyncio.Protocol], limits: Limits) -> None:
        self.limits = limits
        self.buffer = memoryview(bytearray(_BUFFER_BYTES))  # one for all: what it holds is passed on at once
        self._protocol = protocol
        self._open: dict[asyncio.Transport, _Connection] = {}

    def __call__(self) -> asyncio.BufferedProtocol:
        """The protocol of a new connection."""
        return _Connection(self, self._protocol())

    def add(self, transport: asyncio.Transport, connection: "_Connection") -> bool:
        """Admits a connection unless there are too many."""
        if len(self._open) >= self.limits.most_connections:
            transport.write(_FULL)
            transport.close()
            return False
        self._open[transport] = connection
        return True

    def remove(self, transport: asyncio.Transport) -> None:
        """Forgets a closed connection."""
        self._open.pop(transport, None)

    @contextmanager
    def request(self, transport: asyncio.Transport | None) -> Generator[None]:
        """Inside the `with` block a request of the connection is at work, which has limits of its own."""
        connection = self._open.get(transport) if transport else None
        if connection:
            connection.close_at = math.inf
        try:
            yield
        finally:
            if connection:
                connection.idle()

    async def close_late(self) -> None:
        """Closes connections whose time is over, until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            for transport, connection in list(self._open.items()):
                if connection.close_at < loop.time():
                    transport.abort()  # it may wait for a client that receives nothing

    def abort(self) -> None:
        """Closes all connections at once."""
        for transport in list(self._open):
            transport.abort()


class _Connection(asyncio.BufferedProtocol):
    """Passes everything on to aiohttp's protocol.

    Attributes:
        close_at: When it is closed, in the time of the event loop.
    """

    def __init__(self, connections: Connections, protocol: asyncio.Protocol) -> None:
        self._all = connections
        self._protocol = protocol
        self._admitted = False
        self.idle()

    def idle(self) -> None:
        """Waits for a request, or for the client to receive a response."""
        self._is_idle = True
        self.close_at = asyncio.get_running_loop().time() + self._all.limits.idle_seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._admitted = self._all.add(self._transport, self)
        if self._admitted:
            self._protocol.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.remove(self._transport)
        if self._admitted:
            self._protocol.connection_lost(exc)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._all.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._is_idle and self.close_at < math.inf:
            self._is_idle = False
            self.close_at = asyncio.get_running_loop().time() + self._all.limits.header_seconds
        self._protocol.data_received(bytes(self._all.buffer[:nbytes]))

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()
