"""The Transformer as an encoder-decoder over token ids."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import (
    Dropout,
    LayerNormalization,
    TokenEmbedding,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    add_coverage,
    beam_mask,
    masks,
    start_beam_indices,
    start_coverage,
    update_beam_indices,
)
from tfmodels.models.token_positions import position_layer


@keras.saving.register_keras_serializable("tfmodels")
class TransformerSeq2Seq(keras.Model):
    """Sequence to sequence by attention alone (Vaswani et al., 2017).

    One table of token vectors serves the source, the target and the output projection: both sides share a vocabulary.

    Args:
        vocabulary_size: Number of token ids.
        num_layers: Layers of the encoder, and of the decoder.
        d_model: Width of the states.
        num_heads: Attention heads.
        feed_forward_dim: Inner width of the position-wise networks.
        dropout: Rate, everywhere.
        activation: `"relu"`, `"gelu"` or `"swiglu"`.
        norm_first: Pre-norm, with a final norm after each stack.
        positions: `"sinusoidal"`, `"learned"` (with `max_length` vectors) or `"rotary"`.
        num_kv_heads: Fewer key and value heads than `num_heads`; default as many.
        max_length: Number of learned positions.

    Call arguments:
        inputs: dict of int32 `source` `[batch, source]` and `target` `[batch, target]`, the latter shifted right
            (it starts with `<s>`), both right-padded with 0.
        intermediates: Also return a dict of the attention maps, `[batch, heads, query, key]` each:
            `"encoder/<i>/attention"`, `"decoder/<i>/self_attention"`, `"decoder/<i>/cross_attention"`.

    Returns:
        Logits, float32 `[batch, target, vocabulary_size]`.

    Example:
        >>> model = TransformerSeq2Seq(8000, num_layers=3, d_model=256, num_heads=4, feed_forward_dim=1024)
        >>> logits = model({"source": source_ids, "target": target_ids})
        >>> translated = decoding.greedy(model, model.encode(source_ids), limits=tf.constant([20]))
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int = 6,
        d_model: int = 512,
        num_heads: int = 8,
        feed_forward_dim: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        norm_first: bool = False,
        positions: str = "sinusoidal",
        num_kv_heads: int | None = None,
        max_length: int = 256,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        layer_arguments = {
            "d_model": d_model,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim,
            "dropout": dropout,
            "activation": activation,
            "norm_first": norm_first,
            "num_kv_heads": num_kv_heads,
            "rotary": positions == "rotary",
            "dtype": self.dtype_policy,
        }
        self._arguments = {
            "vocabulary_size": vocabulary_size,
            "num_layers": num_layers,
            "d_model": d_model,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim,
            "dropout": dropout,
            "activation": activation,
            "norm_first": norm_first,
            "positions": positions,
            "num_kv_heads": num_kv_heads,
            "max_length": max_length,
        }
        policy = self.dtype_policy
        self.embedding = TokenEmbedding(vocabulary_size, d_model, dtype=policy, name="embedding")
        self.source_positions = position_layer(positions, max_length, "source_positions", policy)
        self.target_positions = position_layer(positions, max_length, "target_positions", policy)
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.encoder_layers = [
            TransformerEncoderLayer(**layer_arguments, name=f"encoder_{i}") for i in range(num_layers)
        ]
        self.decoder_layers = [
            TransformerDecoderLayer(**layer_arguments, name=f"decoder_{i}") for i in range(num_layers)
        ]
        self.encoder_norm = LayerNormalization(name="encoder_norm", dtype=policy) if norm_first else None
        self.decoder_norm = LayerNormalization(name="decoder_norm", dtype=policy) if norm_first else None

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        states = (None, None, self.embedding.dim)
        self.embedding.build((None, None))
        for positions in filter(None, (self.source_positions, self.target_positions)):
            positions.build(states)
        for layer in self.encoder_layers:
            layer.build(states)
        for layer in self.decoder_layers:
            layer.build(states, states)
        for norm in filter(None, (self.encoder_norm, self.decoder_norm)):
            norm.build(states)

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        maps: dict[str, tf.Tensor] = {}
        memory = self._encode(inputs["source"], maps, training)
        logits = self._decode(inputs["target"], memory, maps, training)
        return (logits, maps) if intermediates else logits

    def encode(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Encodes source ids, int32 `[batch, source]`, to what the decoder looks at: `states` and their `mask`."""
        return self._encode(inputs, {}, training=False)

    def start(
        self, memory: dict[str, tf.Tensor], max_length: int | tf.Tensor, coverage: bool = False
    ) -> dict[str, dict]:
        """Makes the cache for decoding up to `max_length` positions.

        Args:
            memory: Of `encode`.
            max_length: Length of the buffers.
            coverage: Also keep the sums of the last layer's cross-attention; see `StepModel`.

        Returns:
            `model`: joined weights; `memory`: keys and values of the source, the same for all beams of a sentence;
            `history`: the buffers that `step` writes; `state`: which text has written what there.
        """
        rows = tf.shape(memory["mask"])[0]
        layers = {str(i): layer for i, layer in enumerate(self.decoder_layers)}
        projections = {i: layer.self_attention.join_projections() for i, layer in layers.items()}
        sources = {i: layer.cross_attention.project_memory(memory["states"]) for i, layer in layers.items()}
        buffers = {i: layer.self_attention.start_cache(rows, max_length) for i, layer in layers.items()}
        state = {"beam_indices": start_beam_indices(rows, max_length)}
        if coverage:
            state["coverage"] = start_coverage(memory["mask"])
        return {
            "model": {"projections": projections, "output_kernel": self.embedding.output_kernel()},
            "memory": {"mask": memory["mask"][tf.newaxis], "sources": sources},
            "history": buffers,
            "state": state,
        }

    def step(self, ids: tf.Tensor, cache: dict, position: tf.Tensor) -> tuple[tf.Tensor, dict]:
        """Decodes the next tokens of each row.

        Args:
            ids: int32 `[rows, n]`: one token (decoding) or several (prefill). `rows` may be a multiple of
                the memory's batch; the rows of a sentence are neighbours.
            cache: Of `start` or of the last `step`.
            position: int32, where the first of `ids` stands.

        Returns:
            Logits, float32 `[rows, n, vocabulary_size]`, and the cache with these tokens written.
        """
        model, memory = cache["model"], cache["memory"]
        source_mask = memory["mask"][0]
        memory_mask = masks.key_mask(source_mask)
        batch, steps = tf.shape(source_mask)[0], ids.shape[1] or tf.shape(ids)[1]
        state, history = {"beam_indices": update_beam_indices(cache["state"]["beam_indices"], position, batch)}, {}
        mask = beam_mask(state["beam_indices"], position, steps, batch)
        x = self._embed(ids, position + tf.range(steps)[tf.newaxis], self.target_positions, training=False)
        for i, layer in enumerate(self.decoder_layers):
            x, history[str(i)], scores = layer(
                x,
                {"memory": memory["sources"][str(i)], "projection": model["projections"][str(i)]},
                self_attention_mask=mask,
                cross_attention_mask=memory_mask,
                cache=cache["history"][str(i)],
                position=position,
                return_scores=True,
                training=False,
            )
        if "coverage" in cache["state"]:
            state["coverage"] = add_coverage(cache["state"]["coverage"], scores["cross_attention"])
        return self._logits(x, model["output_kernel"]), {**cache, "history": history, "state": state}

    def _encode(self, ids: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None) -> dict[str, tf.Tensor]:
        mask = masks.padding_mask(ids)
        x = self._embed(ids, tf.range(tf.shape(ids)[1])[tf.newaxis], self.source_positions, training)
        for i, layer in enumerate(self.encoder_layers):
            x, maps[f"encoder/{i}/attention"] = layer(
                x, attention_mask=masks.key_mask(mask), return_scores=True, training=training
            )
        return {"states": x if self.encoder_norm is None else self.encoder_norm(x), "mask": mask}

    def _decode(
        self, ids: tf.Tensor, memory: dict[str, tf.Tensor], maps: dict[str, tf.Tensor], training: bool | None
    ) -> tf.Tensor:
        positions = tf.range(tf.shape(ids)[1])[tf.newaxis]
        causal = masks.causal_mask(positions, tf.shape(ids)[1])
        memory_mask = masks.key_mask(memory["mask"])
        x = self._embed(ids, positions, self.target_positions, training)
        for i, layer in enumerate(self.decoder_layers):
            x, scores = layer(
                x,
                memory["states"],
                self_attention_mask=causal,
                cross_attention_mask=memory_mask,
                return_scores=True,
                training=training,
            )
            maps |= {f"decoder/{i}/{name}": score for name, score in scores.items()}
        return self._logits(x)

    def _embed(
        self, ids: tf.Tensor, positions: tf.Tensor, layer: keras.layers.Layer | None, training: bool | None
    ) -> tf.Tensor:
        x = self.embedding(ids)
        if layer is not None:
            x = layer(x, positions)
        return self.dropout(x, training=training)

    def _logits(self, x: tf.Tensor, output_kernel: tf.Tensor | None = None) -> tf.Tensor:
        x = x if self.decoder_norm is None else self.decoder_norm(x)
        return self.embedding(x, reverse=True, output_kernel=output_kernel)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
