"""Multi-head attention with a cache of fixed size."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.attention import decoding_step
from tfmodels.layers.attention.attention_cache import write_cache
from tfmodels.layers.attention.chunked_attention import chunked_attention
from tfmodels.layers.attention.masked_softmax import masked_softmax, visible_softmax
from tfmodels.layers.dense import leading_shape
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.positions.rotary_positions import RotaryPositions
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class MultiHeadAttention(keras.layers.Layer):
    """`softmax(Q K^T / sqrt(key_dim)) V` in several heads (Vaswani et al., 2017, section 3.2).

    Self-attention when called with `query` alone, cross-attention when called with `memory`: the states to attend to or
    their `project_memory`, which decoding computes once. Internally the heads are the first axis
    (`[heads, batch, time, dim]`): this takes one transposition per call, and the products of short sequences become one
    long batch.

    Args:
        num_heads: Number of query heads.
        key_dim: Width of a head.
        num_kv_heads: Number of key and value heads, a divisor of `num_heads`; consecutive query heads share one
            (grouped-query attention, Ainslie et al., 2023). Default: `num_heads`.
        dropout: Dropout rate on the attention weights.
        use_bias: Whether the four projections have a bias.
        rotary: Rotary positions of queries and keys, in self-attention only; see `RotaryPositions`.
        query_chunk: Number of queries processed at a time, which makes memory linear in the number of queries without
            changing the result (see `chunked_attention`); 0 = all. Requires a `dropout` of 0.

    Call arguments:
        query: `[batch, query, dim]`.
        memory: None, `[batch, key, memory_dim]`, or what `project_memory` returned.
        attention_mask: bool `[query, key]`, `[batch, query, key]` or broadcastable to `[batch, heads, query, key]`;
            True = attend. With `cache`, None is the causal mask; where `k` neighbouring rows attend to each other's
            caches, it is `[rows / k, k, query, k * max_length]` (see `beam_mask`).
        cache: None, or the buffer `[2 * kv_heads, rows, max_length, key_dim]` from `start_cache`.
        position: int32, with `cache`: the position of the first query, the same in all rows.
        projection: What `join_projections` returned, so that decoding computes it once; None computes it again.
        return_scores: Also return the attention weights before dropout, `[batch, heads, query, key]`; turns off
            `query_chunk`.
        mask, memory_mask: bool `[batch, time]`, False at padding of `query` and of `memory`, as Keras passes them.
            Without `attention_mask` and `cache` they hide padding from the queries.

    Returns:
        `[batch, query, dim]`; with `return_scores` a tuple with the attention weights; with `cache` a tuple with the
        cache.

    Weights (matrices are multiplied from the right; heads are consecutive columns):
        query_kernel `[dim, heads * key_dim]`, key_kernel and value_kernel `[memory_dim, kv_heads * key_dim]`,
        output_kernel `[heads * key_dim, dim]` and a bias for each. `keras.layers.MultiHeadAttention` holds the same
        numbers with heads and key_dim as two axes; PyTorch's `in_proj_weight` is `concat([query_kernel,
        key_kernel, value_kernel], 1)` transposed, its `out_proj.weight` is output_kernel transposed.

    Example:
        >>> attention = MultiHeadAttention(num_heads=8, key_dim=64)
        >>> x = tf.random.normal([2, 10, 512])
        >>> y, scores = attention(x, attention_mask=tf.ones([2, 1, 1, 10], tf.bool), return_scores=True)
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        num_kv_heads: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        rotary: bool = False,
        query_chunk: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.input_spec = keras.InputSpec(ndim=3)
        check_positive(num_heads=num_heads, key_dim=key_dim)
        self.num_heads = num_heads
        self.key_dim = key_dim
        self.num_kv_heads = num_kv_heads or num_heads
        check_positive(num_kv_heads=self.num_kv_heads)
        self.dropout_rate = dropout
        self.use_bias = use_bias
        self.query_chunk = query_chunk
        self.supports_jit = not query_chunk  # the last chunk may be shorter, and XLA has fixed sizes
        if num_heads % self.num_kv_heads:
            raise ValueError(
                "Expected `num_kv_heads` to divide `num_heads`. "
                f"Received: num_heads={num_heads}, num_kv_heads={num_kv_heads}"
            )
        if rotary and key_dim % 2:
            raise ValueError(f"Expected an even `key_dim` with rotary positions. Received: key_dim={key_dim}")
        if query_chunk < 0 or (query_chunk and dropout):
            raise ValueError(
                "Expected `query_chunk` to be 0, or to be positive without `dropout`. "
                f"Received: query_chunk={query_chunk}, dropout={dropout}"
            )
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")
        self.rotary = RotaryPositions(dtype=self.dtype_policy, name="rotary") if rotary else None

    def build(self, query_shape: tuple, memory_shape: tuple | None = None) -> None:  # noqa: D102
        dim, memory_dim = query_shape[-1], (memory_shape or query_shape)[-1]
        inner, kv_inner = self.num_heads * self.key_dim, self.num_kv_heads * self.key_dim
        self.query_kernel, self.query_bias = self._affine("query", dim, inner)
        self.key_kernel, self.key_bias = self._affine("key", memory_dim, kv_inner)
        self.value_kernel, self.value_bias = self._affine("value", memory_dim, kv_inner)
        self.output_kernel, self.output_bias = self._affine("output", inner, dim)

    def _affine(self, name: str, inputs: int, outputs: int) -> tuple[keras.Variable, keras.Variable]:
        kernel = self.add_weight(name=f"{name}_kernel", shape=[inputs, outputs], initializer="glorot_uniform")
        bias = self.add_weight(name=f"{name}_bias", shape=[outputs], initializer="zeros") if self.use_bias else None
        return kernel, bias

    def call(  # noqa: D102
        self,
        query: tf.Tensor,
        memory: tf.Tensor | tuple[tf.Tensor, tf.Tensor] | None = None,
        attention_mask: tf.Tensor | None = None,
        cache: tf.Tensor | None = None,
        position: tf.Tensor | None = None,
        projection: tuple[tf.Tensor, tf.Tensor | None] | None = None,
        return_scores: bool = False,
        training: bool | None = None,
        mask: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, Any]:
        decoding = cache is not None or isinstance(memory, tuple)
        padding = mask if memory is None else memory_mask
        attention_mask = masks.given_or_padding(attention_mask, None if decoding else padding)
        if memory is None:
            queries, keys, values = self._project_self(query, projection or self.join_projections(), position, decoding)
        else:
            queries = self._heads(query, *self._join("query"), decoding)
            keys, values = memory if isinstance(memory, tuple) else self.project_memory(memory)
        if cache is not None:
            if position is None:
                raise ValueError("Expected `position` together with `cache`. Received: position=None")
            cache = write_cache(cache, tf.concat([keys, values], axis=0), position)
            return self._merge(self._attend_cache(queries, cache, attention_mask, position), query, decoding), cache
        if self.query_chunk and not return_scores:
            queries, keys, values = self._repeat_kv_heads(queries, keys, values)
            output = chunked_attention(queries, keys, values, attention_mask, self.query_chunk, training)
            return self._merge(output, query, decoding)
        output, scores = self._attend(queries, keys, values, attention_mask, decoding, training)
        output = self._merge(output, query, decoding)
        return (output, tf.transpose(scores, [1, 0, 2, 3])) if return_scores else output

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, query_shape: tuple, memory_shape: tuple | None = None) -> tuple:  # noqa: D102
        return tuple(query_shape)

    def project_memory(self, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The keys and values of a memory, to be computed once for many decoding steps.

        Args:
            memory: `[batch, key, memory_dim]`.

        Returns:
            Keys and values, each `[kv_heads, batch, key, key_dim]`.
        """
        keys, values = tf.split(self._heads(memory, *self._join("key", "value")), 2, axis=0)
        return keys, values

    def join_projections(self) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The concatenated kernels of queries, keys and values, and their biases: one product instead of three."""
        return self._join("query", "key", "value")

    def start_cache(self, rows: int | tf.Tensor, max_length: int | tf.Tensor) -> tf.Tensor:
        """An empty buffer for the keys, then the values: `[2 * kv_heads, rows, max_length, key_dim]`."""
        return tf.zeros([2 * self.num_kv_heads, rows, max_length, self.key_dim], self.compute_dtype)

    def _project_self(
        self, x: tf.Tensor, projection: tuple[tf.Tensor, tf.Tensor | None], position: tf.Tensor | None, decoding: bool
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        heads = self._heads(x, *projection, decoding)
        queries, keys, values = tf.split(heads, [self.num_heads, self.num_kv_heads, self.num_kv_heads], axis=0)
        if self.rotary is not None:
            positions = (0 if position is None else position) + tf.range(tf.shape(x)[1])[tf.newaxis]
            queries, keys = self.rotary(queries, positions), self.rotary(keys, positions)
        return queries, keys, values

    def _join(self, *names: str) -> tuple[tf.Tensor, tf.Tensor | None]:
        kernels, biases = ([getattr(self, f"{name}_{part}") for name in names] for part in ("kernel", "bias"))
        kernel = tf.concat([tf.convert_to_tensor(kernel) for kernel in kernels], axis=1)
        bias = tf.concat([tf.convert_to_tensor(bias) for bias in biases], axis=0) if self.use_bias else None
        return tf.cast(kernel, self.compute_dtype), bias

    def _heads(self, x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None, decoding: bool = False) -> tf.Tensor:
        """Projects `[batch, time, dim]` to `[heads, batch, time, key_dim]`, with all heads that the kernel has."""
        flat = tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), tf.cast(kernel, x.dtype))
        if bias is not None:
            flat = tf.nn.bias_add(flat, tf.cast(bias, x.dtype))
        count = flat.shape[-1] // self.key_dim
        if decoding:
            heads = decoding_step.split_heads(flat, count)
        else:
            heads = tf.transpose(tf.reshape(flat, [-1, count, self.key_dim]), [1, 0, 2])
        return tf.reshape(heads, [count, *leading_shape(x), self.key_dim])

    def _merge(self, heads: tf.Tensor, query: tf.Tensor, decoding: bool) -> tf.Tensor:
        """Projects `[heads, batch, time, key_dim]`, heads and batch on one or more axes, to `[batch, time, dim]`."""
        inner = self.num_heads * self.key_dim
        flat = tf.reshape(heads, [self.num_heads, -1, self.key_dim])
        flat = decoding_step.join_heads(flat) if decoding else tf.reshape(tf.transpose(flat, [1, 0, 2]), [-1, inner])
        output = tf.matmul(flat, tf.cast(tf.convert_to_tensor(self.output_kernel), flat.dtype))
        if self.use_bias:
            output = tf.nn.bias_add(output, tf.cast(tf.convert_to_tensor(self.output_bias), flat.dtype))
        return tf.reshape(output, [*leading_shape(query), output.shape[-1]])

    def _attend(
        self,
        queries: tf.Tensor,
        keys: tf.Tensor,
        values: tf.Tensor,
        mask: tf.Tensor | None,
        decoding: bool,
        training: bool | None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The heads' outputs `[heads, batch, query, key_dim]` and attention weights `[heads, batch, query, key]`."""
        product = decoding_step.batched_product if decoding else tf.matmul
        queries *= tf.cast(self.key_dim**-0.5, queries.dtype)
        groups = self.num_heads // self.num_kv_heads
        if groups > 1:  # [kv_heads, group, batch, query, key_dim] against [kv_heads, 1, batch, key, key_dim]
            queries = tf.reshape(queries, tf.concat([[self.num_kv_heads, groups], tf.shape(queries)[1:]], axis=0))
            keys, values = keys[:, tf.newaxis], values[:, tf.newaxis]
        logits = product(queries, keys, transpose_b=True)
        if groups > 1:
            logits = tf.reshape(logits, tf.concat([[self.num_heads], tf.shape(logits)[2:]], axis=0))
        scores = masked_softmax(logits, mask, self.compute_dtype, decoding)
        weights = self.dropout(scores, training=training)
        if groups > 1:
            weights = tf.reshape(weights, tf.concat([[self.num_kv_heads, groups], tf.shape(weights)[1:]], axis=0))
        return product(weights, values), scores

    def _attend_cache(
        self, queries: tf.Tensor, cache: tf.Tensor, mask: tf.Tensor | None, position: tf.Tensor
    ) -> tf.Tensor:
        """The outputs of the heads, `[*heads, batch, neighbours, query, key_dim]`.

        Neighbours share keys by broadcasting, with one product for each row. Multiplying all queries of an input by its
        keys at once takes four times as long on a CPU.
        """
        if mask is None:
            rows, steps = tf.unstack(tf.shape(queries)[1:3])
            causal = masks.causal_mask(position + tf.range(steps)[tf.newaxis], tf.shape(cache)[2])
            mask = tf.broadcast_to(causal, [rows, 1, steps, tf.shape(cache)[2]])
        batch, neighbours, steps, keys_of_row = tf.unstack(tf.shape(mask))
        groups = self.num_heads // self.num_kv_heads
        heads = [self.num_kv_heads] if groups == 1 else [self.num_kv_heads, groups]
        group_axis = [1] * (len(heads) - 1)
        queries = queries * tf.cast(self.key_dim**-0.5, queries.dtype)
        queries = tf.reshape(queries, [*heads, batch, neighbours, steps, self.key_dim])
        both = tf.reshape(cache, [2, self.num_kv_heads, *group_axis, batch, 1, keys_of_row, self.key_dim])
        keys, values = tf.unstack(both)
        logits = decoding_step.batched_product(queries, keys, transpose_b=True)
        scores = visible_softmax(logits, mask, self.compute_dtype, decoding=True)
        return decoding_step.batched_product(scores, values)

    def _repeat_kv_heads(
        self, queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Scaled queries, and keys and values repeated to the number of query heads."""
        groups = self.num_heads // self.num_kv_heads
        if groups > 1:
            keys, values = tf.repeat(keys, groups, axis=0), tf.repeat(values, groups, axis=0)
        return queries * tf.cast(self.key_dim**-0.5, queries.dtype), keys, values

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "num_kv_heads": self.num_kv_heads,
            "dropout": self.dropout_rate,
            "use_bias": self.use_bias,
            "rotary": self.rotary is not None,
            "query_chunk": self.query_chunk,
        }


def head_dim(d_model: int, num_heads: int) -> int:
    """The width of each of `num_heads` heads of a model of width `d_model`."""
    check_positive(d_model=d_model, num_heads=num_heads)
    if d_model % num_heads:
        raise ValueError(
            f"Expected `num_heads` to divide `d_model`. Received: d_model={d_model}, num_heads={num_heads}"
        )
    return d_model // num_heads
