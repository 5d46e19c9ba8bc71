"""A random permutation that is computed on the fly instead of stored."""

from collections.abc import Sequence

import numpy as np

_ROUNDS = 6
_MULTIPLIERS = np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)


def shuffled(places: np.ndarray, size: int, seed: Sequence[int]) -> np.ndarray:
    """Returns the elements at given places of a random permutation of `range(size)`.

    A Feistel network permutes all numbers of the smallest even number of bits that can hold `size - 1`. Results outside
    the range are permuted again until they fall inside (cycle walking), which makes it a permutation of the range.

    Args:
        places: Integers from 0 to `size - 1`, of any shape.
        size: Length of the permutation.
        seed: Integers that determine the permutation.

    Returns:
        int64, with the shape of `places`.

    Example:
        `shuffled(np.arange(10), 10, [1, 0])` contains each of 0 to 9 once.

    Source:
        Black and Rogaway: Ciphers with Arbitrary Finite Domains. CT-RSA 2002, sections 3 and 4.
    """
    half = np.uint64(max(1, -(-(size - 1).bit_length() // 2)))
    keys = np.random.default_rng(seed).integers(0, 2**64, _ROUNDS, dtype=np.uint64)
    numbers = _permuted(places.astype(np.uint64), half, keys)
    while (outside := numbers >= size).any():
        numbers[outside] = _permuted(numbers[outside], half, keys)
    return numbers.astype(np.int64)


def _permuted(numbers: np.ndarray, half: np.uint64, keys: np.ndarray) -> np.ndarray:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for key in keys:
        left, right = right, left ^ (_mixed(right ^ key) & mask)
    return (left << half) | right


def _mixed(bits: np.ndarray) -> np.ndarray:
    """Each bit of the result depends on every bit of the argument."""
    for multiplier in _MULTIPLIERS:
        bits = (bits ^ (bits >> np.uint64(31))) * multiplier
    return bits ^ (bits >> np.uint64(29))
