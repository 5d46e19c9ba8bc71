"""Attention whose memory grows linearly with the number of queries."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels.layers.attention.masked_softmax import masked_softmax

Part = Callable[[tf.Tensor], tuple[tf.Tensor, ...]]


def chunked_attention(
    queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, mask: tf.Tensor | None, chunk: int, training: bool | None
) -> tf.Tensor:
    """Computes exactly `softmax(Q K^T) V`, for `chunk` queries at a time (Rabe and Staats, 2021).

    Only the attention weights of one chunk are in memory at a time, `[heads, batch, chunk, key]`; the backward pass
    computes them again. This costs a quarter more matrix products and avoids memory quadratic in the length.

    Args:
        queries: `[heads, batch, query, dim]`, already scaled.
        keys: `[heads, batch, key, dim]`.
        values: `[heads, batch, key, dim]`.
        mask: None, or bool, broadcastable to `[batch, heads, query, key]`, True = attend.
        chunk: Number of queries processed at a time.
        training: Whether there will be a backward pass. Without one, no custom gradient enters the graph or an export.

    Returns:
        `[heads, batch, query, dim]`.

    Example:
        `chunked_attention(queries, keys, values, mask=None, chunk=256, training=True)`
    """

    def weights_of(start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        part = queries[:, :, start : start + chunk]
        logits = tf.matmul(part, keys, transpose_b=True)
        return part, masked_softmax(logits, _rows_of(mask, start, chunk), queries.dtype)

    def output_of(start: tf.Tensor) -> tuple[tf.Tensor]:
        return (tf.matmul(weights_of(start)[1], values),)

    def attend() -> tf.Tensor:
        return _in_chunks(output_of, queries, chunk)[0]

    if not training:
        return attend()

    @tf.custom_gradient
    def attend_with_gradient(queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            def gradients_of(start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
                part, weights = weights_of(start)
                upstream_part = upstream[:, :, start : start + chunk]
                of_weights = tf.matmul(upstream_part, values, transpose_b=True)
                # the derivative of a softmax
                of_logits = weights * (of_weights - tf.reduce_sum(weights * of_weights, axis=-1, keepdims=True))
                return (
                    tf.matmul(of_logits, keys),
                    tf.matmul(of_logits, part, transpose_a=True),
                    tf.matmul(weights, upstream_part, transpose_a=True),
                )

            of_queries, of_keys, of_values = _in_chunks(gradients_of, queries, chunk, keys, values)
            return of_queries, of_keys, of_values

        return attend(), gradient

    return attend_with_gradient(queries, keys, values)


def _in_chunks(part: Part, queries: tf.Tensor, chunk: int, *summed: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Concatenates the first results of all parts and adds up the others, which have the shapes of `summed`."""
    length = tf.shape(queries)[2]
    count = tf.maximum((length + chunk - 1) // chunk, 1)  # at least one, as an empty array cannot be concatenated
    # An array concatenates its elements, of which the last may be shorter, along their first axis: time comes first.
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


def _rows_of(mask: tf.Tensor | None, start: tf.Tensor, chunk: int) -> tf.Tensor | None:
    """The rows of a mask for a chunk of queries; a mask that is the same for all queries has a single row."""
    if mask is None or mask.shape[-2] == 1:
        return mask
    same = tf.equal(tf.shape(mask)[-2], 1)
    start = tf.where(same, 0, start)
    return mask[..., start : start + chunk, :]
