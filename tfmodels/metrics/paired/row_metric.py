"""A metric with the numbers of each row that it is computed from, and its difference between two models."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tfmodels.metrics import bootstrap
from tfmodels.metrics.bootstrap import FEWEST_BLOCKS, Difference
from tfmodels.metrics.paired.scores import SCORES


class Resampled(NamedTuple):
    """A metric of all rows and of resamples of their blocks, the same ones for every model.

    Attributes:
        value: Of all rows.
        draws: float64 `[1000]`, of each resample.
        blocks: Number of blocks.
    """

    value: float
    draws: np.ndarray
    blocks: int

    def minus(self, other: "Resampled") -> Difference | None:
        """The metric less that of another model; None of too few blocks, or where a value is not finite."""
        difference = self.value - other.value
        if self.blocks < FEWEST_BLOCKS or not np.isfinite(difference):
            return None
        return bootstrap.interval(difference, self.draws - other.draws, self.blocks)


@dataclass(frozen=True, eq=False)
class RowMetric:
    """A metric with the numbers of each row that it is computed from.

    Args:
        rows: float `[rows, columns]`, what `score` says.
        score: How the metric is computed, one of `SCORES`: `mean`, of sums and counts, unless it is another.
        higher_is_better: Of the metric; None where neither is better, as of the length of answers.

    Raises:
        ValueError: There is no such score, or the numbers cannot be its.

    Example:
        >>> right = RowMetric(np.array([[100, 1], [0, 1], [100, 1]]))
        >>> right.value, right.of_each()
        (66.67, array([100., 0., 100.]))

    Reference:
        Efron and Tibshirani (1993), "An Introduction to the Bootstrap".
    """

    rows: np.ndarray
    score: str = "mean"
    higher_is_better: bool | None = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", np.asarray(self.rows, np.float64))
        kind = SCORES.get(self.score)
        if kind is None:
            raise ValueError(f"Expected a score of {', '.join(SCORES)}. Received: score={self.score!r}")
        if self.rows.ndim != 2 or not len(self.rows) or not kind.suits(self.rows):
            raise ValueError(
                f"Expected rows [rows, columns] that score {self.score!r} is computed from. "
                f"Received: shape {self.rows.shape}, or other numbers"
            )

    @property
    def value(self) -> float:
        """The metric of all rows."""
        return float(self._scorer(np.zeros(len(self.rows), int), 1)(np.ones((1, 1)))[0])

    def of_each(self) -> np.ndarray | None:
        """What tells for each row how well it is answered, `[rows]`; None where the metric has nothing of the kind."""
        of_each = SCORES[self.score].of_each
        return None if of_each is None else of_each(self.rows)

    def resampled(self, blocks: np.ndarray) -> Resampled:
        """The metric of 1,000 resamples of blocks.

        Args:
            blocks: int `[rows]`, see `metrics.paired_difference`.

        Returns:
            See `Resampled`.
        """
        _, place = np.unique(blocks, return_inverse=True)
        count = int(place.max()) + 1
        score = self._scorer(place, count)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            draws = np.concatenate([score(weights) for weights in bootstrap.block_draws(count)])
            value = float(score(np.ones((1, count)))[0])
        return Resampled(value, draws, count)

    def _scorer(self, place: np.ndarray, count: int) -> "bootstrap.Score":
        return SCORES[self.score].scorer(self.rows, place, count)
