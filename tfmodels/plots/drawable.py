"""Checks of what figures are given: numbers that can be drawn, and records with their keys."""

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_LARGEST = 1e300  # beyond it the margins of an axis overflow


def number(value: Any) -> float:
    """A number to draw; NaN where there is none, such as None, a text or infinity.

    Raises:
        ValueError: It is beyond 1e300.

    Example:
        `number(None)` -> `nan`
    """
    if not isinstance(value, Real) or not math.isfinite(value):
        return math.nan
    if abs(float(value)) > _LARGEST:
        raise ValueError(f"Expected numbers from -1e300 to 1e300, which can be drawn. Received: {value}")
    return float(value)


def numbers(name: str, values: "Sequence[float] | np.ndarray", *shape: int) -> "np.ndarray":
    """Numbers to draw; NaN where they are not finite.

    Args:
        name: What they are.
        values: The numbers.
        shape: What their shape must be.

    Returns:
        `[*shape]`, as floats.

    Raises:
        ValueError: They have another shape, are no numbers, or are beyond 1e300.

    Example:
        `numbers("F1", [95.0, math.inf], 2)` -> `[95.0, nan]`
    """
    import numpy as np

    try:
        found = np.array(values, float)
    except (TypeError, ValueError):
        raise ValueError(f"Expected numbers of {name!r}. Received: {str(values)[:80]}") from None
    if found.shape != shape:
        raise ValueError(f"Expected {list(shape)} numbers of {name!r}. Received: shape={list(found.shape)}")
    found[~np.isfinite(found)] = np.nan
    if (abs(found) > _LARGEST).any():
        raise ValueError(f"Expected numbers from -1e300 to 1e300, which can be drawn. Received: {name!r} beyond them")
    return found


def finite(noun: str, values: "Iterable[float | np.ndarray]") -> None:
    """Refuses a figure without a number.

    Args:
        noun: What is drawn.
        values: Its numbers, NaN where there is none.

    Raises:
        ValueError: None is finite.

    Example:
        `finite("score", [math.nan, 1.0])`
    """
    import numpy as np

    values = list(values)
    if not any(np.isfinite(one).any() for one in values):
        received = "only NaN or infinite ones" if values else "none"
        raise ValueError(f"Expected at least one finite {noun}. Received: {received}")


def lines(
    noun: str, values: "Mapping[str, Sequence[float] | np.ndarray]", length: int | None = None
) -> "dict[str, np.ndarray]":
    """The numbers of each line of a figure.

    Args:
        noun: What a line shows.
        values: Name -> its numbers.
        length: How many each has; as many as it likes if None.

    Returns:
        Name -> float `[length]`, NaN where they are not finite.

    Raises:
        ValueError: There is no line, one has another length, or no number is finite.

    Example:
        `lines("score", {"F1": [95.0, 80.0]}, 2)`
    """
    if not values:
        raise ValueError(f"Expected at least one {noun}. Received: {{}}")
    found = {name: numbers(name, one, len(one) if length is None else length) for name, one in values.items()}
    finite(noun, found.values())
    return found


def records(name: str, rows: Sequence[Mapping[str, Any]], noun: str, keys: Sequence[str]) -> None:
    """Refuses records of measurements that are not there or lack a key.

    Args:
        name: Of the argument.
        rows: The records.
        noun: What a record is.
        keys: What each must have.

    Raises:
        ValueError: There is no record, or one lacks a key.

    Example:
        `records("measurements", [{"server": "a", "p50_ms": 1.0}], "measurement", ["server", "p50_ms"])`
    """
    if not len(rows):
        raise ValueError(f"Expected at least one {noun}. Received: {name}=[]")
    for place, row in enumerate(rows):
        if missing := [key for key in keys if key not in row]:
            raise ValueError(f"Expected {missing} in each {noun}. Received: {name}[{place}] with {list(row)[:20]}")
