"""Errors with the canonical codes of gRPC, which TensorFlow Serving maps to HTTP statuses."""

import grpc

_LONGEST_MESSAGE = 2000  # characters

# Codes that are not listed are 500.
_HTTP = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class ServingError(Exception):
    """A failed request.

    Args:
        code: The gRPC status code.
        message: What went wrong; shortened if it is long, and made valid text.

    Example:
        `raise ServingError(grpc.StatusCode.NOT_FOUND, "Could not find version 7 of model demo")`
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        self.code = code
        self.message = message[:_LONGEST_MESSAGE].encode("utf-8", "replace").decode()
        super().__init__(self.message)

    @property
    def http_status(self) -> int:
        """The HTTP status of the REST response."""
        return _HTTP.get(self.code, 500)


class TooLargeError(ServingError):
    """A request that is larger than the server takes.

    Args:
        message: The limit, and what to do.
    """

    def __init__(self, message: str) -> None:
        super().__init__(grpc.StatusCode.RESOURCE_EXHAUSTED, message)

    @property
    def http_status(self) -> int:
        """413, not the 429 of other exhausted resources: to retry is of no use."""
        return 413


def invalid(message: str) -> ServingError:
    """Makes the error of an invalid request.

    Args:
        message: What is wrong with the request.

    Returns:
        The error, to be raised.
    """
    return ServingError(grpc.StatusCode.INVALID_ARGUMENT, message)
