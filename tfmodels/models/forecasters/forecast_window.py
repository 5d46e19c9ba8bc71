"""The features that the first layer of a forecaster gets of a batch of windows."""

from typing import NamedTuple

import tensorflow as tf

LAST = 3  # values at the end of a history that a decoder gets as they are


class ForecastWindow(NamedTuple):
    """A batch of windows without NaN: missing numbers are 0, with indicators that tell them from observed zeros.

    Everything before the first observed value of a window is hidden, covariates included, so that padding on the left
    equals a series that starts late.

    Attributes:
        values: `[batch, context, channels]`, normalised; 0, the centre of the window, where none was observed.
        observed: The same shape, 1 where there is a value, else 0.
        gaps: The same shape, `log(1 + t)` with `t` the time since the last observed value, in steps.
        started: bool, the same shape, True from the channel's first observed value on.
        past: `[batch, context, n]`: past covariates, known covariates of the context, then the indicators of both
            (1 = present); with irregular sampling also `log(1 + step size)`. None if there are none.
        future: `[batch, horizon, m]`: known covariates of the horizon, then their indicators. None if there are none.
        static: `[batch, s]`: static covariates, then their indicators. None if there are none.
        elapsed: `[batch, context]`, time since the previous step. None with regular sampling.
    """

    values: tf.Tensor
    observed: tf.Tensor
    gaps: tf.Tensor
    started: tf.Tensor
    past: tf.Tensor | None
    future: tf.Tensor | None
    static: tf.Tensor | None
    elapsed: tf.Tensor | None


def see_window(inputs: dict[str, tf.Tensor], normalised: tf.Tensor, context: int, dtype: str) -> ForecastWindow:
    """Makes the features of a forecaster's inputs.

    Args:
        inputs: See `Forecaster`.
        normalised: `inputs["values"]` after `ReversibleInstanceNorm`.
        context: Steps of the history.
        dtype: Data type of the features.

    Returns:
        The window.

    Example:
        `see_window({"values": values}, norm(values), context=24, dtype="float32").gaps`
    """
    observed = tf.math.is_finite(inputs["values"])
    started = tf.cumsum(tf.cast(observed, tf.int32), axis=1) > 0
    elapsed = inputs.get("steps")
    if elapsed is not None:
        elapsed = tf.where(tf.math.is_finite(elapsed), elapsed, tf.zeros_like(elapsed))
    covariates = [inputs[name][:, :context] for name in ("past", "known") if name in inputs]
    past = [_with_indicators(tf.concat(covariates, axis=-1), dtype)] if covariates else []
    past += [] if elapsed is None else [tf.cast(tf.math.log1p(elapsed), dtype)[:, :, tf.newaxis]]
    past = tf.concat(past, axis=-1) if past else None
    if past is not None:
        past = tf.where(tf.reduce_any(started, axis=-1, keepdims=True), past, tf.zeros_like(past))
    return ForecastWindow(
        values=tf.cast(normalised, dtype),
        observed=tf.cast(observed, dtype),
        gaps=tf.cast(tf.math.log1p(_time_since_last(observed, started, elapsed)), dtype),
        started=started,
        past=past,
        future=_with_indicators(inputs["known"][:, context:], dtype) if "known" in inputs else None,
        static=_with_indicators(inputs["static"], dtype) if "static" in inputs else None,
        elapsed=None if elapsed is None else tf.cast(elapsed, dtype),
    )


def step_features(window: ForecastWindow, mix_channels: bool) -> tuple[tf.Tensor, tf.Tensor]:
    """The features of each step of the context, as sequences for a sequence model.

    Args:
        window: The window.
        mix_channels: Put all channels of a window into one sequence; else each channel is a sequence of its own.

    Returns:
        Features `[rows, context, n]`, 0 before the sequence's first observed value, and bool `[rows, context]`, True
        from there on. The sequences of the channels of a window follow each other.

    Example:
        `features, started = step_features(window, mix_channels=False)`
    """
    own = (window.values, window.observed, window.gaps)
    if mix_channels:
        features = tf.concat([*own, *([] if window.past is None else [window.past])], axis=-1)
        started = tf.reduce_any(window.started, axis=-1)
    else:
        features = tf.transpose(tf.stack(own, axis=-1), [0, 2, 1, 3])
        features = tf.reshape(features, [-1, *features.shape[2:]])
        if window.past is not None:
            features = tf.concat([features, _per_row(window.past, window, mix_channels)], axis=-1)
        started = tf.reshape(tf.transpose(window.started, [0, 2, 1]), [-1, window.started.shape[1]])
    return tf.where(started[:, :, tf.newaxis], features, tf.zeros_like(features)), started


