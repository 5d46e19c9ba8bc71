"""The size of a JSON document, counted before anything is made of it: each value takes some hundred bytes in Python."""

import numpy as np

from tfmodels.serving.protocol.status import TooLargeError, invalid

MOST_VALUES = 2**20
MOST_LEVELS = 64  # arrays have at most 32 axes
_CHUNK = 2**20  # bytes
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_COUNTS = np.zeros(256, np.int8)
_COUNTS[list(b"[{,")] = 1


def check_document(body: bytes) -> int:
    """Counts the values of a document, lists and objects included, and refuses too many.

    Args:
        body: The document; need not be valid.

    Returns:
        At least as many as it has.

    Raises:
        ServingError: If it has more than `MOST_VALUES` values, or more than `MOST_LEVELS` levels.

    Example:
        `check_document(b'{"instances": [1, 2]}')` -> 4
    """
    opening = body.count(b"[") + body.count(b"{")
    values = opening + body.count(b",") + 1
    if values > MOST_VALUES or opening > MOST_LEVELS:  # brackets and commas of texts may be among them
        values, levels = _count(body)
        if levels > MOST_LEVELS:
            raise invalid(f"Expected a JSON document of at most {MOST_LEVELS} levels. Received: {levels} levels")
        if values > MOST_VALUES:
            raise TooLargeError(
                f"Expected a JSON document of at most {MOST_VALUES} values. Received: {values}; send fewer rows"
            )
    return values


def _count(body: bytes) -> tuple[int, int]:
    """Values and levels, without what is in texts."""
    if b"\\" in body:
        body = body.replace(rb"\\", b"").replace(rb"\"", b"")  # pairs from the left, as a reader takes them
    values, level, levels, texts = 1, 0, 0, 0
    for start in range(0, len(body), _CHUNK):
        part = np.frombuffer(body, np.uint8, min(_CHUNK, len(body) - start), start)
        quotes = np.cumsum(part == ord('"'), dtype=np.uint32) + np.uint32(texts)
        outside = quotes % 2 == 0
        texts = int(quotes[-1]) % 2
        values += int(np.count_nonzero(_COUNTS[part] * outside))
        heights = level + np.cumsum(_STEPS[part] * outside, dtype=np.int32)
        level = int(heights[-1])
        levels = max(levels, int(heights.max()))
    return values, levels
