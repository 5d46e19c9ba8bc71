"""Parses series from text inside the graph, for clients that cannot send NaN."""

import tensorflow as tf

_NUMBER = r"\s*[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*"
_TIMESTAMP = r"\s*[+-]?\d{1,18}\s*"


def parse_series(text: tf.Tensor, channels: int, steps: int, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """Parses series with commas between steps and semicolons between channels.

    Longer series are cut to their last steps, shorter ones are padded on the left. Values that are empty or not finite
    numbers are missing. No input raises an error.

    Args:
        text: string `[batch]`, oldest step first; `1,2,,4;5,6,7,8` has two channels of four steps.
        channels: Number of channels.
        steps: Number of steps.
        dtype: `tf.float32` or `tf.float64`.

    Returns:
        `[batch, steps, channels]` of that type, NaN = missing.

    Example:
        `parse_series(tf.constant(["1,2,,4"]), channels=1, steps=3)` -> `[[[2.0], [nan], [4.0]]]`
    """
    cells = [_last_cells(_part(text, channel), steps) for channel in range(channels)]
    cells = tf.stack(cells, axis=-1)
    numbers = _numbers(cells, _NUMBER, dtype)
    is_number = tf.strings.regex_full_match(cells, _NUMBER) & tf.math.is_finite(numbers)
    return tf.where(is_number, numbers, tf.constant(float("nan"), dtype))


def parse_timestamps(text: tf.Tensor, steps: int) -> tf.Tensor:
    """Parses timestamps: whole seconds with commas between them.

    Args:
        text: string `[batch]`, oldest first.
        steps: Number of steps; see `parse_series`.

    Returns:
        int64 `[batch, steps]`, 0 = missing.

    Example:
        `parse_timestamps(tf.constant(["3600,7200"]), steps=3)` -> `[[0, 3600, 7200]]`
    """
    return _numbers(_last_cells(text, steps), _TIMESTAMP, tf.int64)


def _part(text: tf.Tensor, channel: int) -> tf.Tensor:
    """The text of one channel, string `[batch]`, empty if missing."""
    parts = tf.strings.split(text, ";")
    return parts[:, channel : channel + 1].to_tensor("", shape=[None, 1])[:, 0]


def _last_cells(text: tf.Tensor, steps: int) -> tf.Tensor:
    """The last values of each text, string `[batch, steps]`, padded on the left with empty ones."""
    cells = tf.strings.split(text, ",")
    newest_first = cells[:, ::-1].to_tensor("", shape=[None, steps])
    return tf.ensure_shape(newest_first[:, ::-1], [None, steps])


def _numbers(cells: tf.Tensor, pattern: str, dtype: tf.DType) -> tf.Tensor:
    """Converts cells to numbers, and those that do not match the pattern to 0."""
    return tf.strings.to_number(tf.where(tf.strings.regex_full_match(cells, pattern), cells, "0"), dtype)
