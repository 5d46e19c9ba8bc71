"""Attention over the words of each sentence, then over the sentences."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import AttentionPooling
from tfmodels.models.bidirectional_stack import bidirectional_stack
from tfmodels.models.classifier import Classifier
from tfmodels.models.lstm_options import LSTMOptions


@keras.saving.register_keras_serializable("tfmodels")
class HierarchicalClassifier(Classifier):
    """Hierarchical attention for long documents (Yang et al., 2016).

    Bidirectional LSTMs read the words of each sentence, and attention pools their states to a vector; others read these
    vectors, and attention pools theirs to the vector of the document. All sentences are read in parallel, so the number
    of sequential steps is that of the words of the longest sentence plus that of the sentences.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of logits.
        options: Of the LSTMs and the attention, of words and of sentences alike. Default: `LSTMOptions()`.
        **kwargs: `word_dropout`, `ngrams` and the like, and arguments of `keras.Model`; see `Classifier`.

    Call arguments:
        ids: int32 `[batch, sentences, words]`, each sentence padded with 0 on the right; a sentence of nothing but
            padding is not read.
        intermediates: Also return a dict of attention maps: `"words/attention"` `[batch, heads, sentences, words]`,
            `"sentences/attention"` `[batch, heads, sentences]` and their product, how much of the document's vector
            comes from each word, `"pooling/attention"` `[batch, heads, sentences, words]`.

    Returns:
        Logits, float32 `[batch, classes]`.

    Example:
        >>> model = HierarchicalClassifier(8000, classes=2, options=LSTMOptions(d_model=100))
        >>> logits = model(Sentences(words, max_sentences=200, max_words=40).ids(documents))
    """

    options_type = LSTMOptions
    _ids_rank = 3

    def __init__(self, vocabulary_size: int, classes: int, options: LSTMOptions | None = None, **kwargs: Any) -> None:
        options = options or LSTMOptions()
        super().__init__(vocabulary_size, classes, options, **kwargs)
        policy = self.dtype_policy
        self.word_encoder = bidirectional_stack(options, policy, "word_encoder")
        self.sentence_encoder = bidirectional_stack(options, policy, "sentence_encoder")
        self.word_pooling = AttentionPooling(
            options.d_model,
            options.attention,
            options.num_heads,
            options.attention_dropout,
            dtype=policy,
            name="word_pooling",
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
