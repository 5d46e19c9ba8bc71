"""What all families of text classifiers share: token vectors, the way to the logits, intermediates."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import (
    AttentionPooling,
    Dense,
    Dropout,
    NGramScores,
    SpellingScores,
    TokenEmbedding,
    WordDropout,
    masks,
)

_NGRAM_SCALE = 10.0  # a step moves a weight by the learning rate at most, and most n-grams are in few steps


class Classifier(keras.Model):
    """Gives each text the logits of its classes, from token ids.

    Token vectors go through a family's network, attention makes one vector of its states, and an affine map of that
    vector is the answer. With `ngrams`, a linear model of the n-grams stands beside the network: the sum of what they
    say over the root of the number of tokens are logits, too, and the answer is the mean of both (a product of experts;
    Hinton, 2002). In training each answers half of the texts alone. So they err apart, and the linear model is not left
    with what the network, which soon knows a small set by heart, cannot explain. Nothing of it depends on padding.

    The way is in two parts, so that what an answer owes to each token can be measured: `classify(embed(ids), ids)` is
    the answer outside of training.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of logits.
        d_model: Width of token vectors and states.
        dropout: Rate on the pooled vector; a family has more uses for it.
        word_dropout: Rate of tokens that training replaces by `<unk>`.
        pooling: Attention that pools: `"additive"`, `"dot"`, `"general"`, `"scaled"` or `"multi_head"`.
        num_heads: Heads of multi-head attention.
        attention_dropout: Rate on the weights of the pooling.
        ngrams: Tokens of the longest n-grams, 0 for none; see `NGramScores`.
        spelling: Whether the linear model hears the letters of tokens, too; see `SpellingScores`.

    Call arguments:
        ids: int32 `[batch, time]`, padded with 0 on the right. A row may be nothing but padding.
        intermediates: Also return a dict of attention maps, `"pooling/attention"` `[batch, heads, time]` among them:
            how much of the pooled vector comes from each token.

    Returns:
        Logits, float32 `[batch, classes]` in every dtype policy.

    A family is a subclass that defines `pool(vectors, mask, maps, training)`: from token vectors and the mask of the
    tokens to the pooled vector `[batch, d_model]`; `maps` is the dict of intermediates.
    """

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        d_model: int,
        dropout: float,
        word_dropout: float,
        pooling: str,
        num_heads: int,
        attention_dropout: float,
        ngrams: int = 0,
        spelling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if classes < 1:
            raise ValueError(f"Expected `classes` to be at least 1. Received: classes={classes}")
        if spelling and not ngrams:
            raise ValueError("Expected `spelling` beside n-grams, of at least one token. Received: ngrams=0")
        policy = self.dtype_policy
        self.d_model = d_model
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, d_model, dtype=policy, name="embedding")
        self.pooling = AttentionPooling(d_model, pooling, num_heads, attention_dropout, dtype=policy, name="pooling")
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.logits = Dense(classes, dtype="float32", name="logits")
        self.ngrams = NGramScores(classes, ngrams, dtype="float32", name="ngrams") if ngrams else None
        self.spelling = SpellingScores(vocabulary_size, classes, dtype="float32", name="spelling") if spelling else None
        self.network_dropout = Dropout(0.5, dtype="float32", name="network_dropout") if ngrams else None

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        self.word_dropout.build((None, None))
        self.embedding.build((None, None))
        self.pooling.build((None, None, self.d_model))
        self.logits.build((None, self.d_model))
        if self.ngrams is not None:
            self.ngrams.build((None, None))
            self.network_dropout.build((None, 1))
        if self.spelling is not None:
            self.spelling.build((None, None))

    def call(  # noqa: D102
        self, ids: tf.Tensor, intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        return self.classify(self.embed(self.word_dropout(ids, training=training)), ids, intermediates, training)

    def embed(self, ids: tf.Tensor) -> tf.Tensor:
        """The vectors of tokens, int32 `[batch, time]` -> `[batch, time, d_model]`.

        With n-grams `[batch, time, d_model + classes]`: what those say that end with the token, and its letters, comes
        last.
        """
        vectors = self.embedding(ids)
        if self.ngrams is None:
            return vectors
        scores = self.ngrams(ids) if self.spelling is None else self.ngrams(ids) + self.spelling(ids)
        return tf.concat([tf.cast(vectors, tf.float32), scores], axis=-1)

    def classify(
        self, vectors: tf.Tensor, ids: tf.Tensor, intermediates: bool = False, training: bool | None = False
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The logits of texts whose token vectors are given.

        Args:
            vectors: Of `embed`, or near that.
            ids: int32 `[batch, time]`; only what is padding is read from them.
            intermediates: See the class; so for the results.
            training: Whether dropout is on.

        Returns:
            Logits, and with `intermediates` the attention maps.
        """
        maps: dict[str, tf.Tensor] = {}
        mask = masks.padding_mask(ids)
        pooled = self.pool(tf.cast(vectors[..., : self.d_model], self.compute_dtype), mask, maps, training)
        logits = self.logits(self.dropout(pooled, training=training))
        if self.ngrams is not None:
            # Outside of training the dropout leaves 1 as it is, in training it makes 0 or 2 of it.
            share = self.network_dropout(tf.ones_like(logits[:, :1]), training=training) / 2
            logits = share * logits + (1 - share) * _NGRAM_SCALE * self._said_by_ngrams(
                vectors[..., self.d_model :], mask
            )
        return (logits, maps) if intermediates else logits

    def _said_by_ngrams(self, scores: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """`[batch, ..., classes]` of each token -> `[batch, classes]`."""
        tokens = list(range(1, len(mask.shape)))
        present = tf.cast(mask, tf.float32)
        count = tf.reduce_sum(present, axis=tokens)
        return (
            tf.reduce_sum(scores * present[..., tf.newaxis], axis=tokens) / tf.sqrt(tf.maximum(count, 1))[:, tf.newaxis]
        )

    def pool(self, vectors: tf.Tensor, mask: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:
        """The pooled vector `[batch, d_model]`; defined by each family."""
        raise NotImplementedError
