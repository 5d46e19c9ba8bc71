"""Cross-attention of a chosen kind, and how the hypotheses of an input share its memory."""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfmodels.layers.attention.additive_attention import AdditiveAttention
from tfmodels.layers.attention.dot_product_attention import FORMS, DotProductAttention
from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention, head_dim
from tfmodels.layers.dense import leading_shape

KINDS = ("additive", *FORMS, "multi_head")


def make_attention(
    kind: str, dim: int, num_heads: int, dropout: float, dtype: keras.DTypePolicy, name: str = "cross_attention"
) -> keras.layers.Layer:
    """Makes an attention layer of a kind; all kinds are called alike.

    Args:
        kind: `"additive"` (Bahdanau), `"dot"`, `"general"`, `"scaled"` (Luong) or `"multi_head"` (Vaswani).
        dim: Width of queries and states.
        num_heads: Number of heads of `multi_head`; the other kinds have one.
        dropout: Dropout rate on the attention weights.
        dtype: Dtype policy of the layer.
        name: Name of the layer.

    Returns:
        The layer.

    Raises:
        ValueError: There is no such kind.

    Example:
        `make_attention("additive", 256, num_heads=4, dropout=0.1, dtype=self.dtype_policy)`
    """
    if kind not in KINDS:
        raise ValueError(f"Expected `attention` to be one of {KINDS}. Received: attention={kind!r}")
    if kind == "additive":
        return AdditiveAttention(dim, dropout, name=name, dtype=dtype)
    if kind == "multi_head":
        return MultiHeadAttention(num_heads, head_dim(dim, num_heads), dropout=dropout, name=name, dtype=dtype)
    return DotProductAttention(kind, dropout, name=name, dtype=dtype)


def attend(
    attention: Callable,
    queries: tf.Tensor,
    memory: tf.Tensor | tuple[tf.Tensor, tf.Tensor],
    mask: tf.Tensor | None,
    training: bool | None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-attention that never repeats a memory: rows that share one become queries of a single row.

    Args:
        attention: A layer of `make_attention`.
        queries: `[rows, query, dim]`, `rows` a multiple `k` of the memory's batch: rows `k i` to `k i + k - 1` attend
            to memory `i`.
        memory: `[batch, key, memory_dim]`, or what `attention.project_memory` returned.
        mask: bool, broadcastable to `[batch, heads, 1, key]`, True = attend.
        training: Whether dropout is active.

    Returns:
        `[rows, query, ...]`, and the attention weights `[batch, heads, k * query, key]`.

    Example:
        `context, scores = attend(attention, queries, attention.project_memory(memory), mask, training=False)`
    """
    batch = tf.shape(memory[0])[1] if isinstance(memory, tuple) else tf.shape(memory)[0]
    rows, steps = tf.unstack(tf.shape(queries)[:2])
    per_memory = rows * steps // tf.maximum(batch, 1)
    grouped = tf.reshape(queries, [batch, per_memory, queries.shape[-1]])
    attended, scores = attention(grouped, memory=memory, attention_mask=mask, return_scores=True, training=training)
    return tf.reshape(attended, [*leading_shape(queries), attended.shape[-1]]), scores
