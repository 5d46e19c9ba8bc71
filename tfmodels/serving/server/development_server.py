"""The development server: TensorFlow Serving's interfaces, for machines without the real server."""

import asyncio
import contextlib
import logging
import os
import resource
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from tfmodels.prompt_end import PromptEnd, end_now
from tfmodels.serving.config.batching_parameters import BatchingParameters
from tfmodels.serving.config.model_config import ModelConfig
from tfmodels.serving.ports import not_free, require_free
from tfmodels.serving.protocol.metrics import Metrics
from tfmodels.serving.server.connections import Connections
from tfmodels.serving.server.grpc_server import GrpcServer
from tfmodels.serving.server.limits import Limits
from tfmodels.serving.server.model_versions import ModelVersions
from tfmodels.serving.server.rest_api import RestApi
from tfmodels.serving.server.server_core import ServerCore
from tfmodels.serving.server.turns import Turns

_POLL_SECONDS = 1.0  # between two searches for new versions
_MOST_LOADS = 2  # at the same time, without those that take longer than
_SLOW_SECONDS = 10.0
_PATIENCE_SECONDS = 30.0  # with a model that loads, while others could be served
_SECONDS_TO_FINISH = 3.0
_SECONDS_TO_UNLOAD = 0.5
_MOST_WAITING = 1000  # requests that wait for a thread, without batching
_READ_BYTES = 2**14  # that aiohttp holds of a body before its handler reads it
_log = logging.getLogger(__name__)
_quiet = logging.getLogger(f"{__name__}.http")  # aiohttp logs each malformed request with its traceback
_quiet.setLevel(logging.CRITICAL)


