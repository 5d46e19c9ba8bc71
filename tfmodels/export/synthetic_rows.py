"""Rows made up from a signature, for an export that is to hold no row of anybody's data."""

import math

import numpy as np

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.rows import Rows
from tfmodels.export.graph.signature import Signature

_TEXTS = (b"one", b"some words", b"a few more words: 1,2,3, and a dot.")
_OPEN_AXIS = 5  # size of an open axis


def synthetic_rows(signature: Signature) -> Rows:
    """Makes three different rows.

    Args:
        signature: The endpoint's, none of its inputs a scalar.

    Returns:
        Input name -> array `[3, ...]`: short texts, small numbers; the same at every call.

    Example:
        `synthetic_rows(signature)["text"]`
    """
    return signature.feed({name: _values(field) for name, field in signature.inputs.items()})


def _values(field: Field) -> np.ndarray:
    shape = [_OPEN_AXIS if size is None else size for size in (field.shape or ())[1:]]
    size = math.prod(shape)
    if field.dtype == "string":
        rows = np.array([[text] * size for text in _TEXTS], dtype=object)
    else:
        rows = (np.arange(size) % 3 + np.arange(len(_TEXTS))[:, np.newaxis]).astype(field.dtype)
    return rows.reshape([len(_TEXTS), *shape])
