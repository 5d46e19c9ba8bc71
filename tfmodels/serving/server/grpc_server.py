"""The gRPC interface, in a thread with an event loop of its own."""

import asyncio
from concurrent.futures import Future

import grpc

from tfmodels.serving.server.daemon_pool import in_thread
from tfmodels.serving.server.grpc_services import add_services
from tfmodels.serving.server.server_core import ServerCore

# gRPC's own limits. Calls beyond the pending ones would be cancelled, as if the clients had done so, and those beyond
# the streams of a channel are refused without a reason: they are to reach the services, which say why.
_OPTIONS = {
    "grpc.so_reuseport": 0,  # else a second server could share the port instead of failing
    "grpc.max_concurrent_streams": 2000,
    # The window of a stream is small, and stays so, until its message is read; then it is as large as the message.
    "grpc.http2.bdp_probe": 0,
    "grpc.http2.lookahead_bytes": 2**14,
    "grpc.server.max_pending_requests": 10_000,
    "grpc.server.max_pending_requests_hard_limit": 20_000,
    "grpc.server_handshake_timeout_ms": 10_000,
    "grpc.max_connection_idle_ms": 300_000,
    "grpc.max_connection_age_ms": 600_000,  # of a client that does not receive its answers, too
}


class GrpcServer:
    """Answers calls.

    The library takes up one call in about five cycles of its event loop. Those of the loop that REST and the models
    have take milliseconds each under load, so gRPC has a loop of its own.

    Args:
        core: The models, called in the event loop from which the server is started.

    Example:
        `port = await GrpcServer(core).start("127.0.0.1:8500")`
    """

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    async def start(self, address: str) -> int:
        """Opens the port.

        Args:
            address: Host and port; port 0 for any free one.

        Returns:
            The port.

        Raises:
            RuntimeError: If it is in use.
        """
        port: Future[int] = Future()
        self._ended = in_thread(self._run, address, asyncio.get_running_loop(), port)
        return await asyncio.wrap_future(port)

    async def stop(self, seconds: float) -> None:
        """Closes the port, and finishes running calls within some seconds."""
        self._loop.call_soon_threadsafe(self._stopping.set_result, seconds)
        await asyncio.wrap_future(self._ended)

    def _run(self, address: str, core_loop: asyncio.AbstractEventLoop, port: Future[int]) -> None:
        asyncio.run(self._serve(address, core_loop, port))

    async def _serve(self, address: str, core_loop: asyncio.AbstractEventLoop, port: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping: asyncio.Future[float] = self._loop.create_future()
        limits = self._core.limits
        options = {
            **_OPTIONS,
            "grpc.max_receive_message_length": limits.most_bytes,
            "grpc.max_allowed_incoming_connections": limits.most_connections,
            "grpc.max_connection_age_grace_ms": round(1000 * (limits.call_seconds + limits.idle_seconds)),
        }
        try:
            server = grpc.aio.server(options=list(options.items()))
            health = await add_services(server, self._core, core_loop)
            opened = server.add_insecure_port(address)
            await server.start()
        except BaseException as error:
            port.set_exception(error)
            return
        port.set_result(opened)
        seconds = await self._stopping
        await health.enter_graceful_shutdown()
        await server.stop(seconds)
