"""One input or output of an exported endpoint, described without TensorFlow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A dense tensor.

    Args:
        name: Its name in requests or responses.
        dtype: TensorFlow's name of its type, such as `"string"` or `"float32"`.
        shape: The sizes of its axes, None for open ones; None if the shape is unknown.

    Example:
        `Field("text", "string", (None,))`
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None

    @property
    def has_open_axis(self) -> bool:
        """Whether the axis after the batch has no fixed size."""
        return self.shape is None or (len(self.shape) > 1 and self.shape[1] is None)

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        if self.shape is None:
            return True
        return len(shape) == len(self.shape) and all(
            size in (None, given) for size, given in zip(self.shape, shape, strict=True)
        )
