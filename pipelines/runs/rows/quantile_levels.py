"""The levels of the quantiles that a forecast consists of."""

from tfmodels.checked_options import OptionError


def parse(levels: str) -> tuple[float, ...]:
    """Reads the option `levels`.

    Args:
        levels: Numbers with commas between them.

    Returns:
        The levels.

    Raises:
        OptionError: They are not between 0 and 1, rising and symmetrical about 0.5.

    Example:
        `parse("0.1,0.5,0.9")` -> `(0.1, 0.5, 0.9)`
    """
    try:
        found = tuple(float(level) for level in levels.split(","))
    except ValueError:
        found = ()
    symmetrical = all(abs(low + high - 1) < 1e-9 for low, high in zip(found, found[::-1], strict=True))
    if not found or list(found) != sorted(set(found)) or not found[0] > 0 or not symmetrical:
        raise OptionError("levels", "to be between 0 and 1, rising, symmetrical about 0.5", levels)
    return found