def patch_features(
    window: ForecastWindow, mix_channels: bool, length: int, stride: int
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
    """The features of `step_features` in patches.

    Args:
        window: The window.
        mix_channels: See `step_features`.
        length: Steps of a patch.
        stride: Steps from the start of one patch to the start of the next.

    Returns:
        Features `[rows, count, length * n]`; bool `[rows, count]`, False if the whole patch lies before the first
        observed value; the time that passes in a patch, `[rows, count]`, None with regular sampling.

    Example:
        `features, seen, _ = patch_features(window, mix_channels=False, length=16, stride=8)`
    """
    features, started = step_features(window, mix_channels)
    seen = tf.cast(started[:, :, tf.newaxis], tf.float32)
    seen = tf.reduce_any(patches(seen, length, stride) > 0, axis=-1)
    elapsed = None
    if window.elapsed is not None:
        elapsed = tf.reduce_sum(patches(window.elapsed[:, :, tf.newaxis], length, stride), axis=-1)
        elapsed = _per_row(elapsed, window, mix_channels)
    return patches(features, length, stride), seen, elapsed


def beside_static(state: tf.Tensor, window: ForecastWindow, mix_channels: bool) -> tf.Tensor:
    """Appends the static covariates to states `[rows, dim]`."""
    return (
        state if window.static is None else tf.concat([state, _per_row(window.static, window, mix_channels)], axis=-1)
    )


def future_features(window: ForecastWindow, mix_channels: bool) -> tf.Tensor | None:
    """Known covariates of the horizon for each sequence, `[rows, horizon, m]`; None if there are none."""
    return None if window.future is None else _per_row(window.future, window, mix_channels)


def series_of(steps: tf.Tensor) -> tf.Tensor:
    """The channels of windows as rows: `[batch, time, channels]` as `[batch * channels, time]`."""
    return tf.reshape(tf.transpose(steps, [0, 2, 1]), [-1, steps.shape[1]])


def summary(window: ForecastWindow, season: int) -> tf.Tensor:
    """What a decoder gets of the history of each channel in any case, whatever encodes it.

    Args:
        window: The window.
        season: Steps of the seasons whose means are taken; 0 = no means.

    Returns:
        `[batch * channels, n]`, with `n` of `summary_size`: the last values and their indicators, the time since the
        last observed value, and the mean of each whole season at the end of the history with the share of its values
        that were observed.
    """
    values, observed, gaps = series_of(window.values), series_of(window.observed), series_of(window.gaps)
    found = [values[:, -LAST:], observed[:, -LAST:], gaps[:, -1:]]
    if season:
        count = values.shape[1] // season
        sums, seen = (
            tf.reduce_sum(tf.reshape(x[:, -count * season :], [-1, count, season]), axis=-1) for x in (values, observed)
        )
        found += [tf.math.divide_no_nan(sums, seen), seen / season]
    return tf.concat(found, axis=-1)


def summary_size(context: int, season: int) -> int:
    """Width of `summary`."""
    return 2 * min(LAST, context) + 1 + (2 * (context // season) if season else 0)


def by_channel(raw: tf.Tensor, channels: int, mix_channels: bool) -> tf.Tensor:
    """Arranges the outputs of a network by channel.

    Args:
        raw: `[batch * channels, horizon, outputs]`, or with `mix_channels` `[batch, horizon, channels * outputs]`.
        channels: Number of channels.
        mix_channels: Whether one sequence held all channels.

    Returns:
        `[batch, horizon, channels, outputs]`.
    """
    horizon, outputs = raw.shape[1:]
    if mix_channels:
        return tf.reshape(raw, [-1, horizon, channels, outputs // channels])
    return tf.transpose(tf.reshape(raw, [-1, channels, horizon, outputs]), [0, 2, 1, 3])


def attention_by_window(scores: tf.Tensor, channels: int, mix_channels: bool) -> tf.Tensor:
    """Attention weights `[rows, heads, query, key]` as `[batch, channels * heads, query, key]`."""
    return scores if mix_channels else tf.reshape(scores, [-1, channels * scores.shape[1], *scores.shape[2:]])


def _per_row(x: tf.Tensor, window: ForecastWindow, mix_channels: bool) -> tf.Tensor:
    return x if mix_channels else tf.repeat(x, window.values.shape[-1], axis=0)


def patches(steps: tf.Tensor, length: int, stride: int) -> tf.Tensor:
    """Cuts sequences into patches; the last patch ends with the last step.

    Args:
        steps: `[rows, time, n]`; padded with zeros on the left where the first patch needs them.
        length: Steps of a patch.
        stride: Steps from the start of one patch to the start of the next.

    Returns:
        `[rows, count, length * n]`, where `count` is that of `patch_count`.
    """
    time = steps.shape[1]
    count = patch_count(time, length, stride)
    padded = tf.pad(steps, [[0, 0], [(count - 1) * stride + length - time, 0], [0, 0]])
    if stride == length:
        return tf.reshape(padded, [-1, count, length * steps.shape[2]])
    places = [[start * stride + step for step in range(length)] for start in range(count)]
    return tf.reshape(tf.gather(padded, places, axis=1), [-1, count, length * steps.shape[2]])


def patch_count(time: int, length: int, stride: int) -> int:
    """Number of patches that `patches` makes of `time` steps."""
    return -(-max(time - length, 0) // stride) + 1


def _with_indicators(x: tf.Tensor, dtype: str) -> tf.Tensor:
    present = tf.math.is_finite(x)
    return tf.cast(tf.concat([tf.where(present, x, tf.zeros_like(x)), tf.cast(present, x.dtype)], axis=-1), dtype)


def _time_since_last(observed: tf.Tensor, started: tf.Tensor, elapsed: tf.Tensor | None) -> tf.Tensor:
    """Time since the last observed value at each step, float32 `[batch, context, channels]`; 0 before the first."""
    steps = tf.ones_like(observed[:, :, 0], tf.float32) if elapsed is None else tf.cast(elapsed, tf.float32)
    time = tf.cumsum(steps, axis=1)[:, :, tf.newaxis]
    last = tf.where(observed, time, -1.0)
    reach = 1
    while reach < observed.shape[1]:  # running maximum; its reach doubles with each pass
        last = tf.maximum(last, tf.pad(last[:, :-reach], [[0, 0], [reach, 0], [0, 0]], constant_values=-1.0))
        reach *= 2
    return tf.where(started, tf.maximum(time - last, 0.0), 0.0)
