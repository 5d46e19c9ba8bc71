"""Attention in memory that is linear in the number of queries."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels.layers.attention.masked_softmax import masked_softmax

Part = Callable[[tf.Tensor], tuple[tf.Tensor, ...]]


def chunked_attention(
    queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, mask: tf.Tensor | None, chunk: int, training: bool | None
) -> tf.Tensor:
    """`softmax(Q K^T) V`, exact, for `chunk` queries at a time.

    Of the weights only those of one chunk are ever held, `[heads, batch, chunk, key]`; the backward pass computes them
    anew (Rabe and Staats, 2021). That costs one more product in four and saves memory that grows with the square of
    the length.

    Args:
        queries: `[heads, batch, query, dim]`, already scaled.
        keys: `[heads, batch, key, dim]`.
        values: `[heads, batch, key, dim]`.
        mask: None, or bool, broadcastable to `[batch, heads, query, key]`, True = may look.
        chunk: Queries at a time.
        training: Whether there will be a backward pass. Without one no gradient of our own goes into the graph, nor
            into an export.

    Returns:
        `[heads, batch, query, dim]`.

    Example:
        `chunked_attention(queries, keys, values, mask=None, chunk=256, training=True)`
    """

    def weights_of(start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        some = queries[:, :, start : start + chunk]
        logits = tf.matmul(some, keys, transpose_b=True)
        return some, masked_softmax(logits, _of_queries(mask, start, chunk), queries.dtype)

    def output_of(start: tf.Tensor) -> tuple[tf.Tensor]:
        return (tf.matmul(weights_of(start)[1], values),)

    def attend() -> tf.Tensor:
        return _in_chunks(output_of, queries, chunk)[0]

    if not training:
        return attend()

    @tf.custom_gradient
    def attend_again(queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            def gradients_of(start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
                some, weights = weights_of(start)
                above = upstream[:, :, start : start + chunk]
                of_weights = tf.matmul(above, values, transpose_b=True)
                # of a softmax: each weight pulls on the others of its query
                of_logits = weights * (of_weights - tf.reduce_sum(weights * of_weights, axis=-1, keepdims=True))
                return (
                    tf.matmul(of_logits, keys),
                    tf.matmul(of_logits, some, transpose_a=True),
                    tf.matmul(weights, above, transpose_a=True),
                )

            return _in_chunks(gradients_of, queries, chunk, keys, values)

        return attend(), gradient

    return attend_again(queries, keys, values)


def _in_chunks(part: Part, queries: tf.Tensor, chunk: int, *summed: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Puts the first result of each part one behind the other, and adds up the others, which are shaped as `summed`."""
    length = tf.shape(queries)[2]
    count = tf.maximum((length + chunk - 1) // chunk, 1)  # without queries one empty part, as nothing cannot be joined
    # Time comes first in the array, the axis along which it joins its elements, of which the last may be shorter.
    buffer = tf.TensorArray(queries.dtype, count, infer_shape=False)

    def advance(number: tf.Tensor, buffer: tf.TensorArray, *sums: tf.Tensor) -> tuple:
        rows, *others = part(number * chunk)
        buffer = buffer.write(number, tf.transpose(rows, [2, 0, 1, 3]))
        return number + 1, buffer, *(total + other for total, other in zip(sums, others, strict=True))

    zeros = [tf.zeros_like(tensor) for tensor in summed]
    _, buffer, *sums = tf.while_loop(
        lambda number, *_: number < count, advance, (0, buffer, *zeros), parallel_iterations=1
    )
    joined = tf.transpose(buffer.concat(), [1, 2, 0, 3])
    return tf.ensure_shape(joined, queries.shape), *sums


def _of_queries(mask: tf.Tensor | None, start: tf.Tensor, chunk: int) -> tf.Tensor | None:
    """What a mask says of some queries; one that says the same of all has a single place on that axis."""
    if mask is None or mask.shape[-2] == 1:
        return mask
    same = tf.equal(tf.shape(mask)[-2], 1)
    start = tf.where(same, 0, start)
    return mask[..., start : start + chunk, :]
