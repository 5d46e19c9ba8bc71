"""The REST interface of TensorFlow Serving, on aiohttp."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

import grpc
import tensorflow as tf
from aiohttp import web
from google.protobuf.json_format import MessageToDict
from tensorflow_serving.apis import get_model_metadata_pb2, model_pb2

from tfmodels.serving.protocol.json_reader import read_json_request
from tfmodels.serving.protocol.json_writer import write_response
from tfmodels.serving.protocol.metrics import METRICS_PATH
from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.server_core import ServerCore

_ROUTE = re.compile(
    r"/v1/models(?:/(?P<name>[^/:]+))?(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
    r"(?:(?P<metadata>/metadata)|:(?P<method>classify|regress|predict))?",
    re.IGNORECASE,
)
_LARGEST_VERSION = 2**63 - 1
_log = logging.getLogger(__name__)


def application(core: ServerCore, most_bytes: int, timeout: float) -> web.Application:
    """Makes the REST interface.

    Args:
        core: The models.
        most_bytes: Maximum size of a request's body in bytes, uncompressed.
        timeout: Time limit of a request in seconds.

    Returns:
        The application, for aiohttp.
    """
    interface = _RestApi(core, most_bytes, timeout)
    app = web.Application(client_max_size=most_bytes)
    app.router.add_route("*", "/{path:.*}", interface.respond)
    return app


class _RestApi:
    def __init__(self, core: ServerCore, most_bytes: int, timeout: float) -> None:
        self._core = core
        self._most_bytes = most_bytes
        self._timeout = timeout

    async def respond(self, request: web.Request) -> web.Response:
        try:
            return await self._find(request)()
        except ServingError as error:
            return _error(error)
        except web.HTTPRequestEntityTooLarge:
            return _too_large(self._most_bytes)
        except (ConnectionError, web.HTTPException):
            raise
        except Exception as error:
            _log.exception("%s %s", request.method, request.rel_url.raw_path)
            return _error(ServingError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}"))

    def _find(self, request: web.Request) -> Callable[[], Awaitable[web.Response]]:
        path = request.rel_url.raw_path
        if path == METRICS_PATH and request.method == "GET":
            return self._metrics
        if not path.lower().startswith("/v1/"):
            raise ServingError(grpc.StatusCode.NOT_FOUND, f"Not found: {path}")
        found = _ROUTE.fullmatch(path)
        method = (found["method"] or "").lower() if found else ""
        if found is None or request.method != ("POST" if method else "GET"):
            raise invalid(f"Malformed request: {request.method} {path}")
        spec = _spec(found)
        if method == "predict":
            return lambda: self._core.counted(spec.name, "REST", lambda: self._predict(request, spec))
        if method:
            raise ServingError(grpc.StatusCode.UNIMPLEMENTED, f"The development server has no {method}; use predict")
        report = self._metadata if found["metadata"] else self._status
        return lambda: report(spec)

    async def _predict(self, request: web.Request, spec: model_pb2.ModelSpec) -> web.Response:
        encoded = request.headers.get("Content-Encoding")
        size = request.content_length if request.content_length is not None and not encoded else self._most_bytes
        if size > self._most_bytes:
            return _too_large(self._most_bytes)
        with self._core.reserved(size):
            body = await self._read(request)
            with self._core.lease(spec) as version:
                predict = read_json_request(body, partial(_input_types, version.definitions))
                outputs = await self._core.batcher.run(
                    version,
                    predict.signature or tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY,
                    predict.inputs,
                    timeout=self._timeout,
                )
            return web.Response(body=write_response(outputs, predict.row), content_type="application/json")

    async def _read(self, request: web.Request) -> bytes:
        try:
            async with asyncio.timeout(self._timeout):
                return await request.read()
        except TimeoutError:
            message = f"The body did not arrive within {self._timeout:g} s"
            raise ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, message) from None
        except web.RequestPayloadError as error:  # cut off, or not in the declared encoding
            raise invalid(f"Could not read the body: {error}") from error

    async def _status(self, spec: model_pb2.ModelSpec) -> web.Response:
        return _json(_plain(self._core.status(spec)))

    async def _metadata(self, spec: model_pb2.ModelSpec) -> web.Response:
        response = self._core.metadata(spec)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        return _json({"model_spec": _plain(response.model_spec), "metadata": {"signature_def": _plain(signatures)}})

    async def _metrics(self) -> web.Response:
        return web.Response(text=self._core.metrics.text(), content_type="text/plain")


def _input_types(definitions: Mapping[str, Any], signature: str) -> dict[str, tf.DType]:
    name = signature or tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    if name not in definitions:
        raise invalid(f'Serving signature name: "{name}" not found in signature def')
    return {alias: tf.as_dtype(info.dtype) for alias, info in definitions[name].inputs.items()}


def _spec(found: re.Match[str]) -> model_pb2.ModelSpec:
    if not found["name"]:
        raise invalid("Missing model name in request.")
    spec = model_pb2.ModelSpec(name=unquote(found["name"]))
    if found["version"]:
        if int(found["version"]) > _LARGEST_VERSION:
            raise invalid(f"Failed to convert version: {found['version']} to numeric.")
        spec.version.value = int(found["version"])
    if found["label"]:
        spec.version_label = unquote(found["label"])
    return spec


def _plain(message: object) -> dict:
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def _json(document: dict) -> web.Response:
    return web.Response(
        body=json.dumps(document, ensure_ascii=False, indent=1).encode(), content_type="application/json"
    )


def _error(error: ServingError) -> web.Response:
    body = json.dumps({"error": error.message}, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(body=body, status=error.http_status, content_type="application/json")


def _too_large(most_bytes: int) -> web.Response:
    message = f"Expected a body of at most {most_bytes} bytes; send fewer rows in one request"
    return web.json_response({"error": message}, status=413)
