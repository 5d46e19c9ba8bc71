"""Numbers on the command line of a benchmark."""

import argparse
import contextlib
from collections.abc import Callable


def positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    """Makes what reads one number above 0.

    Args:
        kind: `int` or `float`.

    Returns:
        A `type` of `argparse`, which refuses other text.

    Example:
        `parser.add_argument("--seconds", type=positive(float), default=5.0)`
    """

    def parse(text: str) -> float:
        with contextlib.suppress(ValueError):
            value = kind(text)
            if value > 0:
                return value
        raise argparse.ArgumentTypeError(f"Expected a number above 0. Received: {text}")

    return parse


def listed(kind: Callable[[str], float]) -> Callable[[str], list[float]]:
    """Makes what reads numbers above 0 with commas between them: with blanks, what follows would be taken for one.

    Args:
        kind: `int` or `float`.

    Returns:
        A `type` of `argparse`.

    Example:
        `parser.add_argument("--clients", type=listed(int), default=[1, 4, 16])`
    """
    return lambda text: [positive(kind)(part) for part in text.split(",")]
