"""Growth of measured curves: exponents and crossovers."""

import itertools
import math
import statistics
from collections.abc import Mapping


def exponent(values: Mapping[int, float]) -> float | None:
    """Fits `y = a x^b` by least squares of the logarithms.

    Args:
        values: x -> y, both above 0.

    Returns:
        `b`; None for fewer than two points.

    Example:
        `exponent({1: 1.0, 2: 4.0, 4: 16.0})` -> `2.0`
    """
    if len(values) < 2:
        return None
    return statistics.linear_regression(*zip(*((math.log(x), math.log(y)) for x, y in values.items()), strict=True))[0]


def crossing(lower: Mapping[int, float], higher: Mapping[int, float]) -> float | None:
    """Finds the point after which the first curve stays above the second.

    Args:
        lower: x -> y, below the other curve at first.
        higher: x -> y; only x that both curves have are used.

    Returns:
        The x after which `lower` is above `higher` up to the last point, interpolated linearly between logarithms;
        None if `lower` ends below `higher` or is never below it.

    Example:
        `crossing({1: 1.0, 2: 2.0, 4: 8.0}, {1: 4.0, 2: 4.0, 4: 4.0})` -> about 2.8
    """
    ratios = [(x, math.log(lower[x] / higher[x])) for x in sorted(lower.keys() & higher.keys())]
    for (x, before), (above_x, after) in reversed(list(itertools.pairwise(ratios))):
        if after <= 0:
            return None
        if before <= 0:
            share = before / (before - after)
            return x * (above_x / x) ** share
    return None
