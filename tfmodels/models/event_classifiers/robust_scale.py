"""Center and scale of numbers some of which may be far away or unknown."""

import numpy as np

_QUARTILES = 1.349  # deviations of a normal distribution between its quartiles


def center_and_scale(values: np.ndarray) -> tuple[float, float]:
    """Median and deviation of numbers, the latter from the quartiles, and 1 where they have none.

    Args:
        values: float `[numbers]`; NaN does not count.

    Returns:
        Two numbers.

    Example:
        `center_and_scale(np.array([1.0, 2.0, 3.0]))[0]` -> 2.0
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, center, high = np.quantile(values, [0.25, 0.5, 0.75])
    scale = (high - low) / _QUARTILES or values.std()
    return float(center), float(scale) if scale > 0 else 1.0
