"""Errors with the canonical codes of gRPC, which TensorFlow Serving also turns into HTTP statuses."""

import grpc
import tensorflow as tf

_CODES = {code.value[0]: code for code in grpc.StatusCode}

# What is not listed is 500.
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
    """A request that was not answered.

    Args:
        code: Why, as gRPC names it.
        message: Why, in words.

    Example:
        `raise ServingError(grpc.StatusCode.NOT_FOUND, "Could not find version 7 of model demo")`
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def http_status(self) -> int:
        """The status of a REST answer."""
        return _HTTP.get(self.code, 500)


def invalid(message: str) -> ServingError:
    """An error that the request is to blame for.

    Args:
        message: What is wrong with it.

    Returns:
        The error, to be raised.
    """
    return ServingError(grpc.StatusCode.INVALID_ARGUMENT, message)


def of_run(error: Exception) -> ServingError:
    """Words an error of a session run as the server would.

    Args:
        error: What was raised.

    Returns:
        The error with its code.
    """
    if isinstance(error, ServingError):
        return error
    if isinstance(error, tf.errors.OpError):
        # The Python session writes around it what no server says: a heading, and where the op was made.
        message = error.message.removeprefix("Graph execution error:\n\n").partition("\n\nOriginal stack trace")[0]
        return ServingError(_CODES.get(error.error_code, grpc.StatusCode.UNKNOWN), message)
    if isinstance(error, ValueError | TypeError):  # the session's own check of what it is fed
        return invalid(str(error))
    return ServingError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
