"""Forecasts as text, with as many digits as their history has."""

import math
from collections.abc import Sequence

import numpy as np

_DIGITS = 7  # significant, at least: of each forecast and of the changes of its history
_EXACT = 17  # significant digits, from which on the shortest exact text has as few
_WHOLE = 16  # digits before the point, at most, of a number without exponent


def texts(numbers: Sequence[float] | np.ndarray, history: Sequence[float] | np.ndarray) -> list[str]:
    """Writes forecasts of a series for a file of text.

    A forecast has the decimals of its history, and more where seven digits of its changes need them: that of a meter
    which counts tens is `1234510023.53217`, not `1.234510e+09`.

    Args:
        numbers: `[n]`, forecasts.
        history: `[steps]`, the values before them, NaN = missing.

    Returns:
        The texts; empty for NaN.

    Example:
        `texts([1234510023.53217444], np.array([1234510012.0, 1234510023.0]))` -> `["1234510023.53217"]`
    """
    observed = np.asarray(history, np.float64)[np.isfinite(history)]
    decimals = max([_decimals_of_changes(observed), *map(_decimals, observed.tolist())])
    return [_text(float(number), decimals) for number in numbers]


def _decimals_of_changes(observed: np.ndarray) -> int:
    """Decimals that show the mean change from one value to the next; 0 if there is none."""
    change = float(np.mean(np.abs(np.diff(observed)))) if len(observed) > 1 else 0.0
    return _DIGITS - 1 - math.floor(math.log10(change)) if change > 0 else 0


def _decimals(value: float) -> int:
    """Decimals of a number's shortest text.

    Example:
        `_decimals(12.50)` -> `1`
    """
    digits, _, exponent = repr(value).partition("e")
    return len(digits.partition(".")[2].rstrip("0")) - int(exponent or 0)


def _text(number: float, decimals: int) -> str:
    if math.isnan(number):
        return ""
    if number == 0 or math.isinf(number):
        return f"{number:g}"
    before = math.floor(math.log10(abs(number))) + 1
    digits = max(_DIGITS, before + (max(decimals, 0) if before <= _WHOLE else decimals))
    return f"{number:.{digits}g}" if digits < _EXACT else repr(number).removesuffix(".0")
