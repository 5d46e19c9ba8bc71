"""Recurrent encoder and decoder with attention over token ids."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import (
    LSTM,
    Dense,
    Dropout,
    LSTMStack,
    TokenEmbedding,
    add_coverage,
    attend,
    make_attention,
    masks,
    start_coverage,
)


@keras.saving.register_keras_serializable("tfmodels")
class LSTMSeq2Seq(keras.Model):
    """Sequence to sequence by LSTMs and attention (Bahdanau et al., 2015; the stacking is that of Chen et al., 2018).

    A residual stack of bidirectional LSTMs encodes the source. In the decoder the first LSTM asks, the attention
    answers with a mean of the encoder's states, and that context joins the inputs of the LSTMs above and of the output.
    What the attention is asked never depends on its answers, so training runs over the whole target at once. Each LSTM
    of the decoder starts in the last state of the encoder's at the same height.

    One table of token vectors serves the source, the target and the output projection.

    Args:
        vocabulary_size: Number of token ids.
        num_layers: LSTMs of the encoder (each in two directions), and of the decoder.
        d_model: Width of the states, an even number; half of it for each direction.
        attention: `"additive"`, `"dot"`, `"general"`, `"scaled"` or `"multi_head"`.
        num_heads: Heads of multi-head attention.
        dropout: Rate on token vectors and on what each layer adds.
        attention_dropout: Rate on the attention weights. An attention of one head loses with a weight the very word
            that it would translate.
        recurrent_dropout: See `LSTM`; so are the two below.
        weight_drop: Rate on the recurrent weights.
        layer_norm: Whether the LSTMs normalise inside the cell.

    Call arguments:
        inputs: dict of int32 `source` `[batch, source]` and `target` `[batch, target]`, the latter shifted right
            (it starts with `<s>`), both right-padded with 0.
        intermediates: Also return a dict of the attention map `"decoder/cross_attention"`,
            `[batch, heads, target, source]`.

    Returns:
        Logits, float32 `[batch, target, vocabulary_size]`.

    Example:
        >>> model = LSTMSeq2Seq(8000, num_layers=2, d_model=256, attention="additive")
        >>> logits = model({"source": source_ids, "target": target_ids})
        >>> translated = decoding.greedy(model, model.encode(source_ids), limits=tf.constant([20]))
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int = 2,
        d_model: int = 512,
        attention: str = "multi_head",
        num_heads: int = 8,
        dropout: float = 0.2,
        attention_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if d_model % 2:
            raise ValueError(f"Expected an even `d_model`, half for each direction. Received: d_model={d_model}")
        self._arguments = {
            "vocabulary_size": vocabulary_size,
            "num_layers": num_layers,
            "d_model": d_model,
            "attention": attention,
            "num_heads": num_heads,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        policy = self.dtype_policy
        regularisation = {"recurrent_dropout": recurrent_dropout, "weight_drop": weight_drop, "layer_norm": layer_norm}
        self.embedding = TokenEmbedding(vocabulary_size, d_model, dtype=policy, name="embedding")
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.encoder = LSTMStack(
            d_model // 2,
            num_layers,
            bidirectional=True,
            dropout=dropout,
            **regularisation,
            dtype=policy,
            name="encoder",
        )
        self.decoder_layers = [
            LSTM(d_model, **regularisation, dtype=policy, name=f"decoder_{i}") for i in range(num_layers)
        ]
        self.cross_attention = make_attention(attention, d_model, num_heads, attention_dropout, policy)
        self.combine = Dense(d_model, activation="tanh", dtype=policy, name="combine")

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        states, joined = (None, None, self.embedding.dim), (None, None, 2 * self.embedding.dim)
        self.embedding.build((None, None))
        self.encoder.build(states)
        for i, layer in enumerate(self.decoder_layers):
            layer.build(joined if i else states)
        self.cross_attention.build(states, states)
        self.combine.build(joined)

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        memory = self._encode(inputs["source"], training)
        logits, scores, _ = self._decode(
            inputs["target"], memory["states"], memory["mask"], _first_states(memory), training
        )
        return (logits, {"decoder/cross_attention": scores}) if intermediates else logits

    def encode(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Encodes source ids, int32 `[batch, source]`, to what the decoder starts from and looks at.

        Returns:
            `states` `[batch, source, d_model]`, their `mask` `[batch, source]`, and the layers' last states `h` and `c`
            `[batch, num_layers, d_model]`.
        """
        return self._encode(inputs, training=False)

    def start(
        self, memory: dict[str, tf.Tensor], max_length: int | tf.Tensor, coverage: bool = False
    ) -> dict[str, dict]:
        """Makes the cache for decoding.

        Args:
            memory: Of `encode`.
            max_length: Not used: a recurrent state does not grow.
            coverage: Also keep the sums of the cross-attention; see `StepModel`.

        Returns:
            `model`: the output kernel; `memory`: what the attention looks at, the same for all beams of a sentence;
            `state`: the state of each LSTM, with the rows on axis 1.
        """
        projected = self.cross_attention.project_memory(memory["states"])
        state = {str(i): (h[tf.newaxis], c[tf.newaxis]) for i, (h, c) in enumerate(_first_states(memory))}
        if coverage:
            state["coverage"] = start_coverage(memory["mask"])
        return {
            "model": {"output_kernel": self.embedding.output_kernel()},
            "memory": {"mask": memory["mask"][tf.newaxis], "projected": projected},
            "history": {},
            "state": state,
        }

    def step(self, ids: tf.Tensor, cache: dict, position: tf.Tensor) -> tuple[tf.Tensor, dict]:
        """Decodes the next tokens of each row.

        Args:
            ids: int32 `[rows, n]`: one token (decoding) or several (prefill). `rows` may be a multiple of
                the memory's batch; the rows of a sentence are neighbours.
            cache: Of `start` or of the last `step`.
            position: Not used: the state knows what came before.

        Returns:
            Logits, float32 `[rows, n, vocabulary_size]`, and the cache after these tokens.
        """
        model, memory = cache["model"], cache["memory"]
        states = [(h[0], c[0]) for h, c in (cache["state"][str(i)] for i in range(len(self.decoder_layers)))]
        logits, scores, states = self._decode(
            ids, memory["projected"], memory["mask"][0], states, training=False, output_kernel=model["output_kernel"]
        )
        state = {str(i): (h[tf.newaxis], c[tf.newaxis]) for i, (h, c) in enumerate(states)}
        if "coverage" in cache["state"]:
            state["coverage"] = add_coverage(cache["state"]["coverage"], scores)
        return logits, {**cache, "state": state}

    def _encode(self, ids: tf.Tensor, training: bool | None) -> dict[str, tf.Tensor]:
        mask = masks.padding_mask(ids)
        x = self.dropout(self.embedding(ids), training=training)
        states, last = self.encoder(x, sequence_mask=mask, return_state=True, training=training)
        h, c = (tf.stack(parts, axis=1) for parts in zip(*last, strict=True))
        return {"states": states, "mask": mask, "h": h, "c": c}

    def _decode(
        self,
        ids: tf.Tensor,
        memory: tf.Tensor | tuple[tf.Tensor, tf.Tensor],
        mask: tf.Tensor,
        states: list[tuple[tf.Tensor, tf.Tensor]],
        training: bool | None,
        output_kernel: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor, list[tuple[tf.Tensor, tf.Tensor]]]:
        """Logits, attention map and the LSTMs' states after `ids`."""
        first, *above = zip(self.decoder_layers, states, strict=True)
        x = self.dropout(self.embedding(ids), training=training)
        x, state = self._add(x, x, *first, training)
        context, scores = attend(self.cross_attention, x, memory, masks.key_mask(mask), training)
        context = self.dropout(context, training=training)
        last = [state]
        for layer, start in above:
            x, state = self._add(x, tf.concat([x, context], axis=-1), layer, start, training)
            last.append(state)
        combined = self.combine(tf.concat([x, context], axis=-1))
        combined = self.dropout(combined, training=training)
        return self.embedding(combined, reverse=True, output_kernel=output_kernel), scores, last

    def _add(
        self, x: tf.Tensor, inputs: tf.Tensor, layer: LSTM, start: tuple[tf.Tensor, tf.Tensor], training: bool | None
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        """Adds to `x` what a layer makes of `inputs`."""
        outputs, state = layer(inputs, initial_state=start, return_state=True, training=training)
        return x + self.dropout(outputs, training=training), state

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}


def _first_states(memory: dict[str, tf.Tensor]) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """The states that the decoder's layers start in, from the encoder's."""
    return list(zip(*(tf.unstack(memory[part], axis=1) for part in ("h", "c")), strict=True))
