"""A check of sizes."""


def check_positive(**sizes: int) -> None:
    """Refuses sizes below 1.

    Args:
        **sizes: Sizes by the names of the arguments that hold them.

    Raises:
        ValueError: A size is below 1; the message names it.

    Example:
        `check_positive(classes=classes, buckets=buckets)`
    """
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"Expected `{name}` to be at least 1. Received: {name}={size}")
