"""Series as changes from a season before."""

import tensorflow as tf


def seasonal_changes(values: tf.Tensor, season: int) -> tuple[tf.Tensor, tf.Tensor]:
    """What each value differs by from the last one before it that was observed at its place in the season.

    Args:
        values: `[batch, time, channels]`, NaN or infinite = missing.
        season: Steps of a season, at most `time`.

    Returns:
        The changes, of the same shape, NaN where there is no value or none before; and the last value of each place in
        the order of the steps to come, `[batch, season, channels]`, NaN where a place has none.

    Example:
        >>> changes, latest = seasonal_changes(tf.constant([[[1.0], [5.0], [2.0], [7.0]]]), season=2)
        >>> changes.numpy().ravel().tolist(), latest.numpy().ravel().tolist()
        ([nan, nan, 1.0, 2.0], [2.0, 7.0])
    """
    time, channels = values.shape[1:]
    missing = -time % season  # so that a season begins with the first step to come
    values = tf.where(tf.math.is_finite(values), values, float("nan"))
    padded = tf.pad(values, [[0, 0], [missing, 0], [0, 0]], constant_values=float("nan"))
    seasons = tf.unstack(tf.reshape(padded, [-1, (time + missing) // season, season, channels]), axis=1)
    latest = tf.fill(tf.shape(seasons[0]), float("nan"))
    changes = []
    for one in seasons:
        changes.append(one - latest)
        latest = tf.where(tf.math.is_nan(one), latest, one)
    return tf.concat(changes, axis=1)[:, missing:], latest
