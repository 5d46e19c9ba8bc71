"""Series as changes from the value one season earlier."""

import tensorflow as tf


def seasonal_changes(values: tf.Tensor, season: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The difference of each value from the last observed value a whole number of seasons earlier.

    Args:
        values: `[batch, time, channels]`, NaN or infinite = missing.
        season: Steps of a season, at most `time`.

    Returns:
        The changes, of the same shape, NaN where either value is missing; and the last observed value for each of the
        next `season` steps, the seasonal naive forecast, `[batch, season, channels]`, NaN where there is none.

    Example:
        >>> changes, latest = seasonal_changes(tf.constant([[[1.0], [5.0], [2.0], [7.0]]]), season=2)
        >>> changes.numpy().ravel().tolist(), latest.numpy().ravel().tolist()
        ([nan, nan, 1.0, 2.0], [2.0, 7.0])
    """
    time, channels = values.shape[1:]
    missing = -time % season  # so that the next step begins a season
    nan = tf.constant(float("nan"), values.dtype)
    values = tf.where(tf.math.is_finite(values), values, nan)
    padded = tf.pad(values, [[0, 0], [missing, 0], [0, 0]], constant_values=nan)
    by_season = tf.unstack(tf.reshape(padded, [-1, (time + missing) // season, season, channels]), axis=1)
    latest = tf.fill(tf.shape(by_season[0]), nan)
    changes = []
    for one in by_season:
        changes.append(one - latest)
        latest = tf.where(tf.math.is_nan(one), latest, one)
    return tf.concat(changes, axis=1)[:, missing:], latest
