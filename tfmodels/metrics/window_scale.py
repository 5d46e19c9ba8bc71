"""Level and spread of windows, of the values that were observed."""

import numpy as np


def center_and_scale(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over time, the second axis, which stays with length 1.

    Args:
        windows: `[rows, time, ...]`, NaN = missing.

    Returns:
        The mean, 0 of a window without values, and the standard deviation, 1 where it is zero.

    Example:
        `center_and_scale(np.array([[1.0, np.nan, 3.0]]))` -> `([[2.0]], [[1.0]])`
    """
    observed = ~np.isnan(windows)
    count = np.maximum(observed.sum(axis=1, keepdims=True), 1)
    center = np.nansum(windows, axis=1, keepdims=True) / count
    deviations = np.where(observed, windows - center, 0)
    largest = np.abs(deviations).max(axis=1, keepdims=True, initial=0)
    largest = np.where(largest == 0, 1, largest)  # in units of it no square is infinite, or zero
    scale = largest * np.sqrt(np.square(deviations / largest).sum(axis=1, keepdims=True) / count)
    return center, np.where(scale == 0, 1, scale)
