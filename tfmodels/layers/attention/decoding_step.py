"""Operations with little overhead, for the attention of a single token in a decoding step.

On many CPUs oneDNN replaces TensorFlow's matrix products, transpositions and softmax. That pays for long sequences, but
each call costs 50 to 100 microseconds, several times what the arithmetic for a single query takes. The operations here
have no such replacement. Results are equal up to rounding.
"""

import tensorflow as tf


def batched_product(a: tf.Tensor, b: tf.Tensor, transpose_b: bool = False) -> tf.Tensor:
    """`tf.matmul` of many small matrices.

    Args:
        a: `[..., query, dim]`.
        b: `[..., dim, key]`, or with `transpose_b` `[..., key, dim]`; leading axes broadcast.
        transpose_b: Whether to multiply by the transposed `b`.

    Returns:
        `[..., query, key]`.
    """
    if a.dtype == tf.float16:  # not supported by the operation below on a CPU
        return tf.matmul(a, b, transpose_b=transpose_b)
    return tf.raw_ops.BatchMatMulV3(x=a, y=b, Tout=a.dtype, adj_y=transpose_b)


def softmax(logits: tf.Tensor) -> tf.Tensor:
    """`tf.nn.softmax` over the last axis."""
    exponentials = tf.exp(logits - tf.reduce_max(logits, axis=-1, keepdims=True))
    return exponentials / tf.reduce_sum(exponentials, axis=-1, keepdims=True)


def split_heads(x: tf.Tensor, heads: int) -> tf.Tensor:
    """Splits the columns into heads and moves these to the front: `[rows, heads * dim]` -> `[heads, rows, dim]`."""
    return tf.stack(tf.split(x, heads, axis=1))


def join_heads(x: tf.Tensor) -> tf.Tensor:
    """Undoes `split_heads`."""
    return tf.concat(tf.unstack(x), axis=1)
