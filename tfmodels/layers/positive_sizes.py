"""A check of sizes."""

from numbers import Integral


def check_positive(**sizes: int) -> None:
    """Refuses sizes that are not positive integers.

    Args:
        **sizes: Sizes by the names of the arguments that hold them.

    Raises:
        ValueError: A size is below 1 or no integer; the message names it.

    Example:
        `check_positive(classes=classes, buckets=buckets)`
    """
    for name, size in sizes.items():
        whole = isinstance(size, Integral) and not isinstance(size, bool)
        if not whole or size < 1:
            expected = "at least 1" if whole else "an integer"
            raise ValueError(f"Expected `{name}` to be {expected}. Received: {name}={size!r}")
