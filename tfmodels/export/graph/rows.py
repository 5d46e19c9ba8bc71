"""Batches of an endpoint's inputs and outputs: splitting, joining and comparing rows."""

import reprlib
from collections.abc import Sequence

import numpy as np

Rows = dict[str, np.ndarray]  # name -> array `[batch, ...]`


def row_count(rows: Rows) -> int:
    """The number of rows."""
    return len(next(iter(rows.values())))


def take(rows: Rows, start: int, stop: int) -> Rows:
    """The rows from `start` up to, but not including, `stop`."""
    return {name: array[start:stop] for name, array in rows.items()}


def split(rows: Rows) -> list[Rows]:
    """Each row as a batch of one."""
    return [take(rows, row, row + 1) for row in range(row_count(rows))]


def concatenate(batches: Sequence[Rows]) -> Rows:
    """The rows of several batches as one."""
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def key(rows: Rows) -> tuple:
    """A hashable key of the content: equal if and only if names, shapes and values are."""
    return tuple((name, array.shape, _content(array)) for name, array in sorted(rows.items()))


def shape_key(rows: Rows) -> tuple:
    """A hashable key of the shapes of single rows: rows with equal keys fit into one batch."""
    return tuple((name, array.shape[1:]) for name, array in sorted(rows.items()))


def difference(one: str, left: Rows, other: str, right: Rows, first_row: int = 0) -> str:
    """Finds the first difference between two results for the same rows.

    Floats may differ by 1e-5 plus the larger of 1e-4 of their size and 1e-5 of the largest in their row: a forecast of
    0 from values of 200 has the rounding of 200. Everything else must be equal.

    Args:
        one: Label of the first result.
        left: Its outputs, output name -> array.
        other: Label of the second result.
        right: Its outputs.
        first_row: The number of the first row.

    Returns:
        The output, the row and both values; empty if the results agree.

    Example:
        `difference("alone", {"y": np.zeros([1])}, "in a batch", {"y": np.ones([1])})`
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
    if not np.issubdtype(left.dtype, np.floating):
        return left != right
    close = np.isclose(left, right, rtol=1e-4, atol=1e-5, equal_nan=True)
    sizes = np.where(np.isfinite(right), np.abs(right), 0)
    largest = sizes.max(axis=tuple(range(1, right.ndim)), keepdims=True, initial=0)
    with np.errstate(invalid="ignore"):  # infinity less infinity, which is close already
        return ~(close | (np.abs(left - right) <= 1e-5 + 1e-5 * largest))
