"""N-grams of the letters of tokens."""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

_LENGTHS = (3, 4, 5)  # letters of an n-gram, as of the word parts of fastText


def spellings(pieces: Sequence[str], width: int, buckets: int) -> np.ndarray:
    """The n-grams of the letters of each token, as rows of a table of hashes (Bojanowski et al., 2017).

    N-grams have 3 to 5 letters; the edges of the token count as letters, so that "<un" is not the "un" within "tuning".

    Args:
        pieces: The tokens.
        width: Most n-grams of a token; the longest are left out first.
        buckets: Rows of the table; several n-grams may share one. Row 0 stays free.

    Returns:
        int64 `[pieces, width]`, rows from 1 on, then 0 where there are no more.

    Example:
        `spellings(["good", "goodness"], width=48, buckets=2**17)`: both have the rows of "<go", "goo", "<goo" and more
    """
    table = np.zeros([len(pieces), width], "int64")
    for row, piece in zip(table, pieces, strict=True):
        hashes = [1 + zlib.crc32(letters.encode()) % (buckets - 1) for letters in _ngrams(f"<{piece}>")][:width]
        row[: len(hashes)] = hashes
    return table


def _ngrams(letters: str) -> Iterator[str]:
    for length in _LENGTHS:
        for start in range(len(letters) - length + 1):
            yield letters[start : start + length]
