"""Arrays in files that come with a run and may hold anything."""

import tokenize
from pathlib import Path

import numpy as np

from tfmodels.whole_files import REMEDY

# What NumPy's reader of headers raises.
_DAMAGED = (ValueError, EOFError, OSError, OverflowError, SyntaxError, TypeError, tokenize.TokenError)


def read(path: Path, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Opens an array in NumPy's own format, read-only and mapped: its rows are read when they are used.

    The file is neither an archive nor holds Python objects, and its header fits its size, so nothing in it runs code or
    takes memory.

    Args:
        path: The file.
        shape: The shape that the array must have; None if any will do.

    Returns:
        The array.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is something else, or of another shape; names the file.

    Example:
        `read(run.path / "temperature.npy", ())`
    """
    if not path.is_file():
        raise FileNotFoundError(f"Expected the array {path}. Received: none. {REMEDY}")
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except _DAMAGED as error:
        raise ValueError(f"Expected an array in {path}, which is damaged. Received: {error}. {REMEDY}") from None
    if shape is not None and array.shape != shape:
        raise ValueError(f"Expected an array of shape {shape} in {path}. Received: shape={array.shape}. {REMEDY}")
    return array
