"""What all families of text classifiers share: token vectors, n-grams, pooling, logits."""

from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Self

import keras
import tensorflow as tf

from tfmodels.layers import (
    AttentionPooling,
    Dense,
    Dropout,
    EmbeddingDropout,
    NGramScores,
    SpellingScores,
    TokenEmbedding,
    WordDropout,
    masks,
)
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.lstm_options import LSTMOptions
from tfmodels.models.output_shape import output_shape
from tfmodels.models.serving_signature import ids_signature
from tfmodels.models.transformer_options import TransformerClassifierOptions

_NGRAM_SCALE = 10.0  # a step moves a weight by the learning rate at most, and most n-grams are in few steps


class Classifier(keras.Model):
    """Gives each text the logits of its classes, from token ids.

    A family's network reads the token vectors, attention pools its states to one vector, and an affine map of that
    vector gives the logits. With `ngrams` a linear model of n-grams is added: the weights of a text's n-grams, summed
    and divided by the root of the number of tokens, are logits too, and the result is the mean of both (a product of
    experts; Hinton, 2002). In training one of the two, drawn for each text, classifies alone. So their errors differ,
    and the linear model does not only fit what remains of a network that soon overfits a small training set. Padding
    changes nothing.

    The model consists of two parts, for attributions to tokens: `classify(embed(ids), ids)` is the call outside of
    training.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of logits.
        options: Options of the family. This class uses `d_model`, `dropout` (on the pooled vector) and those of the
            attention that pools.
        word_dropout: Rate of tokens that training replaces by `<unk>`, see `WordDropout`.
        embedding_dropout: Rate of distinct tokens that it replaces everywhere in a text, see `EmbeddingDropout`.
        ngrams: Tokens of the longest n-grams, 0 for none; see `NGramScores`.
        spelling: Whether the linear model also has the n-grams of each token's letters; see `SpellingScores`.
        **kwargs: Of `keras.Model`.

    Call arguments:
        ids: int32 `[batch, time]`, padded with 0 on the right. A row may be nothing but padding.
        intermediates: Also return a dict of attention maps, `"pooling/attention"` `[batch, heads, time]` among them:
            how much of the pooled vector comes from each token.

    Returns:
        Logits, float32 `[batch, classes]` in every dtype policy.

    A family is a subclass that names its `options_type` and defines `pool(vectors, mask, maps, training)`: from token
    vectors and the mask of the tokens to the pooled vector `[batch, d_model]`; `maps` is the dict of intermediates.
    """

    options_type: ClassVar[type[TransformerClassifierOptions] | type[LSTMOptions]]
    _ids_rank: ClassVar[int] = 2

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        options: TransformerClassifierOptions | LSTMOptions,
        *,
        word_dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        ngrams: int = 0,
        spelling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if classes < 1:
            raise ValueError(f"Expected `classes` to be at least 1. Received: classes={classes}")
        if spelling and not ngrams:
            raise ValueError("Expected `ngrams` of at least 1 with `spelling`. Received: ngrams=0")
        self._arguments = {
            "vocabulary_size": vocabulary_size,
            "classes": classes,
            "options": {one.name: getattr(options, one.name) for one in fields(self.options_type)},
            "word_dropout": word_dropout,
            "embedding_dropout": embedding_dropout,
            "ngrams": ngrams,
            "spelling": spelling,
        }
        policy, d_model = self.dtype_policy, options.d_model
        pooling_dropout = options.attention_dropout if isinstance(options, LSTMOptions) else 0.0
        self.d_model = d_model
        self.word_dropout = WordDropout(word_dropout, dtype=policy, name="word_dropout")
        self.embedding_dropout = EmbeddingDropout(embedding_dropout, dtype=policy, name="embedding_dropout")
        self.embedding = TokenEmbedding(vocabulary_size, d_model, dtype=policy, name="embedding")
        self.pooling = AttentionPooling(
            d_model, options.attention, options.num_heads, pooling_dropout, dtype=policy, name="pooling"
        )
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.logits = Dense(classes, dtype="float32", name="logits")
        self.ngrams = NGramScores(classes, ngrams, dtype="float32", name="ngrams") if ngrams else None
        self.spelling = SpellingScores(vocabulary_size, classes, dtype="float32", name="spelling") if spelling else None
        self.network_dropout = Dropout(0.5, dtype="float32", name="network_dropout") if ngrams else None

    @property
    def input_dtype(self) -> str:
        """What Keras converts floats to before `call`: ids, as its `Embedding` does."""
        return "int32"

    def export(self, filepath: str | Path, *args: Any, input_signature: list | None = None, **kwargs: Any) -> None:
        """As in Keras; by default the SavedModel takes int32 ids of any length."""
        signature = input_signature or ids_signature(rank=self._ids_rank)
        super().export(filepath, *args, input_signature=signature, **kwargs)

    def compute_output_shape(self, ids_shape: tuple) -> Any:  # noqa: D102
        return output_shape(self, ids_shape, "int32")

    compute_output_spec = traced_output_spec

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        self.word_dropout.build((None, None))
        self.embedding_dropout.build((None, None))
        self.embedding.build((None, None))
        self.pooling.build((None, None, self.d_model))
        self.dropout.build((None, self.d_model))
        self.logits.build((None, self.d_model))
        if self.ngrams is not None and self.network_dropout is not None:
            self.ngrams.build((None, None))
            self.network_dropout.build((None, 1))
        if self.spelling is not None:
            self.spelling.build((None, None))

    def call(  # noqa: D102
        self, ids: tf.Tensor, intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        read = self.embedding_dropout(self.word_dropout(ids, training=training), training=training)
        return self.classify(self.embed(read), ids, intermediates, training)

    def embed(self, ids: tf.Tensor) -> tf.Tensor:
        """The vectors of tokens, int32 `[batch, time]` -> `[batch, time, d_model]`.

        With n-grams `[batch, time, d_model + classes]`: the scores of the n-grams that end with the token, and of its
        spelling, come last.
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
            vectors: In the form of `embed`.
            ids: int32 `[batch, time]`; tells only where padding is.
            intermediates: Also return the attention maps; see the class.
            training: Whether dropout is on.

        Returns:
            Logits; with `intermediates` a tuple with the dict of attention maps.
        """
        maps: dict[str, tf.Tensor] = {}
        mask = masks.padding_mask(ids)
        pooled = self.pool(tf.cast(vectors[..., : self.d_model], self.compute_dtype), mask, maps, training)
        logits = self.logits(self.dropout(pooled, training=training))
        if self.network_dropout is not None:
            # Dropout of a 1 gives 0 or 2 in training, and 1 outside of it: the share is 0, 1 or a half.
            share = self.network_dropout(tf.ones_like(logits[:, :1]), training=training) / 2
            logits = share * logits + (1 - share) * self._ngram_logits(vectors[..., self.d_model :], mask)
        return (logits, maps) if intermediates else logits

    def _ngram_logits(self, scores: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """`[batch, ..., classes]` of each token -> `[batch, classes]`."""
        tokens = list(range(1, len(mask.shape)))
        present = tf.cast(mask, tf.float32)
        count = tf.reduce_sum(present, axis=tokens)[:, tf.newaxis]
        total = tf.reduce_sum(scores * present[..., tf.newaxis], axis=tokens)
        return _NGRAM_SCALE * (total / tf.sqrt(tf.maximum(count, 1)))

    def pool(self, vectors: tf.Tensor, mask: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:
        """The pooled vector `[batch, d_model]`; defined by each family."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {**super().get_config(), **self._arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:  # noqa: D102
        return super().from_config({**config, "options": cls.options_type(**config["options"])}, custom_objects)
