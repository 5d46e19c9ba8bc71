"""Rows of an endpoint's inputs and outputs: taking them apart, putting them together, comparing them."""

import reprlib
from collections.abc import Sequence

import numpy as np

Rows = dict[str, np.ndarray]  # name -> array `[batch, ...]`


def count(rows: Rows) -> int:
    """The number of rows."""
    return len(next(iter(rows.values())))


def take(rows: Rows, start: int, stop: int) -> Rows:
    """The rows from `start` on, up to and without `stop`."""
    return {name: array[start:stop] for name, array in rows.items()}


def split(rows: Rows) -> list[Rows]:
    """Each row alone."""
    return [take(rows, row, row + 1) for row in range(count(rows))]


def concatenate(batches: Sequence[Rows]) -> Rows:
    """The rows of several batches as one."""
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def key(rows: Rows) -> tuple:
    """The content of rows, to be compared or looked up: equal if and only if names, shapes and values are."""
    return tuple((name, array.shape, _content(array)) for name, array in sorted(rows.items()))


def shape_key(rows: Rows) -> tuple:
    """The shapes of single rows: those of equal shapes fit into one batch."""
    return tuple((name, array.shape[1:]) for name, array in sorted(rows.items()))


def difference(one: str, left: Rows, other: str, right: Rows, first_row: int = 0) -> str:
    """Tells where two answers to the same rows part.

    Floats may differ by 1e-5 + 1e-4 of their size, all else not at all.

    Args:
        one: What to call the first answer.
        left: Output name -> array.
        other: What to call the second.
        right: Its outputs.
        first_row: The number of their first row.

    Returns:
        The output, the row and both values; empty if the answers are alike.

    Example:
        `difference("alone", {"y": np.zeros([1])}, "among others", {"y": np.ones([1])})`
    """
    for output, array in left.items():
        if array.shape != right[output].shape:
            return (
                f"output={output!r}, first row={first_row}, shape {one}={array.shape}, "
                f"shape {other}={right[output].shape}"
            )
        wrong = np.argwhere(_differs(array, right[output]))
        if len(wrong):
            index = tuple(wrong[0])
            return (
                f"output={output!r}, row={first_row + index[0]}, {one}={reprlib.repr(array[index])}, "
                f"{other}={reprlib.repr(right[output][index])}"
            )
    return ""


def _content(array: np.ndarray) -> bytes | tuple:
    return tuple(array.ravel().tolist()) if array.dtype == object else array.tobytes()


def _differs(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    if np.issubdtype(left.dtype, np.floating):
        return ~np.isclose(left, right, rtol=1e-4, atol=1e-5, equal_nan=True)
    return left != right
