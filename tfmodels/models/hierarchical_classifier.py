"""Attention over the words of each sentence, then over the sentences."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import AttentionPooling, LSTMStack
from tfmodels.models.classifier import Classifier


@keras.saving.register_keras_serializable("tfmodels")
class HierarchicalClassifier(Classifier):
    """Hierarchical attention for long documents (Yang et al., 2016).

    Bidirectional LSTMs read the words of each sentence, and attention makes a vector of it; others read these vectors,
    and attention makes that of the document. The sentences are read side by side, so the steps that wait for each
    other are as many as the longest sentence has words and the document has sentences.

    Args:
        vocabulary_size: See `Classifier`; so is the next one.
        classes: Number of logits.
        num_layers: LSTMs over the words, and over the sentences, each in two directions.
        d_model: Width of the states, an even number; half of it for each direction.
        dropout: Rate on the inputs of each LSTM, one draw for all steps, and on the pooled vector.
        word_dropout: Rate of tokens that training replaces by `<unk>`.
        attention: That which pools words and sentences; see `Classifier`.
        num_heads: Heads of multi-head attention.
        attention_dropout: Rate on the attention weights.
        recurrent_dropout: See `LSTM`; so are the two below.
        weight_drop: Rate on the recurrent weights.
        layer_norm: Whether the LSTMs normalise inside the cell.
        ngrams: Tokens of the longest n-grams, 0 for none; see `Classifier`.
        spelling: Whether letters have their say beside n-grams; see `Classifier`.

    Call arguments:
        ids: int32 `[batch, sentences, words]`, each sentence padded with 0 on the right; one that is nothing but
            padding is not read.
        intermediates: Also return a dict of attention maps: `"words/attention"` `[batch, heads, sentences, words]`,
            `"sentences/attention"` `[batch, heads, sentences]` and, as how much of the document's vector comes from
            each word, their product `"pooling/attention"` `[batch, heads, sentences, words]`.

    Returns:
        Logits, float32 `[batch, classes]`.

    Example:
        >>> model = HierarchicalClassifier(8000, classes=2, d_model=100)
        >>> logits = model(Sentences(words, max_sentences=200, max_words=40).ids(documents))
    """

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        num_layers: int = 1,
        d_model: int = 128,
        dropout: float = 0.2,
        word_dropout: float = 0.0,
        attention: str = "additive",
        num_heads: int = 4,
        attention_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        ngrams: int = 0,
        spelling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            vocabulary_size,
            classes,
            d_model,
            dropout,
            word_dropout,
            attention,
            num_heads,
            attention_dropout,
            ngrams,
            spelling,
            **kwargs,
        )
        if d_model % 2:
            raise ValueError(f"Expected an even `d_model`, half for each direction. Received: d_model={d_model}")
        stack_arguments = {
            "num_layers": num_layers,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        self._arguments = {
            **stack_arguments,
            "vocabulary_size": vocabulary_size,
            "classes": classes,
            "d_model": d_model,
            "word_dropout": word_dropout,
            "attention": attention,
            "num_heads": num_heads,
            "attention_dropout": attention_dropout,
            "ngrams": ngrams,
            "spelling": spelling,
        }
        policy = self.dtype_policy
        self.word_encoder, self.sentence_encoder = (
            LSTMStack(d_model // 2, bidirectional=True, **stack_arguments, dtype=policy, name=name)
            for name in ("word_encoder", "sentence_encoder")
        )
        self.word_pooling = AttentionPooling(
            d_model, attention, num_heads, attention_dropout, dtype=policy, name="word_pooling"
        )

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        super().build(ids_shape)
        for part in (self.word_encoder, self.word_pooling, self.sentence_encoder):
            part.build((None, None, self.d_model))

    def pool(  # noqa: D102
        self, vectors: tf.Tensor, mask: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None
    ) -> tf.Tensor:
        batch, sentences, words = tf.unstack(tf.shape(mask))
        rows = batch * sentences
        row_mask = tf.reshape(mask, [rows, words])
        states = self.word_encoder(
            tf.reshape(vectors, [rows, words, self.d_model]), sequence_mask=row_mask, training=training
        )
        pooled, word_scores = self.word_pooling(states, sequence_mask=row_mask, return_scores=True, training=training)
        heads = word_scores.shape[1]
        word_scores = tf.transpose(tf.reshape(word_scores, [batch, sentences, heads, words]), [0, 2, 1, 3])

        sentence_mask = tf.reduce_any(mask, axis=2)
        states = self.sentence_encoder(
            tf.reshape(pooled, [batch, sentences, self.d_model]), sequence_mask=sentence_mask, training=training
        )
        pooled, sentence_scores = self.pooling(
            states, sequence_mask=sentence_mask, return_scores=True, training=training
        )
        maps["words/attention"] = word_scores
        maps["sentences/attention"] = sentence_scores
        maps["pooling/attention"] = word_scores * sentence_scores[..., tf.newaxis]
        return pooled

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
