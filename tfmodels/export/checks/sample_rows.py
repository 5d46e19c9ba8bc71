"""Test inputs for an endpoint: difficult texts, and rows generated from its signature."""

import numpy as np
import tensorflow as tf

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.rows import Rows, split
from tfmodels.export.graph.signature import Signature

_ROWS = 8  # generated rows
_OPEN_AXIS = 5  # size of an open axis
_NUMBERS = (0, 1, 2, -1, 7, 1000)
_FRACTIONS = (0.5, -0.25)


def hard_texts() -> list[bytes]:
    """Returns texts that a text endpoint must handle; include them in the samples of `save`.

    Returns:
        An empty text, spaces, invalid UTF-8, a NUL, characters of two to four bytes, a line of 10,000 characters.
    """
    return [b"", b"   ", b"\xff\xfe", b"a\x00b", "\u00a0é語🙂\u2028".encode(), b"long line " * 1000]


def generated_rows(signature: Signature) -> list[Rows]:
    """Generates rows for an endpoint from its signature.

    Args:
        signature: Its inputs, none of them a scalar.

    Returns:
        Rows, each a batch of one; the same at every call.

    Example:
        `generated_rows(Signature({"x": Field("x", "float32", (None, 3))}, {}))`
    """
    inputs = list(signature.inputs.items())
    return split({name: _values(field, np.random.default_rng(number)) for number, (name, field) in enumerate(inputs)})


def hard_rows(row: Rows, signature: Signature, known: list[Rows]) -> list[Rows]:
    """Replaces the string inputs of a row by hard texts, one at a time.

    Args:
        row: A row, as a batch of one.
        signature: The signature of the endpoint.
        known: Rows that are tested anyway: a hard text that an input has in one of them is not repeated.

    Returns:
        One row for each string input and hard text.
    """
    texts = [name for name, field in signature.inputs.items() if field.dtype == "string"]
    return [
        {**row, name: np.full_like(row[name], text)}
        for name in texts
        for text in hard_texts()
        if not any(text in other[name] for other in known)
    ]


def _values(field: Field, random: np.random.Generator) -> np.ndarray:
    axes = (field.shape or ())[1:]
    shape = [_ROWS, *(_OPEN_AXIS if size is None else size for size in axes)]
    if field.dtype == "string":
        return random.choice(np.array([b"some words", b"one", b"2.5", *hard_texts()], dtype=object), shape)
    if field.dtype == "bool":
        return random.choice([True, False], shape)
    dtype = tf.as_dtype(field.dtype)
    pool = [*_NUMBERS, *_FRACTIONS] if dtype.is_floating else [n for n in _NUMBERS if dtype.min <= n]
    return random.choice([n for n in pool if n <= dtype.max], shape).astype(dtype.as_numpy_dtype)
