"""Reading the body of an HTTP request, with memory taken as it arrives and a least rate."""

import asyncio

import grpc
from aiohttp import web

from tfmodels.serving.protocol.status import ServingError, TooLargeError, invalid
from tfmodels.serving.server.limits import Limits
from tfmodels.serving.server.memory import Held

_GRACE_SECONDS = 5.0
_LEAST_RATE = 4096  # bytes per second on average, after the grace


async def read_body(request: web.BaseRequest, held: Held, limits: Limits) -> bytes:
    """Reads a body.

    Args:
        request: The request.
        held: Takes the memory.
        limits: Maximum size and time.

    Returns:
        The body, as it was sent.

    Raises:
        ServingError: If it is too large, too slow or cut off, or all requests together hold too much.
    """
    if (request.content_length or 0) > limits.most_bytes:
        raise _too_large(limits)
    waits = request.headers.get("Expect", "").lower() == "100-continue" and not request.content.total_bytes
    if waits and request.transport and request.body_exists:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if request.content.is_eof():  # it came with the header: a timer for it would be a tenth of a small request
        return _all(await request.content.readany(), held, limits)
    body = bytearray()
    start = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(start + _GRACE_SECONDS) as limit:
            while chunk := await request.content.readany():
                held.add(len(chunk))
                body += chunk
                if len(body) > limits.most_bytes:
                    raise _too_large(limits)
                limit.reschedule(start + min(_GRACE_SECONDS + len(body) / _LEAST_RATE, limits.rest_seconds))
    except TimeoutError:
        raise ServingError(
            grpc.StatusCode.DEADLINE_EXCEEDED,
            f"Expected the body within {limits.rest_seconds:g} s, and after {_GRACE_SECONDS:g} s at least "
            f"{_LEAST_RATE} bytes per second. Received: {len(body)} bytes",
        ) from None
    except web.RequestPayloadError as error:  # cut off, or badly chunked
        raise invalid(f"Could not read the body: {error}") from error
    return bytes(body)


def _all(body: bytes, held: Held, limits: Limits) -> bytes:
    held.add(len(body))
    if len(body) > limits.most_bytes:
        raise _too_large(limits)
    return body


def _too_large(limits: Limits) -> TooLargeError:
    return TooLargeError(f"Expected a body of at most {limits.most_bytes} bytes; send fewer rows in one request")
