"""Character n-grams of tokens."""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

_LENGTHS = (3, 4, 5)  # characters of an n-gram, close to the 3 to 6 of fastText


def character_ngrams(pieces: Sequence[str], width: int, buckets: int) -> np.ndarray:
    """Hashes the character n-grams of each token (Bojanowski et al., 2017).

    N-grams have 3 to 5 characters. The boundaries of the token count as characters, so that "<un" at the beginning of a
    word differs from the "un" inside "tuning".

    Args:
        pieces: The tokens.
        width: Maximum number of n-grams of a token; the longest are left out first.
        buckets: Number of buckets; several n-grams may share one. Bucket 0 is not used.

    Returns:
        int64 `[pieces, width]`, buckets from 1 on, padded with 0.

    Example:
        `character_ngrams(["good", "goodness"], width=48, buckets=2**17)` -> both share the buckets of "<go", "goo" ...
    """
    table = np.zeros([len(pieces), width], "int64")
    for row, piece in zip(table, pieces, strict=True):
        hashes = [1 + zlib.crc32(ngram.encode()) % (buckets - 1) for ngram in _ngrams(f"<{piece}>")][:width]
        row[: len(hashes)] = hashes
    return table


def _ngrams(word: str) -> Iterator[str]:
    for length in _LENGTHS:
        for start in range(len(word) - length + 1):
            yield word[start : start + length]
