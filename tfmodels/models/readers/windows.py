"""Windows of long sequences: cut out with overlaps, and put together again."""

from typing import NamedTuple

import tensorflow as tf


class Windows(NamedTuple):
    """Where the windows of a batch lie, those of one row after those of another.

    A step that several windows hold belongs to the one in which it is furthest from a cut; that depends on the row
    alone, not on its batch.

    Attributes:
        row: int32 `[windows]`, the row that each is of.
        start: int32 `[windows]`, its first step.
        size: int32, steps of a window: no more than the sequences have.
        stride: Steps from one window to the next of its row.
        overlap: Steps that both share.
        counts: int32 `[batch]`, the windows of each row.
    """

    row: tf.Tensor
    start: tf.Tensor
    size: tf.Tensor
    stride: int
    overlap: int
    counts: tf.Tensor

    @property
    def total(self) -> tf.Tensor:
        """Number of windows, int32."""
        return tf.shape(self.row)[0]

    def cut(self, values: tf.Tensor, chosen: tf.Tensor | None = None) -> tf.Tensor:
        """Cuts windows out of sequences.

        Args:
            values: `[batch, time, ...]`.
            chosen: int32 `[n]`, which windows; all by default.

        Returns:
            `[n, size, ...]`, 0 beyond the end.
        """
        row, start = self.row, self.start
        if chosen is not None:
            row, start = tf.gather(row, chosen), tf.gather(start, chosen)
        further = values.shape[2:]
        values = tf.pad(values, [[0, 0], [0, self.size], *[[0, 0]] * len(further)])
        first = row * tf.shape(values)[1] + start
        places = first[:, tf.newaxis] + tf.range(self.size)
        flat = tf.reshape(values, [tf.shape(values)[0] * tf.shape(values)[1], *further])
        return tf.gather(flat, tf.minimum(places, tf.shape(flat)[0] - 1))

    def joined(self, windows: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
        """Puts windows together: of each step what its window says.

        Args:
            windows: `[windows, size, dim]`.
            time: Steps of the sequences.

        Returns:
            `[batch, time, dim]`; beyond a row's last window without meaning.
        """
        step, stride = tf.range(time)[tf.newaxis], self.stride
        last = self.counts[:, tf.newaxis] - 1
        window = tf.maximum(0, tf.minimum((step - self.overlap // 2) // stride, last))  # of those of the row
        within = tf.minimum(step - window * stride, self.size - 1)
        first = tf.cumsum(self.counts, exclusive=True)[:, tf.newaxis]
        flat = tf.reshape(windows, [-1, tf.shape(windows)[2]])
        return tf.ensure_shape(tf.gather(flat, (first + window) * self.size + within), [None, None, windows.shape[2]])


def over(lengths: tf.Tensor, time: tf.Tensor, size: int, overlap: int) -> Windows:
    """Lays windows over sequences, as many as each needs, at least one.

    Args:
        lengths: int32 `[batch]`, steps of each sequence.
        time: int32, steps of the sequences with their padding.
        size: Most steps of a window.
        overlap: Steps that a window shares with the next one, fewer than `size`.

    Returns:
        The windows.

    Raises:
        ValueError: The overlap is not below the size.

    Example:
        `over(tf.constant([10, 3]), 10, size=4, overlap=2).start` -> `[0, 2, 4, 6, 0]`
    """
    if not 0 <= overlap < size:
        raise ValueError(f"Expected an overlap from 0 to below the window, {size}. Received: overlap={overlap}")
    stride = size - overlap
    counts = tf.maximum(1, -((overlap - lengths) // stride))
    row = tf.repeat(tf.range(tf.shape(lengths)[0]), counts)
    before = tf.gather(tf.cumsum(counts, exclusive=True), row)
    return Windows(row, (tf.range(tf.shape(row)[0]) - before) * stride, tf.minimum(size, time), stride, overlap, counts)
