"""The REST interface of TensorFlow Serving, on aiohttp."""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

import grpc
from aiohttp import web
from google.protobuf.json_format import MessageToDict
from tensorflow_serving.apis import get_model_metadata_pb2, model_pb2

from tfmodels.serving.protocol.document_size import check_document
from tfmodels.serving.protocol.gzip_body import expanded_bytes, gunzip
from tfmodels.serving.protocol.json_reader import read_json_request
from tfmodels.serving.protocol.json_writer import write_response
from tfmodels.serving.protocol.predict_proto import DEFAULT_ENDPOINT
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.limits import time_limit
from tfmodels.serving.server.loaded_version import LoadedVersion
from tfmodels.serving.server.memory import Held
from tfmodels.serving.server.request_body import read_body
from tfmodels.serving.server.rest_routes import find_route
from tfmodels.serving.server.server_core import ServerCore

_BYTES_OF_VALUE = 64  # roughly, of a JSON value in Python
_log = logging.getLogger(__name__)


class RestApi:
    """Responds to requests.

    Args:
        core: The models.
    """

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    async def respond(self, request: web.BaseRequest) -> web.Response:
        """Responds to a request, whatever it is.

        Args:
            request: The request.

        Returns:
            The response.
        """
        try:
            return await self._find(request)()
        except ServingError as error:
            return _error(error)
        except ConnectionError:
            raise
        except Exception as error:
            _log.exception("%s %.1000s", request.method, request.rel_url.raw_path)
            return _error(ServingError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}"))

    def _find(self, request: web.BaseRequest) -> Callable[[], Awaitable[web.Response]]:
        start = time.perf_counter()
        try:
            route = find_route(request.method, request.raw_path)
        except ServingError as error:
            if error.code is grpc.StatusCode.INVALID_ARGUMENT:  # the real server measures these, too
                self._core.measure("", "", "REST", start)
            raise
        if route.kind == "metrics":
            return self._metrics
        if route.kind == "predict":
            return lambda: self._core.counted(route.spec.name, "REST", lambda: self._predict(request, route.spec))
        report = self._metadata if route.kind == "metadata" else self._status
        return lambda: report(route.spec)

    async def _predict(self, request: web.BaseRequest, spec: model_pb2.ModelSpec) -> web.Response:
        limits = self._core.limits
        with self._core.arriving.request() as held:
            body = await read_body(request, held, limits)
        with self._core.working.request() as held:
            held.add(len(body))
            async with time_limit(limits.rest_seconds) as ends:
                if request.headers.get("Content-Encoding") == "gzip":
                    held.add(expanded_bytes(len(body), limits.most_bytes))
                    body = await self._core.compute(len(body), gunzip, body, limits.most_bytes)
                return await self._answer(body, held, spec, ends)

    async def _answer(self, body: bytes, held: Held, spec: model_pb2.ModelSpec, deadline: float) -> web.Response:
        values = await self._core.compute(len(body), check_document, body)
        held.add(len(body) + _BYTES_OF_VALUE * values)
        with self._core.lease(spec) as version:
            types = partial(_input_types, version)
            predict = await self._core.compute(len(body), read_json_request, body, types)
            endpoint = predict.signature or DEFAULT_ENDPOINT
            outputs = await self._core.run(version, endpoint, predict.inputs, (), deadline)
        size = sum(_BYTES_OF_VALUE * array.size for array in outputs.values())
        text = await self._core.compute(size, write_response, outputs, predict.row)
        return web.Response(body=text, content_type="application/json")

    async def _status(self, spec: model_pb2.ModelSpec) -> web.Response:
        return _json(_plain(self._core.status(spec)))

    async def _metadata(self, spec: model_pb2.ModelSpec) -> web.Response:
        response = self._core.metadata(spec)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        return _json({"model_spec": _plain(response.model_spec), "metadata": {"signature_def": _plain(signatures)}})

    async def _metrics(self) -> web.Response:
        return web.Response(text=self._core.metrics.text(), content_type="text/plain")


def _input_types(version: LoadedVersion, signature: str) -> dict[str, str]:
    name = signature or DEFAULT_ENDPOINT
    if name not in version.input_types:
        raise invalid(f'Serving signature name: "{name}" not found in signature def')
    return version.input_types[name]


def _plain(message: object) -> dict:
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def _json(document: dict) -> web.Response:
    return web.Response(
        body=json.dumps(document, ensure_ascii=False, indent=1).encode(), content_type="application/json"
    )


def _error(error: ServingError) -> web.Response:
    body = json.dumps({"error": error.message}, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(body=body, status=error.http_status, content_type="application/json")
