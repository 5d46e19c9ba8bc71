"""Parsers of numbers on the command line of a benchmark."""

import argparse
import contextlib
from collections.abc import Callable


def positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    """Makes an argument type for one number above 0.

    Args:
        kind: `int` or `float`.

    Returns:
        A function for the `type` of an `argparse` argument.

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


def comma_separated(kind: Callable[[str], float]) -> Callable[[str], list[float]]:
    """Makes an argument type for comma-separated numbers above 0.

    `nargs="+"` would take a positional argument that follows for a number.

    Args:
        kind: `int` or `float`.

    Returns:
        A function for the `type` of an `argparse` argument.

    Example:
        `parser.add_argument("--clients", type=comma_separated(int), default=[1, 4, 16])`
    """
    return lambda text: [positive(kind)(part) for part in text.split(",")]
