"""The gRPC services of TensorFlow Serving, on grpc.aio.

Messages are taken as bytes: they are parsed here, off the event loop if they are large, after their size was checked.
Every method is declared to take a stream, of which it reads one message: so it decides when a message may arrive.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataRequest, GetModelMetadataResponse
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest, GetModelStatusResponse
from tensorflow_serving.apis.predict_pb2 import PredictRequest, PredictResponse

from tfmodels.serving.protocol.message_size import declared_bytes, parse_predict
from tfmodels.serving.protocol.predict_proto import read_proto_request
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.protocol.tensor_proto import write_listed
from tfmodels.serving.server.batch_queue import Arrays
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.server_core import ServerCore
from tfmodels.serving.server.time_limit import time_limit
from tfmodels.serving.server.turns import Arrivals

_MOST_CALLS = 1000  # at the same time
_MOST_UNREAD = 4000  # calls, each with a window of bytes that the library has received
_SMALL = 2**16  # bytes of a message that names a model
_BYTES_OF_VALUE = 64  # roughly, of a value in Python
_log = logging.getLogger(__name__)
Context = grpc.aio.ServicerContext
_Respond = Callable[[bytes, float | None], Awaitable[bytes]]
MessageType = TypeVar("MessageType", bound=Message)


def add_services(server: grpc.aio.Server, core: ServerCore) -> None:
    """Adds `PredictionService` and `ModelService` to a server.

    Args:
        server: The server.
        core: The models.
    """
    services = _Services(core)
    prediction: dict[str, _Respond] = {"Predict": services.predict, "GetModelMetadata": services.metadata}
    # They take serialised `tf.Example` messages, which exports of raw input do not accept.
    prediction |= {name: _unimplemented(name) for name in ("Classify", "Regress", "MultiInference")}
    models: dict[str, _Respond] = {"GetModelStatus": services.status, "HandleReloadConfigRequest": _no_reload}
    server.add_generic_rpc_handlers(
        [
            services.handlers("tensorflow.serving.PredictionService", prediction),
            services.handlers("tensorflow.serving.ModelService", models),
        ]
    )


class _Services:
    def __init__(self, core: ServerCore) -> None:
        self._core = core
        self._calls = 0
        self._arrivals = Arrivals(core.limits.most_arriving, core.limits.rest_seconds)

    def handlers(self, service: str, methods: dict[str, _Respond]) -> grpc.GenericRpcHandler:
        """The methods of a service, with bytes for messages."""
        by_name = {
            name: grpc.stream_unary_rpc_method_handler(self._handler(method)) for name, method in methods.items()
        }
        return grpc.method_handlers_generic_handler(service, by_name)

    def _handler(self, respond: _Respond) -> Callable[[Any, Context], Awaitable[bytes]]:
        async def handle(stream: Any, context: Context) -> bytes:
            self._calls += 1
            try:
                return await self._answer(respond, context)
            except ServingError as error:  # not kept: it would keep its frames, and this one it
                code, text = error.code, error.message
            except Exception as error:
                _log.exception("a gRPC request")
                code, text = grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}"
            finally:
                self._calls -= 1
            await context.abort(code, _brief(text))

        return handle

    async def _answer(self, respond: _Respond, context: Context) -> bytes:
        if self._calls > _MOST_UNREAD:
            raise _too_many(_MOST_UNREAD)
        message = await self._arrivals.receive(context.read)
        if message is grpc.aio.EOF:
            raise invalid("Expected a message. Received: none")
        if self._calls > _MOST_CALLS:  # not before: clients whose message is not read may see CANCELLED
            raise _too_many(_MOST_CALLS)
        return await respond(message, context.time_remaining())

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
