"""How measured times grow, and where one overtakes another."""

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
    """Finds from where on one of two curves stays above the other.

    Args:
        lower: x -> y, below the other at first.
        higher: x -> y; only what both have counts.

    Returns:
        The x behind which `lower` is above `higher` up to the last point, on straight lines between logarithms; None
        if it ends below it, or is never below it.

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
