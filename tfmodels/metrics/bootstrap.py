"""The difference of two scores on the same rows, with its error: whether one is better, or chance may have decided."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

# Of six blocks that all favour one side a fair coin makes 2 of 64: with fewer even a unanimous result may be chance.
FEWEST_BLOCKS = 6
_MOST_BLOCKS = 1_000
_RESAMPLES = 1_000
_TOGETHER = 100  # resamples that are in memory at once
_LEVEL = 0.95
Score = Callable[[np.ndarray], np.ndarray]


class Difference(NamedTuple):
    """The score of one side minus that of the other.

    Attributes:
        difference: On all rows.
        standard_error: Of the difference.
        low: Lower end of its 95 % confidence interval.
        high: Upper end.
        blocks: Number of blocks that the error was estimated from.
    """

    difference: float
    standard_error: float
    low: float
    high: float
    blocks: int


def ratio(sums: np.ndarray) -> np.ndarray:
    """The first statistic divided by the second: a mean, of a sum and a count."""
    return sums[..., 0] / np.where(sums[..., 1] == 0, np.nan, sums[..., 1])


def paired_difference(
    one: np.ndarray, other: np.ndarray, blocks: np.ndarray, score: Score = ratio
) -> Difference | None:
    """Compares two scores by a paired block bootstrap (Efron and Tibshirani, 1993; Künsch, 1989).

    Both sides are resampled together, block by block, with a fixed seed. The interval is Student's, with one degree of
    freedom less than there are blocks.

    Args:
        one: `[rows, statistics]`, whose sums over rows give the score.
        other: The same for the other side.
        blocks: int `[rows]`, the block of each row: rows that depend on each other belong to one.
        score: From sums `[..., statistics]` to the score `[...]`.

    Returns:
        The difference; None if there are too few blocks to say anything, or a score is not finite.

    Example:
        >>> right = np.array([[1, 1], [1, 1], [0, 1]] * 10)
        >>> paired_difference(right, 1 - right + [0, 1], np.arange(30)).difference
        0.33
    """
    sums = np.stack([_sums(one, blocks), _sums(other, blocks)])
    count = sums.shape[1]
    total = score(sums.sum(axis=1))
    if count < FEWEST_BLOCKS or not np.isfinite(total).all():
        return None
    resampled = score(np.concatenate([weights @ sums for weights in block_draws(count)], axis=1))
    return interval(float(total[0] - total[1]), resampled[0] - resampled[1], count)


def margin_of_error(statistics: np.ndarray, blocks: np.ndarray) -> float | None:
    """Half the width of the 95 % confidence interval of a mean, by the same bootstrap.

    Args:
        statistics: `[rows, 2]`, the sum and the count of each row.
        blocks: See `paired_difference`.

    Returns:
        The margin; None if there are too few blocks.

    Example:
        `margin_of_error(np.stack([inside, observed], axis=1), blocks)`
    """
    nothing = np.tile([0.0, 1.0], [len(statistics), 1])
    found = paired_difference(statistics, nothing, blocks)
    return None if found is None else found.high - found.difference


def independent_blocks(rows: int) -> np.ndarray:
    """Blocks for rows that do not depend on each other: each its own, of very many rows random groups of equal size.

    Args:
        rows: Number of rows.

    Returns:
        int `[rows]`.

    Example:
        `independent_blocks(872)`
    """
    return np.random.default_rng(0).permutation(rows) % _MOST_BLOCKS


def _sums(statistics: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """The sums of each block, float64 `[blocks, statistics]`."""
    _, place = np.unique(blocks, return_inverse=True)
    statistics = np.asarray(statistics, np.float64)
    return np.stack([np.bincount(place, column) for column in statistics.T], axis=1)


def block_draws(count: int) -> Iterable[np.ndarray]:
    """How often each block is drawn in 1,000 resamples with replacement, with a fixed seed.

    Args:
        count: Number of blocks.

    Returns:
        float64 arrays `[100, blocks]`; of many blocks each is made when it is wanted: few are in memory at once.

    Example:
        `np.concatenate([weights @ sums for weights in block_draws(len(sums))])`
    """
    return _kept_draws(count) if count <= _MOST_BLOCKS else _draws(count)


@functools.lru_cache(maxsize=1)  # several metrics and models are resampled alike
def _kept_draws(count: int) -> tuple[np.ndarray, ...]:
    return tuple(_draws(count))


def _draws(count: int) -> Iterator[np.ndarray]:
    random, chance = np.random.default_rng(0), np.full(count, 1 / count)
    for _ in range(_RESAMPLES // _TOGETHER):
        yield random.multinomial(count, chance, _TOGETHER).astype(np.float64)


def interval(point: float, resampled: np.ndarray, count: int) -> Difference:
    """A value with the interval that its values in resamples of `count` blocks give, by Student's distribution.

    Args:
        point: Of all rows.
        resampled: `[resamples]`; NaN where a resample has none.
        count: Number of blocks.

    Returns:
        The value with its error.

    Example:
        `interval(0.5, draws, 100).low`
    """
    from scipy.stats import t

    # The spread among resamples of n blocks is too small by the factor (n - 1) / n.
    error = float(np.sqrt(np.nanvar(resampled) * count / (count - 1)))
    margin = float(t.ppf((1 + _LEVEL) / 2, count - 1)) * error
    return Difference(point, error, point - margin, point + margin, count)
