"""The Transformer as an encoder-decoder over token ids."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import keras
import tensorflow as tf

from tfmodels.layers import (
    Dense,
    Dropout,
    EmbeddingDropout,
    LayerNormalization,
    TokenEmbedding,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    WordDropout,
    add_coverage,
    beam_mask,
    copying,
    masks,
    start_beam_indices,
    start_coverage,
    update_beam_indices,
)
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.compiled_again import compile_again
from tfmodels.models.keras_losses import refuse_copying
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape
from tfmodels.models.serving_signature import ids_signature
from tfmodels.models.token_positions import position_layer
from tfmodels.models.transformer_options import TransformerOptions


@keras.saving.register_keras_serializable("tfmodels")
class TransformerSeq2Seq(keras.Model):
    """Sequence to sequence by attention alone (Vaswani et al., 2017).

    One table of token vectors serves the source, the target and the output projection: both sides share a vocabulary.

    Args:
        vocabulary_size: Number of token ids.
        options: Sizes and the like; `TransformerOptions()` if left out.
        max_length: Number of learned positions.
        num_kv_heads: Fewer key and value heads than `num_heads`; default as many.
        word_dropout: Rate of tokens of source and target that training replaces by `<unk>`, see `WordDropout`.
        embedding_dropout: Rate of distinct tokens that it replaces everywhere in a text, see `EmbeddingDropout`.
        copy: Also copy tokens of the source by the last cross-attention, see `layers.copying`.
        **kwargs: Of `keras.Model`, such as `dtype`.

    Call arguments:
        inputs: dict of int32 `source` `[batch, source]` and `target` `[batch, target]`, the latter shifted right
            (it starts with `<s>`), both right-padded with 0.
        intermediates: Also return a dict of the attention maps, `[batch, heads, query, key]` each:
            `"encoder/<i>/attention"`, `"decoder/<i>/self_attention"`, `"decoder/<i>/cross_attention"`; with `copy`
            also `"decoder/copy"`, see `copying.copy_map`.

    Returns:
        Logits, float32 `[batch, target, vocabulary_size]`. With `copy` log-probabilities, in training a `CopyLogits`.

    Example:
        >>> model = TransformerSeq2Seq(8000, TransformerOptions(num_layers=3, d_model=256, num_heads=4))
        >>> logits = model({"source": source_ids, "target": target_ids})
        >>> translated = decoding.greedy(model, model.encode(source_ids), limits=tf.constant([20]))
    """

    def __init__(
        self,
        vocabulary_size: int,
        options: TransformerOptions | None = None,
        *,
        max_length: int = 256,
        num_kv_heads: int | None = None,
        word_dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        copy: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options = options = options or TransformerOptions()
        self._arguments = {
            "vocabulary_size": vocabulary_size,
            "max_length": max_length,
            "num_kv_heads": num_kv_heads,
            "word_dropout": word_dropout,
            "embedding_dropout": embedding_dropout,
            "copy": copy,
        }
        policy = self.dtype_policy
        layer_arguments = {
            "d_model": options.d_model,
            "num_heads": options.num_heads,
            "feed_forward_dim": options.feed_forward_dim,
            "dropout": options.dropout,
            "attention_dropout": options.attention_dropout,
            "activation_dropout": options.activation_dropout,
            "activation": options.activation,
            "norm_first": options.norm_first,
            "num_kv_heads": num_kv_heads,
            "rotary": options.positions == "rotary",
            "dtype": policy,
        }
        layers = range(options.num_layers)
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding_dropout = EmbeddingDropout(embedding_dropout, dtype=policy, name="embedding_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, options.d_model, dtype=policy, name="embedding")
        self.source_positions = position_layer(options.positions, max_length, "source_positions", policy)
        self.target_positions = position_layer(options.positions, max_length, "target_positions", policy)
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        in_chunks = {"query_chunk": options.query_chunk, "attention_dropout": 0.0} if options.query_chunk else {}
        encoder_arguments: dict[str, Any] = {**layer_arguments, **in_chunks}
        self.encoder_layers = [TransformerEncoderLayer(**encoder_arguments, name=f"encoder_{i}") for i in layers]
        self.decoder_layers = [TransformerDecoderLayer(**layer_arguments, name=f"decoder_{i}") for i in layers]
        self.encoder_norm = LayerNormalization(name="encoder_norm", dtype=policy) if options.norm_first else None
        self.decoder_norm = LayerNormalization(name="decoder_norm", dtype=policy) if options.norm_first else None
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
        states = (None, None, self.embedding.dim)
        for dropout in (self.word_dropout, self.embedding_dropout):
            dropout.build((None, None))
        self.embedding.build((None, None))
        self.dropout.build(states)
        for positions in filter(None, (self.source_positions, self.target_positions)):
            positions.build(states)
        for layer in self.encoder_layers:
            layer.build(states)
        for layer in self.decoder_layers:
            layer.build(states, states)
        for part in filter(None, (self.encoder_norm, self.decoder_norm, self.copy_gate)):
            part.build(states)

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> Any:
        check_names(inputs, ["source", "target"])
        memory, encoder_maps = self._encode(inputs["source"], intermediates, training)
        outputs, decoder_maps = self._decode(inputs["target"], memory, intermediates, training)
        maps = encoder_maps | decoder_maps
        if self.copy_gate and intermediates:
            maps["decoder/copy"] = copying.copy_map(outputs)
        if self.copy_gate and not training:
            outputs = copying.log_probabilities_of_rows(outputs, inputs["target"])
        return (outputs, maps) if intermediates else outputs

    def encode(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Encodes source ids, int32 `[batch, source]`, to what the decoder attends to: `states` and their `mask`.

        With `copy` also `source`, the ids themselves.
        """
        memory, _ = self._encode(inputs, intermediates=False, training=False)
        return memory

    def start(
        self, memory: dict[str, tf.Tensor], max_length: int | tf.Tensor, coverage: bool = False
    ) -> dict[str, dict]:
        """See `decoding.StepModel`. The buffers of the cache have room for `max_length` positions."""
        rows = tf.shape(memory["mask"])[0]
        layers = {str(i): layer for i, layer in enumerate(self.decoder_layers)}
        projections = {i: layer.self_attention.join_projections() for i, layer in layers.items()}
        sources = {i: layer.cross_attention.project_memory(memory["states"]) for i, layer in layers.items()}
        buffers = {i: layer.self_attention.start_cache(rows, max_length) for i, layer in layers.items()}
        shared = {name: memory[name][tf.newaxis] for name in ("mask", "source") if name in memory}
        state = {"beam_indices": start_beam_indices(rows, max_length)}
        if coverage:
            state["coverage"] = start_coverage(memory["mask"])
        return {
            "model": {"projections": projections, "output_kernel": self.embedding.output_kernel()},
            "memory": {**shared, "sources": sources},
            "history": buffers,
            "state": state,
        }

    def step(self, ids: tf.Tensor, cache: dict, position: tf.Tensor) -> tuple[tf.Tensor, dict]:
        """See `decoding.StepModel`. A step may go back to an earlier position: it writes over what is there."""
        model, memory = cache["model"], cache["memory"]
        source_mask = memory["mask"][0]
        memory_mask = masks.key_mask(source_mask)
        batch, steps = tf.shape(source_mask)[0], ids.shape[1] or tf.shape(ids)[1]
        state, history = {"beam_indices": update_beam_indices(cache["state"]["beam_indices"], position, batch)}, {}
        mask = beam_mask(state["beam_indices"], position, steps, batch)
        x = self._embed(ids, position + tf.range(steps)[tf.newaxis], self.target_positions, training=False)
        scores: dict[str, tf.Tensor] = {}
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
        source = memory["source"][0] if "source" in memory else None
        outputs = self._outputs(x, scores, source, model["output_kernel"])
        if self.copy_gate:
            outputs = copying.log_probabilities_of_rows(outputs, ids)
        return outputs, {**cache, "history": history, "state": state}

    def _read(self, ids: tf.Tensor, training: bool | None) -> tf.Tensor:
        """The ids without the words that training drops."""
        return self.embedding_dropout(self.word_dropout(ids, training=training), training=training)

    def _encode(
        self, ids: tf.Tensor, intermediates: bool, training: bool | None
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        mask, maps = masks.padding_mask(ids), {}
        positions = tf.range(tf.shape(ids)[1])[tf.newaxis]
        x = self._embed(self._read(ids, training), positions, self.source_positions, training)
        for i, layer in enumerate(self.encoder_layers):
            x = layer(x, attention_mask=masks.key_mask(mask), return_scores=intermediates, training=training)
            if intermediates:
                x, maps[f"encoder/{i}/attention"] = x
        states = x if self.encoder_norm is None else self.encoder_norm(x)
        return {"states": states, "mask": mask, **({"source": ids} if self.copy_gate else {})}, maps

    def _decode(
        self, ids: tf.Tensor, memory: dict[str, tf.Tensor], intermediates: bool, training: bool | None
    ) -> tuple[Any, dict[str, tf.Tensor]]:
        positions = tf.range(tf.shape(ids)[1])[tf.newaxis]
        causal = masks.causal_mask(positions, tf.shape(ids)[1])
        memory_mask = masks.key_mask(memory["mask"])
        x = self._embed(self._read(ids, training), positions, self.target_positions, training)
        scores: dict[str, tf.Tensor] = {}
        maps: dict[str, tf.Tensor] = {}
        for i, layer in enumerate(self.decoder_layers):
            wanted = intermediates or (self.copy_gate is not None and layer is self.decoder_layers[-1])
            x = layer(
                x,
                memory["states"],
                self_attention_mask=causal,
                cross_attention_mask=memory_mask,
                return_scores=wanted,
                training=training,
            )
            x, scores = x if wanted else (x, scores)
            maps |= {f"decoder/{i}/{name}": score for name, score in scores.items()}
        return self._outputs(x, scores, memory.get("source")), maps

    def _embed(
        self, ids: tf.Tensor, positions: tf.Tensor, layer: keras.layers.Layer | None, training: bool | None
    ) -> tf.Tensor:
        x = self.embedding(ids)
        if layer is not None:
            x = layer(x, positions)
        return self.dropout(x, training=training)

    def _outputs(
        self,
        x: tf.Tensor,
        scores: dict[str, tf.Tensor],
        source: Any,
        output_kernel: tf.Tensor | None = None,
    ) -> Any:
        """Logits, or to copy the parts of the mixture."""
        x = x if self.decoder_norm is None else self.decoder_norm(x)
        logits = self.embedding(x, reverse=True, output_kernel=output_kernel)
        if self.copy_gate is None:
            return logits
        return copying.parts_of(logits, self.copy_gate(x), scores["cross_attention"], source)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments, "options": asdict(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict | None = None) -> Self:  # noqa: D102
        return super().from_config({**config, "options": TransformerOptions(**config["options"])}, custom_objects)
