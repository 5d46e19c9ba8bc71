"""One input or output of an exported endpoint, told without TensorFlow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A dense tensor.

    Args:
        name: Its name in requests or answers.
        dtype: TensorFlow's name of its type, such as `"string"` or `"float32"`.
        shape: Its axes, None for those that are open; None where nothing is known of them.

    Example:
        `Field("text", "string", (None,))`
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        if self.shape is None:
            return True
        return len(shape) == len(self.shape) and all(
            size in (None, given) for size, given in zip(self.shape, shape, strict=True)
        )
