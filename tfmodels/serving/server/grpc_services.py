"""The gRPC services of TensorFlow Serving, on grpc.aio.

Messages are taken as bytes: they are parsed here, off the event loop if they are large, after their size was checked.
Every method is declared to take a stream, of which it reads one message: so it decides when a message may arrive.
Messages arrive in the event loop of gRPC; requests to models are answered in that of the core.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial
from typing import Any, NamedTuple, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataRequest, GetModelMetadataResponse
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest, GetModelStatusResponse
from tensorflow_serving.apis.predict_pb2 import PredictRequest, PredictResponse

from tfmodels.serving.protocol.message_size import declared_bytes, parse_predict
from tfmodels.serving.protocol.predict_proto import read_proto_request
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_proto import write_listed
from tfmodels.serving.server.batch_queue import Arrays
from tfmodels.serving.server.limits import time_limit
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.memory import FREE_BYTES, Held, Memory
from tfmodels.serving.server.server_core import ServerCore
from tfmodels.serving.server.turns import Arrivals

_MOST_CALLS = 1000  # at the same time
_MOST_UNREAD = 4000  # calls, each with a window of bytes that the library has received
_SMALL = 2**16  # bytes of a message that names a model
_BYTES_OF_VALUE = 64  # roughly, of a value in Python
# Of a message with a text: its bytes as they were received, in the request, in Python, in a tensor; the same of the
# answer. Measured with texts of 15 MB: 8.7.
_COPIES = 8
_HEALTHY = ("", "ModelService", "PredictionService")
_log = logging.getLogger(__name__)
Context = grpc.aio.ServicerContext
_Respond = Callable[[bytes, float | None], Coroutine[Any, Any, bytes]]
MessageType = TypeVar("MessageType", bound=Message)


async def add_services(
    server: grpc.aio.Server, core: ServerCore, core_loop: asyncio.AbstractEventLoop
) -> health.aio.HealthServicer:
    """Adds `PredictionService`, `ModelService` and `Health` to a server.

    Args:
        server: The server.
        core: The models.
        core_loop: The event loop from which the core is called.

    Returns:
        What reports the health.
    """
    services = _Services(core, core_loop)
    prediction: dict[str, _Respond] = {"Predict": services.predict, "GetModelMetadata": services.metadata}
    # They take serialised `tf.Example` messages, which exports of raw input do not accept.
    prediction |= {name: _unimplemented(name) for name in ("Classify", "Regress", "MultiInference")}
    models: dict[str, _Respond] = {"GetModelStatus": services.status, "HandleReloadConfigRequest": _no_reload}
    server.add_generic_rpc_handlers(
        [
            services.handlers("tensorflow.serving.PredictionService", prediction),
            services.handlers("tensorflow.serving.ModelService", models),
            services.health_handlers(),
        ]
    )
    for name in _HEALTHY:
        await services.health.set(name, health_pb2.HealthCheckResponse.SERVING)
    return services.health


class _Refusal(NamedTuple):
    code: grpc.StatusCode
    text: str


class _Services:
    def __init__(self, core: ServerCore, core_loop: asyncio.AbstractEventLoop) -> None:
        self.health = health.aio.HealthServicer()
        self._core = core
        self._core_loop = core_loop
        self._calls = 0
        self._arrivals = Arrivals(core.limits.most_arriving, core.limits.rest_seconds)
        self._room = Memory(core.limits.most_bytes_held, core.limits.most_arriving // 4)
        self._unreceived = Memory(core.limits.most_bytes_held // 2)

    def handlers(self, service: str, methods: dict[str, _Respond]) -> grpc.GenericRpcHandler:
        """The methods of a service, with bytes for messages."""
        by_name = {
            name: grpc.stream_unary_rpc_method_handler(self._handler(self._in_core(method)))
            for name, method in methods.items()
        }
        return grpc.method_handlers_generic_handler(service, by_name)

    def health_handlers(self) -> grpc.GenericRpcHandler:
        """The methods of `Health`, whose messages may be as large and as wrong as any."""

        async def watch(stream: Any, context: Context) -> None:
            async def report(message: bytes, seconds: float | None) -> bytes:
                await self.health.Watch(_parse(message, health_pb2.HealthCheckRequest()), context)
                return b""

            await self._handler(report)(stream, context)

        serializer = health_pb2.HealthCheckResponse.SerializeToString
        by_name = {
            "Check": grpc.stream_unary_rpc_method_handler(self._handler(self.check)),
            "Watch": grpc.stream_stream_rpc_method_handler(watch, response_serializer=serializer),
        }
        return grpc.method_handlers_generic_handler("grpc.health.v1.Health", by_name)

    def _in_core(self, respond: _Respond) -> _Respond:
        async def pass_on(message: bytes, seconds: float | None) -> bytes:
            running = asyncio.run_coroutine_threadsafe(_settle(respond, message, seconds), self._core_loop)
            outcome = await asyncio.wrap_future(running)
            if isinstance(outcome, _Refusal):
                raise ServingError(*outcome)
            return outcome

        return pass_on

    def _handler(self, respond: _Respond) -> Callable[[Any, Context], Coroutine[Any, Any, bytes]]:
        async def handle(stream: Any, context: Context) -> bytes:
            self._calls += 1
            try:
                outcome = await _settle(self._answer, respond, context)
            finally:
                self._calls -= 1
            if isinstance(outcome, _Refusal):
                await context.abort(outcome.code, _brief(outcome.text))
            return outcome

        return handle

    async def _answer(self, respond: _Respond, context: Any) -> bytes:
        if self._calls > _MOST_UNREAD:
            raise _too_many(_MOST_UNREAD)
        with self._room.request() as held:
            message = await self._arrivals.receive(partial(_read, context, held))
            if self._calls > _MOST_CALLS:  # not before: clients whose message is not read may see CANCELLED
                raise _too_many(_MOST_CALLS)
            answer = await respond(message, context.time_remaining())
        if len(answer) > FREE_BYTES:
            unreceived = ExitStack()
            unreceived.enter_context(self._unreceived.request()).add(len(answer))
            context.add_done_callback(lambda _: unreceived.close())
        return answer

    async def check(self, message: bytes, seconds: float | None) -> bytes:
        request = _parse(message, health_pb2.HealthCheckRequest())
        if request.service not in _HEALTHY:
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Expected one of {_HEALTHY}. Received: {request.service!r}")
        return health_pb2.HealthCheckResponse(status="SERVING").SerializeToString()

    async def predict(self, message: bytes, seconds: float | None) -> bytes:
        limit = self._core.limits.call_seconds
        with self._core.working.request() as held:
            held.add(len(message))
            async with time_limit(limit if seconds is None else min(seconds, limit)) as ends:
                request = await self._core.compute(len(message), parse_predict, message)
                size = declared_bytes(request)
                held.add(size)
                return await self._core.counted(
                    request.model_spec.name, "GRPC", lambda: self._predict(request, max(size, len(message)), ends), ends
                )

    async def _predict(self, request: PredictRequest, size: int, deadline: float) -> bytes:
        _check_named(request)
        with self._core.lease(request.model_spec) as version:
            predict = await self._core.compute(size, read_proto_request, request, version.definitions)
            outputs = await self._core.run(version, predict.endpoint, predict.feed, predict.outputs, deadline)
            size = sum(_BYTES_OF_VALUE * array.size for array in outputs.values())
            return await self._core.compute(size, _write, version, predict.endpoint, outputs)

    async def metadata(self, message: bytes, seconds: float | None) -> bytes:
        request = _parse(message, GetModelMetadataRequest())
        _check_named(request)
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        if others := [name for name in request.metadata_field if name != "signature_def"]:
            raise invalid(f"Metadata field {others[0]} is not supported")
        response: GetModelMetadataResponse = self._core.metadata(request.model_spec)
        return response.SerializeToString()

    async def status(self, message: bytes, seconds: float | None) -> bytes:
        request = _parse(message, GetModelStatusRequest())
        _check_named(request)
        response: GetModelStatusResponse = self._core.status(request.model_spec)
        return response.SerializeToString()


async def _read(context: Any, held: Held) -> bytes:
    """Reads a message, and waits until there is memory for what is made of it."""
    message = await context.read()
    if message is grpc.aio.EOF:
        raise invalid("Expected a message. Received: none")
    if len(message) > FREE_BYTES:
        await held.wait(_COPIES * len(message))
    return message


async def _settle(respond: Callable[..., Coroutine[Any, Any, bytes]], *args: Any) -> bytes | _Refusal:
    """Answers, or says why not: an error that is passed on would keep its frames, and those it."""
    try:
        return await respond(*args)
    except ServingError as error:
        return _Refusal(error.code, error.message)
    except Exception as error:
        _log.exception("a gRPC request")
        return _Refusal(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")


def _too_many(calls: int) -> ServingError:
    return ServingError(grpc.StatusCode.UNAVAILABLE, f"There are {calls} calls; retry later")


def _parse(message: bytes, request: MessageType) -> MessageType:
    if len(message) > _SMALL:
        raise invalid(f"Expected a message of at most {_SMALL} bytes. Received: {len(message)} bytes")
    try:
        request.ParseFromString(message)
    except DecodeError as error:
        raise invalid(f"Could not parse the message: {error}") from None
    return request


def _check_named(request: Any) -> None:
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")


def _write(version: LoadedVersion, endpoint: str, outputs: Arrays) -> bytes:
    response = PredictResponse(model_spec=model_pb2.ModelSpec(name=version.name, signature_name=endpoint))
    response.model_spec.version.value = version.number
    for name, array in outputs.items():
        write_listed(array, response.outputs[name])
    return response.SerializeToString()


def _brief(message: str) -> str:
    """A message that fits into the headers of an answer, 8 KiB, where each byte beyond ASCII takes three."""
    return message if message.isascii() else message.encode()[:2000].decode(errors="ignore")


def _unimplemented(method: str) -> _Respond:
    async def refuse(message: bytes, seconds: float | None) -> bytes:
        raise ServingError(grpc.StatusCode.UNIMPLEMENTED, f"The development server has no {method}; use Predict")

    return refuse


async def _no_reload(message: bytes, seconds: float | None) -> bytes:
    text = "The development server loads new versions by itself; restart it to serve other models"
    raise ServingError(grpc.StatusCode.UNIMPLEMENTED, text)
