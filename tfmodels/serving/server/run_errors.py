"""The errors of runs, as the server reports them."""

import grpc
import tensorflow as tf

from tfmodels.serving.protocol.status import ServingError, invalid

_CODES = {code.value[0]: code for code in grpc.StatusCode}


def run_error(error: Exception) -> ServingError:
    """Converts an exception of a session run to the error that the server reports.

    Args:
        error: The exception.

    Returns:
        The error with its code.
    """
    if isinstance(error, ServingError):
        return error.with_traceback(None)  # whose frames would keep it
    if isinstance(error, tf.errors.OpError):
        # The Python session adds a heading and the op's stack trace, which a server does not.
        message = error.message.removeprefix("Graph execution error:\n\n").partition("\n\nOriginal stack trace")[0]
        return ServingError(_CODES.get(error.error_code, grpc.StatusCode.UNKNOWN), message)
    if isinstance(error, ValueError | TypeError):  # the session's own check of its inputs
        return invalid(str(error))
    return ServingError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
