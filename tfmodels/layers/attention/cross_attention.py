"""Which attention looks from one sequence at another, and how rows share what they look at."""

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
    """Makes the attention that an option names; all kinds have the same call.

    Args:
        kind: `"additive"` (Bahdanau), `"dot"`, `"general"`, `"scaled"` (Luong) or `"multi_head"` (Vaswani).
        dim: Width of queries and states.
        num_heads: Of the last kind.
        dropout: Rate on the attention weights.
        dtype: Policy of the layer.
        name: Of the layer.

    Returns:
        The layer.

    Raises:
        ValueError: If there is no such kind.

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
    """Cross-attention; rows that share a memory become queries of one row, so no memory is ever repeated.

    Args:
        attention: Of the call that `make_attention`'s layers have.
        queries: `[rows, query, dim]`, `rows` a multiple `k` of the memory's batch: rows `k i` to `k i + k - 1` look at
            memory `i`.
        memory: `[batch, key, memory_dim]`, or what `attention.project_memory` returned.
        mask: bool, broadcastable to `[batch, heads, 1, key]`, True = may look.
        training: Whether dropout is on.

    Returns:
        `[rows, query, ...]`, and the attention weights `[batch, heads, k * query, key]`.
    """
    batch = tf.shape(memory[0])[1] if isinstance(memory, tuple) else tf.shape(memory)[0]
    rows, steps = tf.unstack(tf.shape(queries)[:2])
    per_memory = rows * steps // tf.maximum(batch, 1)
    grouped = tf.reshape(queries, [batch, per_memory, queries.shape[-1]])
    attended, scores = attention(grouped, memory=memory, attention_mask=mask, return_scores=True, training=training)
    return tf.reshape(attended, [*leading_shape(queries), attended.shape[-1]]), scores