class DevelopmentServer:
    """Serves SavedModels over REST and gRPC, as TensorFlow Serving does.

    It supports Predict in row and column form, metadata and status, by version and label, with the real server's error
    codes and metric names. Each version runs in a TF1 session after its warm-up requests; new versions replace old
    ones without a failed request. Unlike the real server, it answers an empty batch with empty lists, and runs the
    requests of a failed batch again one by one. It has no Classify, Regress or MultiInference, no encryption and no
    access control. Memory is bounded: requests beyond the limit are refused with 503.

    Args:
        models: The models to serve.
        host: The address to listen on.
        rest_port: Port of the REST interface; 0 for any free port.
        grpc_port: Port of the gRPC interface; 0 for any free port.
        batching: How requests are batched; by default each runs alone.
        limits: What a request may take.

    Attributes:
        rest_port: The port of the REST interface, known after the start.
        grpc_port: The port of the gRPC interface, known after the start.

    Example:
        ```python
        async with DevelopmentServer(read_models("saved_models")) as server:
            print(server.rest_port)
            await asyncio.Event().wait()
        ```
    """

    def __init__(
        self,
        models: Sequence[ModelConfig],
        host: str = "127.0.0.1",
        rest_port: int = 8501,
        grpc_port: int = 8500,
        batching: BatchingParameters | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.rest_port = rest_port
        self.grpc_port = grpc_port
        self._host = host
        self._limits = limits or Limits()
        self._metrics = Metrics()
        parameters = batching or BatchingParameters(
            max_batch_size=0, max_enqueued_batches=_MOST_WAITING, num_batch_threads=2 * (os.cpu_count() or 1)
        )
        self._models = {
            model.name: ModelVersions(model, parameters, self._limits.load_seconds, self._metrics) for model in models
        }
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def hangs(self) -> bool:
        """Whether a load or a run has not ended, which nothing can end but the process."""
        return any(model.hangs for model in self._models.values())

    async def start(self) -> None:
        """Loads the models, then opens the ports.

        A model that cannot be loaded does not keep the others from being served; one that takes long is waited for
        only until another has been loaded and half a minute has passed.

        Raises:
            ValueError: If no model can be loaded, or a port is in use.
        """
        for name, port in (("rest_port", self.rest_port), ("grpc_port", self.grpc_port)):
            require_free(self._host, name, port)  # before models are loaded, which may take minutes
        try:
            await self._load()
            self._core = ServerCore(self._models, self._metrics, self._limits)
            await self._open_grpc(self._core)
            await self._open_rest(self._core)
        except BaseException:
            await self._unload()
            raise

    async def stop(self) -> None:
        """Closes the ports, finishes running requests within some seconds, and unloads the models."""
        self._listener.close()
        await asyncio.gather(self._close_rest(), self._grpc.stop(_SECONDS_TO_FINISH))
        self._core.close()
        await self._unload()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _load(self) -> None:
        turns, loop = Turns(_MOST_LOADS, _SLOW_SECONDS), asyncio.get_running_loop()
        first = [loop.create_future() for _ in self._models]
        for model, loaded in zip(self._models.values(), first, strict=True):
            self._tasks.append(asyncio.create_task(self._update_forever(model, turns, loaded)))
        start = loop.time()
        while not all(loaded.done() for loaded in first):
            if loop.time() > start + _PATIENCE_SECONDS and any(model.is_served for model in self._models.values()):
                break
            await asyncio.wait(first, timeout=1.0)
        if not any(model.is_served for model in self._models.values()):
            problems = [problem for model in self._models.values() for problem in model.problems()]
            raise ValueError("Expected a model that can be loaded. Received: " + "\n".join(problems))

    async def _update_forever(self, model: ModelVersions, turns: Turns, loaded: asyncio.Future[None]) -> None:
        while True:
            try:
                await model.update(turns)
            except Exception:  # such as a folder that was removed while it was read: the next update may succeed
                _log.exception("Searching for versions")
            if not loaded.done():
                loaded.set_result(None)
            await asyncio.sleep(_POLL_SECONDS)

    async def _unload(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(model.close(_SECONDS_TO_UNLOAD) for model in self._models.values()))

    async def _open_grpc(self, core: ServerCore) -> None:
        self._grpc = GrpcServer(core)
        try:
            self.grpc_port = await self._grpc.start(f"{self._host}:{self.grpc_port}")
        except RuntimeError as error:
            raise ValueError(not_free("grpc_port", self.grpc_port, error)) from None

    async def _open_rest(self, core: ServerCore) -> None:
        interface = RestApi(core)
        server = web.Server(
            lambda request: self._respond(interface, request),
            access_log=None,
            logger=_quiet,
            auto_decompress=False,  # it knows no limit
            read_bufsize=_READ_BYTES,
            handler_cancellation=True,  # requests of clients that have gone leave the queue
        )
        self._connections = Connections(server, self._limits)
        self._rest = web.ServerRunner(server, shutdown_timeout=_SECONDS_TO_FINISH)
        await self._rest.setup()
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(self._connections, self._host, self.rest_port)
        except OSError as error:
            await self._grpc.stop(0)
            raise ValueError(not_free("rest_port", self.rest_port, error)) from None
        self.rest_port = self._listener.sockets[0].getsockname()[1]
        self._tasks.append(asyncio.create_task(self._connections.close_late()))

    async def _close_rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_FINISH):
                await self._rest.cleanup()
        self._connections.abort()

    async def _respond(self, interface: RestApi, request: web.BaseRequest) -> web.Response:
        with self._connections.request(request.transport):
            return await interface.respond(request)


async def serve(
    server: DevelopmentServer, started: Callable[[DevelopmentServer], None], ending: PromptEnd | None = None
) -> None:
    """Runs a server until the process receives SIGINT or SIGTERM, and ends the process within five seconds of it.

    Its status is 0, unless it had to be killed, such as where a library holds the interpreter.

    Args:
        server: The server, not yet started.
        started: Called once the ports are open.
        ending: The context of the process, where it was entered before. By default one is entered here.

    Example:
        `asyncio.run(serve(DevelopmentServer(read_models("saved_models")), print))`
    """
    if ending is None:
        with PromptEnd() as own:
            await serve(server, started, own)
        return
    _allow_open_files()
    stop = asyncio.Event()
    ending.tidy_up(stop.set)
    starting, stopping = asyncio.create_task(server.start()), asyncio.create_task(stop.wait())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
        started(server)
        await stop.wait()
        await server.stop()
    else:
        starting.cancel()
        await asyncio.wait((starting,))
    stopping.cancel()
    if server.hangs:
        end_now()


def _allow_open_files() -> None:
    """Lets the process open as many files, and so connections, as it may: often only 1,024 unless it asks."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
