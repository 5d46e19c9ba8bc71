"""The parameters of dynamic batching, those of TensorFlow Serving's `--batching_parameters_file`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BatchingParameters:
    """How requests are batched.

    Args:
        max_batch_size: Maximum rows of a batch and of a request. 0 turns batching off: each request runs alone.
        batch_timeout_micros: How long the first request of a batch waits for others, in microseconds.
        max_enqueued_batches: Maximum batches that wait for a thread; further requests are refused.
        num_batch_threads: How many batches run at the same time.
        allowed_batch_sizes: Ascending, ending with `max_batch_size`: a batch is padded to the next of them, so the
            model sees few shapes. Empty for any size.

    Raises:
        ValueError: If a value is out of range.
    """

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 2
    allowed_batch_sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        sizes = self.allowed_batch_sizes
        if sizes and (list(sizes) != sorted(set(sizes)) or sizes[0] < 1 or sizes[-1] != self.max_batch_size):
            raise ValueError(
                f"Expected allowed_batch_sizes to ascend to max_batch_size={self.max_batch_size}. "
                f"Received: allowed_batch_sizes={list(sizes)}"
            )
        if self.max_enqueued_batches < 1 or self.num_batch_threads < 1:
            raise ValueError(
                "Expected max_enqueued_batches and num_batch_threads to be at least 1. Received: "
                f"max_enqueued_batches={self.max_enqueued_batches}, num_batch_threads={self.num_batch_threads}"
            )
        if self.max_batch_size < 0 or self.batch_timeout_micros < 0:
            raise ValueError(
                "Expected max_batch_size and batch_timeout_micros not to be negative. Received: "
                f"max_batch_size={self.max_batch_size}, batch_timeout_micros={self.batch_timeout_micros}"
            )

    def padded(self, rows: int) -> int:
        """The next allowed size of a batch with a number of rows."""
        return next((size for size in self.allowed_batch_sizes if size >= rows), rows)
