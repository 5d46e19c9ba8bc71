"""Attention of each step ahead to the values at the same phase of earlier seasons."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.attention.masked_softmax import visible_softmax
from tfmodels.layers.dense import Dense
from tfmodels.layers.traced_output_spec import traced_output_spec

MOST_SEASONS = 32  # that a step looks back to, of each length


@keras.saving.register_keras_serializable("tfmodels")
class SeasonalAttention(keras.layers.Layer):
    """The mean of the values at a step's own phase in earlier seasons, weighted by attention.

    With a season of 24 hours, 14:00 of tomorrow attends to 14:00 of today, of yesterday and so on, as far as the
    history goes, at most 32 seasons. The weights are the softmax of an affine map of the step's query. A value that was
    not observed gets no weight, and its share goes to the others: a gap in one season costs the forecast little. A
    seasonal naive forecast is the special case of all weight on the last season.

    Args:
        seasons: Lengths of seasons in steps, such as 24 and 168 for the days and weeks of hours. Values that two
            lengths have in common count once.

    Call arguments:
        query: `[rows, horizon, dim]`, what is known of each step ahead.
        values: `[rows, context]`, the history, 0 where it is missing.
        sequence_mask: bool `[rows, context]`, False where a value is missing. Default: none is.
        return_scores: Also return the weights, `[rows, horizon, lags]`, in the order of `lags`.

    Returns:
        `[rows, horizon]`; with `return_scores` a tuple with the weights. Both are 0 where no value was observed.

    Attributes:
        lags: How many steps before the first step ahead each value lies, by lag.
        last_lags: The same of the last step ahead: more where the horizon is longer than a season.

    Raises:
        ValueError: No season is given, or one is longer than the history.

    Example:
        >>> attention = SeasonalAttention([24, 168])
        >>> attention(tf.zeros([8, 24, 64]), tf.zeros([8, 336])).shape  # 14 days; its two weeks are among them
        TensorShape([8, 24])
    """

    def __init__(self, seasons: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seasons = tuple(seasons)
        if not self.seasons or min(self.seasons) < 1:
            raise ValueError(f"Expected lengths of seasons, at least 1. Received: seasons={list(seasons)}")

    def build(self, query_shape: tuple, values_shape: tuple) -> None:  # noqa: D102
        context, horizon = values_shape[1], query_shape[1]
        if max(self.seasons) > context:
            raise ValueError(f"Expected seasons of at most {context} steps, the history. Received: {self.seasons}")
        places = _places(context, horizon, self.seasons)
        self.lags = (context - places[0]).tolist()
        self.last_lags = (context + horizon - 1 - places[-1]).tolist()
        self._before = max(-int(places.min()), 0)
        self._places = places + self._before
        self.score = Dense(len(self.lags), dtype=self.dtype_policy, name="score")
        self.score.build(query_shape)

    def earlier(self, x: tf.Tensor) -> tf.Tensor:
        """The numbers at each step's phase in earlier seasons.

        Args:
            x: `[rows, context]`.

        Returns:
            `[rows, horizon, lags]`; 0 before the start of the history.
        """
        found = tf.gather(tf.pad(x, [[0, 0], [self._before, 0]]), self._places.ravel(), axis=1)
        return tf.reshape(found, [-1, *self._places.shape])

    def call(  # noqa: D102
        self,
        query: tf.Tensor,
        values: tf.Tensor,
        sequence_mask: tf.Tensor | None = None,
        return_scores: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        observed = tf.ones_like(values) if sequence_mask is None else tf.cast(sequence_mask, values.dtype)
        visible = self.earlier(observed) > 0
        scores = visible_softmax(self.score(query), visible, values.dtype)
        scores = tf.where(visible, scores, tf.zeros_like(scores))
        found = tf.reduce_sum(scores * self.earlier(values), axis=-1)
        return (found, scores) if return_scores else found

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, query_shape: tuple, values_shape: tuple | None = None) -> tuple:  # noqa: D102
        return tuple(query_shape[:2])

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "seasons": list(self.seasons)}


def _places(context: int, horizon: int, seasons: Sequence[int]) -> np.ndarray:
    """Places in the history of the values at the phase of each step, `[horizon, lags]`; negative = before its start."""
    steps = np.arange(horizon)
    columns = {
        tuple(context + steps % season - back * season): None  # the keys of a dict keep their order, each once
        for season in sorted(seasons)
        for back in range(1, min(context // season, MOST_SEASONS) + 1)
    }
    return np.array(list(columns)).T
