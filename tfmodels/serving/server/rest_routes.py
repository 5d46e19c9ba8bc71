"""The routes of TensorFlow Serving's REST interface: what a method and a target ask for."""

import functools
import re
from typing import NamedTuple
from urllib.parse import unquote

import grpc
from tensorflow_serving.apis import model_pb2

from tfmodels.serving.protocol.metrics import METRICS_PATH
from tfmodels.serving.protocol.status import ServingError, invalid

# A query belongs to the path, as in the server: no route has one.
_ROUTE = re.compile(
    r"/v1/models(?:/(?P<name>[^/:]+))?(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
    r"(?:(?P<metadata>/metadata)|:(?P<method>(?-i:classify|regress|predict)))?",
    re.IGNORECASE | re.ASCII,
)
_TARGET = re.compile(r"(?:[\w\-.~!$&'()*+,;=:@/?]|%[0-9a-f]{2})*", re.IGNORECASE | re.ASCII)
_SCHEME_AND_HOST = re.compile(r"https?://[^/?]*", re.IGNORECASE)
_METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
_DIGITS_OF_VERSION = 19
_LARGEST_VERSION = 2**63 - 1
_MOST_KNOWN = 64  # routes


class Route(NamedTuple):
    """What is asked for.

    Args:
        kind: `predict`, `metadata`, `status` or `metrics`.
        spec: The model.
    """

    kind: str
    spec: model_pb2.ModelSpec


@functools.lru_cache(_MOST_KNOWN)
def find_route(method: str, target: str) -> Route:
    """Finds what a request asks for.

    Args:
        method: Its HTTP method.
        target: Its path with the query, as it was sent.

    Returns:
        The route; the same object for the same request, so it must not be changed.

    Raises:
        ServingError: If there is no such route.

    Example:
        `find_route("POST", "/v1/models/demo/versions/3:predict").kind` -> `"predict"`
    """
    if method not in _METHODS:
        raise ServingError(grpc.StatusCode.UNIMPLEMENTED, f"Not implemented: {method}")
    target = _SCHEME_AND_HOST.sub("", target, count=1) if not target.startswith("/") else target
    malformed = invalid(f"Malformed request: {method} {target}")
    if not _TARGET.fullmatch(target) or method == "OPTIONS":
        raise malformed
    if target == METRICS_PATH and method == "GET":
        return Route("metrics", model_pb2.ModelSpec())
    if not target.lower().startswith("/v1/"):
        raise ServingError(grpc.StatusCode.NOT_FOUND, f"Not found: {target}")
    found = _ROUTE.fullmatch(target)
    if found is None or method != ("POST" if found["method"] else "GET"):
        raise malformed
    if found["method"] in ("classify", "regress"):
        message = f"The development server has no {found['method']}; use predict"
        raise ServingError(grpc.StatusCode.UNIMPLEMENTED, message)
    return Route(found["method"] or ("metadata" if found["metadata"] else "status"), _spec(found))


def _spec(found: re.Match[str]) -> model_pb2.ModelSpec:
    if not found["name"]:
        raise invalid("Missing model name in request.")
    spec = model_pb2.ModelSpec(name=_decoded(found["name"]))
    if found["version"]:
        digits = found["version"].lstrip("0") or "0"
        if len(digits) > _DIGITS_OF_VERSION or int(digits) > _LARGEST_VERSION:
            raise invalid(f"Failed to convert version: {digits:.50} to numeric.")
        spec.version.value = int(digits)
    if found["label"]:
        spec.version_label = _decoded(found["label"])
    return spec


def _decoded(part: str) -> str:
    """A part of a path."""
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise invalid(f"Expected a path in UTF-8. Received: {part!r}") from None
