"""What batching demands of the arrays of a request, with the messages of TensorFlow Serving."""

import grpc

from tfmodels.serving.protocol.status import ServingError, invalid
from tfmodels.serving.server.batch_queue import Arrays


def input_rows(feed: Arrays, most: int) -> int:
    """Counts the rows of a request.

    Args:
        feed: Input name -> array.
        most: Maximum rows of a batch; 0 without batching.

    Returns:
        The rows that it adds to a batch; 0 if it must run alone.

    Raises:
        ServingError: If an input has no rows, they have different numbers of rows, or there are too many.
    """
    if not most:
        return 0
    if any(array.ndim == 0 for array in feed.values()):
        raise invalid("Batching Run() input tensors must have at least one dimension")
    if len(sizes := {len(array) for array in feed.values()}) > 1:
        raise invalid("Batching Run() input tensors must have equal 0th-dimension size")
    rows = sizes.pop() if sizes else 0
    if rows > most:
        raise invalid(f"Task size {rows} is larger than maximum input batch size {most}")
    return rows


def check_output_rows(outputs: Arrays, rows: int) -> None:
    """Checks that outputs can be split.

    Args:
        outputs: Output name -> array.
        rows: The rows of the batch.

    Raises:
        ServingError: If an output has another number of rows.
    """
    for array in outputs.values():
        if not array.ndim:
            raise ServingError(grpc.StatusCode.FAILED_PRECONDITION, "Batched output tensor has 0 dimensions")
        if len(array) != rows:
            raise ServingError(
                grpc.StatusCode.FAILED_PRECONDITION,
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the "
                "input tensors",
            )
