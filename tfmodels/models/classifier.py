"""What all families of text classifiers share: token vectors, the way to the logits, intermediates."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import AttentionPooling, Dense, Dropout, TokenEmbedding, WordDropout, masks


class Classifier(keras.Model):
    """Gives each text the logits of its classes, from token ids.

    Token vectors go through a family's network, attention makes one vector of its states, and an affine map of that
    vector is the answer. Nothing of it depends on padding. The way is in two parts, so that what an answer owes to each
    token can be measured: `classify(embed(ids), ids)` is the answer outside of training.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of logits.
        d_model: Width of token vectors and states.
        dropout: Rate on the pooled vector; a family has more uses for it.
        word_dropout: Rate of tokens that training replaces by `<unk>`.
        pooling: Attention that pools: `"additive"`, `"dot"`, `"general"`, `"scaled"` or `"multi_head"`.
        num_heads: Heads of multi-head attention.
        attention_dropout: Rate on the weights of the pooling.

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
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if classes < 1:
            raise ValueError(f"Expected `classes` to be at least 1. Received: classes={classes}")
        policy = self.dtype_policy
        self.d_model = d_model
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, d_model, dtype=policy, name="embedding")
        self.pooling = AttentionPooling(d_model, pooling, num_heads, attention_dropout, dtype=policy, name="pooling")
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.logits = Dense(classes, dtype="float32", name="logits")

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        self.word_dropout.build((None, None))
        self.embedding.build((None, None))
        self.pooling.build((None, None, self.d_model))
        self.logits.build((None, self.d_model))

    def call(  # noqa: D102
        self, ids: tf.Tensor, intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        return self.classify(self.embed(self.word_dropout(ids, training=training)), ids, intermediates, training)

    def embed(self, ids: tf.Tensor) -> tf.Tensor:
        """The vectors of tokens, int32 `[batch, time]` -> `[batch, time, d_model]`."""
        return self.embedding(ids)

    def classify(
        self, vectors: tf.Tensor, ids: tf.Tensor, intermediates: bool = False, training: bool | None = False
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The logits of texts whose token vectors are given.

        Args:
            vectors: `[batch, time, d_model]`, of `embed` or near it.
            ids: int32 `[batch, time]`; only what is padding is read from them.
            intermediates: See the class; so for the results.
            training: Whether dropout is on.

        Returns:
            Logits, and with `intermediates` the attention maps.
        """
        maps: dict[str, tf.Tensor] = {}
        pooled = self.pool(vectors, masks.padding_mask(ids), maps, training)
        logits = self.logits(self.dropout(pooled, training=training))
        return (logits, maps) if intermediates else logits

    def pool(self, vectors: tf.Tensor, mask: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:
        """The pooled vector `[batch, d_model]`; defined by each family."""
        raise NotImplementedError
