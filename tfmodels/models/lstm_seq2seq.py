"""Recurrent encoder and decoder with attention over token ids."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import keras
import tensorflow as tf

from tfmodels.layers import (
    LSTM,
    Dense,
    Dropout,
    EmbeddingDropout,
    LSTMStack,
    TokenEmbedding,
    WordDropout,
    add_coverage,
    attend,
    copying,
    make_attention,
    masks,
    start_coverage,
)
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.compiled_again import compile_again
from tfmodels.models.keras_losses import refuse_copying
from tfmodels.models.lstm_options import LSTMOptions
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape
from tfmodels.models.serving_signature import ids_signature


@keras.saving.register_keras_serializable("tfmodels")
class LSTMSeq2Seq(keras.Model):
    """Sequence to sequence by LSTMs and attention (Bahdanau et al., 2015; the stacking is that of Chen et al., 2018).

    A residual stack of bidirectional LSTMs encodes the source. The states of the decoder's first LSTM are the queries
    of the attention, whose context is concatenated to the inputs of the LSTMs above it and of the output layer.
    Queries never depend on contexts, so training runs over the whole target at once. Each LSTM of the decoder starts in
    the last state of the encoder's LSTM at the same height.

    One table of token vectors serves the source, the target and the output projection.

    Args:
        vocabulary_size: Number of token ids.
        options: Sizes and the like; `LSTMOptions()` if left out.
        word_dropout: Rate of tokens of source and target that training replaces by `<unk>`, see `WordDropout`.
        embedding_dropout: Rate of distinct tokens that it replaces everywhere in a text, see `EmbeddingDropout`.
        copy: Also copy tokens of the source by the attention, see `layers.copying`.
        **kwargs: Of `keras.Model`, such as `dtype`.

    Call arguments:
        inputs: dict of int32 `source` `[batch, source]` and `target` `[batch, target]`, the latter shifted right
            (it starts with `<s>`), both right-padded with 0.
        intermediates: Also return a dict of the attention map `"decoder/cross_attention"`,
            `[batch, heads, target, source]`; with `copy` also `"decoder/copy"`, see `copying.copy_map`.

    Returns:
        Logits, float32 `[batch, target, vocabulary_size]`. With `copy` log-probabilities, in training a `CopyLogits`.

    Example:
        >>> model = LSTMSeq2Seq(8000, LSTMOptions(d_model=256, attention="multi_head"))
        >>> logits = model({"source": source_ids, "target": target_ids})
        >>> translated = decoding.greedy(model, model.encode(source_ids), limits=tf.constant([20]))
    """

    def __init__(
        self,
        vocabulary_size: int,
        options: LSTMOptions | None = None,
        *,
        word_dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        copy: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options = options = options or LSTMOptions()
        self._arguments = {
            "vocabulary_size": vocabulary_size,
            "word_dropout": word_dropout,
            "embedding_dropout": embedding_dropout,
            "copy": copy,
        }
        policy, width = self.dtype_policy, options.d_model
        recurrence = {
            "recurrent_dropout": options.recurrent_dropout,
            "weight_drop": options.weight_drop,
            "layer_norm": options.layer_norm,
            "return_sequences": True,
            "return_state": True,
            "dtype": policy,
        }
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding_dropout = EmbeddingDropout(embedding_dropout, dtype=policy, name="embedding_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, width, dtype=policy, name="embedding")
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.encoder = LSTMStack(
            width // 2, options.num_layers, bidirectional=True, dropout=options.dropout, **recurrence, name="encoder"
        )
        self.decoder_layers = [LSTM(width, **recurrence, name=f"decoder_{i}") for i in range(options.num_layers)]
        self.cross_attention = make_attention(
            options.attention, width, options.num_heads, options.attention_dropout, policy
        )
        self.combine = Dense(width, activation="tanh", dtype=policy, name="combine")
        self.copy_gate = Dense(1, dtype=policy, name="copy_gate") if copy else None

    @property
    def input_dtype(self) -> str:
        """What Keras converts floats to before `call`: ids, as its `Embedding` does."""
        return "int32"

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As in Keras."""
        refuse_copying(self.copy_gate is not None)
        super().compile(*args, **kwargs)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """As in Keras."""
        compile_again(self, config)

    def export(self, filepath: str | Path, *args: Any, input_signature: list | None = None, **kwargs: Any) -> None:
        """As in Keras; by default the SavedModel takes int32 `source` and `target` of any length."""
        signature = input_signature or ids_signature("source", "target")
        super().export(filepath, *args, input_signature=signature, **kwargs)

    def compute_output_shape(self, inputs_shape: dict[str, tuple]) -> Any:  # noqa: D102
        return output_shape(self, inputs_shape, "int32")

    compute_output_spec = traced_output_spec

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        states, joined = (None, None, self.embedding.dim), (None, None, 2 * self.embedding.dim)
        for dropout in (self.word_dropout, self.embedding_dropout):
            dropout.build((None, None))
        self.embedding.build((None, None))
        self.dropout.build(states)
        self.encoder.build(states)
        for i, layer in enumerate(self.decoder_layers):
            layer.build(joined if i else states)
        self.cross_attention.build(states, states)
        self.combine.build(joined)
        if self.copy_gate:
            self.copy_gate.build(states)

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> Any:
        check_names(inputs, ["source", "target"])
        memory = self._encode(inputs["source"], training)
        outputs, scores, _ = self._decode(inputs["target"], memory["states"], memory, _first_states(memory), training)
        maps = {"decoder/cross_attention": scores}
        if self.copy_gate and intermediates:
            maps["decoder/copy"] = copying.copy_map(outputs)
        if self.copy_gate and not training:
            outputs = copying.log_probabilities_of_rows(outputs, inputs["target"])
        return (outputs, maps) if intermediates else outputs

    def encode(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Encodes source ids, int32 `[batch, source]`, to what the decoder starts from and attends to.

        Returns:
            `states` `[batch, source, d_model]`, their `mask` `[batch, source]`, and the layers' last states `h` and `c`
            `[batch, num_layers, d_model]`. With `copy` also `source`, the ids themselves.
        """
        return self._encode(inputs, training=False)

    def start(
        self, memory: dict[str, tf.Tensor], max_length: int | tf.Tensor, coverage: bool = False
    ) -> dict[str, dict]:
        """See `decoding.StepModel`. `max_length` is not used: a recurrent state does not grow."""
        projected = self.cross_attention.project_memory(memory["states"])
        shared = {name: memory[name][tf.newaxis] for name in ("mask", "source") if name in memory}
        state: dict[str, Any] = {
            str(i): (h[tf.newaxis], c[tf.newaxis]) for i, (h, c) in enumerate(_first_states(memory))
        }
        if coverage:
            state["coverage"] = start_coverage(memory["mask"])
        return {
            "model": {"output_kernel": self.embedding.output_kernel()},
            "memory": {**shared, "projected": projected},
            "history": {},
            "state": state,
        }

    def step(self, ids: tf.Tensor, cache: dict, position: tf.Tensor) -> tuple[tf.Tensor, dict]:
        """See `decoding.StepModel`. `position` is not used: the states hold what came before."""
        model, memory = cache["model"], cache["memory"]
        states = [(h[0], c[0]) for h, c in (cache["state"][str(i)] for i in range(len(self.decoder_layers)))]
        source = {name: memory[name][0] for name in ("mask", "source") if name in memory}
        outputs, scores, states = self._decode(
            ids, memory["projected"], source, states, training=False, output_kernel=model["output_kernel"]
        )
        if self.copy_gate:
            outputs = copying.log_probabilities_of_rows(outputs, ids)
        state: dict[str, Any] = {str(i): (h[tf.newaxis], c[tf.newaxis]) for i, (h, c) in enumerate(states)}
        if "coverage" in cache["state"]:
            state["coverage"] = add_coverage(cache["state"]["coverage"], scores)
        return outputs, {**cache, "state": state}

    def _read(self, ids: tf.Tensor, training: bool | None) -> tf.Tensor:
        """The ids without the words that training drops."""
        return self.embedding_dropout(self.word_dropout(ids, training=training), training=training)

    def _encode(self, ids: tf.Tensor, training: bool | None) -> dict[str, tf.Tensor]:
        mask = masks.padding_mask(ids)
        x = self.dropout(self.embedding(self._read(ids, training)), training=training)
        states, *last = self.encoder(x, sequence_mask=mask, training=training)
        h, c = (tf.stack(parts, axis=1) for parts in zip(*last, strict=True))
        return {"states": states, "mask": mask, "h": h, "c": c, **({"source": ids} if self.copy_gate else {})}

    def _decode(
        self,
        ids: tf.Tensor,
        memory: tf.Tensor | tuple[tf.Tensor, tf.Tensor],
        source: dict[str, tf.Tensor],
        states: list[tuple[tf.Tensor, tf.Tensor]],
        training: bool | None,
        output_kernel: tf.Tensor | None = None,
    ) -> tuple[Any, tf.Tensor, list[tuple[tf.Tensor, tf.Tensor]]]:
        """Logits, or to copy the parts of the mixture; attention map; last states.

        `source` has the mask of the memory and, to copy, its ids.
        """
        first, *above = zip(self.decoder_layers, states, strict=True)
        x = self.dropout(self.embedding(self._read(ids, training)), training=training)
        x, state = self._add(x, x, *first, training)
        context, scores = attend(self.cross_attention, x, memory, masks.key_mask(source["mask"]), training)
        context = self.dropout(context, training=training)
        last = [state]
        for layer, start in above:
            x, state = self._add(x, tf.concat([x, context], axis=-1), layer, start, training)
            last.append(state)
        combined = self.combine(tf.concat([x, context], axis=-1))
        combined = self.dropout(combined, training=training)
        outputs = self.embedding(combined, reverse=True, output_kernel=output_kernel)
        if self.copy_gate:
            outputs = copying.parts_of(outputs, self.copy_gate(combined), scores, source["source"])
        return outputs, scores, last

    def _add(
        self, x: tf.Tensor, inputs: tf.Tensor, layer: LSTM, start: tuple[tf.Tensor, tf.Tensor], training: bool | None
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        """Adds to `x` what a layer makes of `inputs`."""
        outputs, h, c = layer(inputs, initial_state=start, training=training)
        return x + self.dropout(outputs, training=training), (h, c)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments, "options": asdict(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict | None = None) -> Self:  # noqa: D102
        return super().from_config({**config, "options": LSTMOptions(**config["options"])}, custom_objects)


def _first_states(memory: dict[str, tf.Tensor]) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """The states that the decoder's layers start in, from the encoder's."""
    return list(zip(*(tf.unstack(memory[part], axis=1) for part in ("h", "c")), strict=True))
