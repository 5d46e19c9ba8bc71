"""The loop of an LSTM over rows that are padded on the right, in a single operation."""

import tensorflow as tf


def block_lstm(
    x: tf.Tensor,
    lengths: tf.Tensor,
    kernel: tf.Tensor,
    recurrent_kernel: tf.Tensor,
    bias: tf.Tensor,
    reverse: bool = False,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Runs the cell of `LSTM` over all steps of each row, from a state of zeros, with TensorFlow's `BlockLSTM`.

    A loop starts some twenty operations a step, which take most of the time where states are narrow: this takes about
    a quarter of it with 32 units, half with 64, as much with 512. (`BlockLSTMV2` is left alone: TensorFlow 2.21 gives
    it a wrong gradient, that of the other order of gates.)

    Args:
        x: float32 `[batch, time, dim]`.
        lengths: int32 `[batch]`, steps of each row; those behind are padding.
        kernel: `[dim, 4 * units]`, columns in the order i, f, g, o.
        recurrent_kernel: `[units, 4 * units]`.
        bias: `[4 * units]`.
        reverse: From the last step of each row to its first; outputs are in the order of the inputs.

    Returns:
        h of each step, `[batch, time, units]`, zero at padding; h and c after the last step, `[batch, units]` each.

    Example:
        `block_lstm(x, tf.constant([5, 3]), lstm.kernel, lstm.recurrent_kernel, lstm.bias)`
    """
    rows, units = tf.shape(x)[0], recurrent_kernel.shape[0]
    i, f, g, o = tf.split(tf.concat([kernel, recurrent_kernel], axis=0), 4, axis=1)
    of_i, of_f, of_g, of_o = tf.split(bias, 4)
    ordered = tf.reverse_sequence(x, lengths, seq_axis=1) if reverse else x
    zeros, no_peephole = tf.zeros([rows, units]), tf.zeros([units])
    states = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.cast(tf.shape(x)[1], tf.int64),
        x=tf.transpose(ordered, [1, 0, 2]),
        cs_prev=zeros,
        h_prev=zeros,
        w=tf.concat([i, g, f, o], axis=1),
        wci=no_peephole,
        wcf=no_peephole,
        wco=no_peephole,
        b=tf.concat([of_i, of_g, of_f, of_o], axis=0),
        forget_bias=0.0,
        cell_clip=-1.0,
        use_peephole=False,
    )
    inside = tf.sequence_mask(lengths, tf.shape(x)[1])[:, :, tf.newaxis]
    outputs = tf.where(inside, tf.transpose(states.h, [1, 0, 2]), 0.0)
    last = tf.stack([tf.where(lengths > 0, lengths - 1, tf.shape(x)[1]), tf.range(rows)], axis=1)  # zeros for no steps
    h, c = (tf.gather_nd(tf.pad(of, [[0, 1], [0, 0], [0, 0]]), last) for of in (states.h, states.cs))
    return tf.reverse_sequence(outputs, lengths, seq_axis=1) if reverse else outputs, h, c
