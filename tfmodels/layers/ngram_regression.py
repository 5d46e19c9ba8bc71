"""A fitted linear model of the tf-idf of n-grams."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class NGramRegression(keras.layers.Layer):
    """The logits of a linear model of n-grams that was fitted elsewhere, such as by scikit-learn.

    Each kind of n-grams is weighted on its own: 1 plus the logarithm of an n-gram's number of occurrences, times its
    inverse document frequency, divided by the root of the sum of squares of the text. N-grams are known by their
    hashes, which are looked up in a sorted list, so there is no collision among those of training. All weights start
    at zero; see `assign`.

    Args:
        classes: Number of classes.
        ngrams: Number of n-grams with a weight.

    Call arguments:
        words: int32 `[batch, n]`, hashes of n-grams of words, padded with -1: see `preprocessing.hashed_ngrams`.
        characters: int32 `[batch, m]`, those of n-grams of characters.

    Returns:
        Logits `[batch, classes]`; use `dtype="float32"` in a model of mixed precision, or they are rounded.

    Example:
        >>> regression = NGramRegression(classes=2, ngrams=len(known), dtype="float32")
        >>> regression.assign(known, frequencies, weight, bias)
        >>> regression(*hashed_ngrams(tf.constant(["A fine film."])))
    """

    def __init__(self, classes: int, ngrams: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_jit = False  # XLA does not count distinct numbers
        check_positive(classes=classes, ngrams=ngrams)
        self.classes = classes
        self.ngrams = ngrams

    def build(self, words_shape: object = None, characters_shape: object = None) -> None:  # noqa: D102
        self.known = self.add_weight(
            name="known", shape=[self.ngrams], dtype="int32", initializer="zeros", trainable=False
        )
        self.frequencies = self.add_weight(
            name="frequencies", shape=[self.ngrams], initializer="zeros", trainable=False
        )
        self.weight = self.add_weight(name="weight", shape=[self.ngrams, self.classes], initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=[self.classes], initializer="zeros")

    def assign(self, known: np.ndarray, frequencies: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> None:
        """Sets all weights.

        Args:
            known: int `[ngrams]`, the hashes of the n-grams, ascending.
            frequencies: `[ngrams]`, their inverse document frequencies.
            weight: `[ngrams, classes]`.
            bias: `[classes]`.

        Raises:
            ValueError: The hashes are not ascending.
        """
        if not (np.diff(known) > 0).all():
            raise ValueError("Expected `known` to be ascending. Received: hashes in another order")
        if not self.built:
            self.build()
        for variable, values in (
            (self.known, known), (self.frequencies, frequencies), (self.weight, weight), (self.bias, bias)
        ):  # fmt: skip
            variable.assign(values)

    def call(self, words: tf.Tensor, characters: tf.Tensor) -> tf.Tensor:  # noqa: D102
        rows = tf.shape(words)[0]
        weight = tf.cast(tf.convert_to_tensor(self.weight), tf.float32)
        logits = tf.cast(tf.convert_to_tensor(self.bias), tf.float32)
        for values, places, row_of in (self.values(words), self.values(characters)):
            # Sparse: the weights of all n-grams of a batch, of many classes, would take gigabytes.
            cells = tf.cast(tf.stack([row_of, places], axis=1), tf.int64)
            features = tf.SparseTensor(cells, values, tf.cast(tf.stack([rows, self.ngrams]), tf.int64))
            logits += tf.sparse.sparse_dense_matmul(features, weight)
        return tf.cast(tf.ensure_shape(logits, [None, self.classes]), self.compute_dtype)

    def values(self, hashes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The features of texts, of one kind of n-grams.

        Args:
            hashes: int32 `[batch, n]`, padded with -1.

        Returns:
            For each known n-gram of each text, all `[features]`: its value; its place in the list; the row of its text.
        """
        known = tf.convert_to_tensor(self.known)
        flat = tf.reshape(hashes, [-1])
        places = tf.minimum(tf.searchsorted(known, flat), self.ngrams - 1)
        found = tf.where(tf.equal(tf.gather(known, places), flat) & (flat >= 0))  # [features, 1], int64
        row_of = tf.math.floordiv(found[:, 0], tf.cast(tf.maximum(tf.shape(hashes)[1], 1), tf.int64))
        cells = row_of * self.ngrams + tf.cast(tf.gather(places, found[:, 0]), tf.int64)
        cells, _, counts = tf.unique_with_counts(cells)
        row_of = tf.cast(tf.math.floordiv(cells, self.ngrams), tf.int32)
        places = tf.cast(tf.math.floormod(cells, self.ngrams), tf.int32)
        frequencies = tf.cast(tf.gather(tf.convert_to_tensor(self.frequencies), places), tf.float32)
        values = (1 + tf.math.log(tf.cast(counts, tf.float32))) * frequencies
        squares = tf.math.unsorted_segment_sum(tf.square(values), row_of, tf.shape(hashes)[0])
        return values * tf.math.rsqrt(tf.gather(squares, row_of)), places, row_of

    def compute_output_shape(self, words_shape: tuple, characters_shape: tuple | None = None) -> tuple:  # noqa: D102
        return (words_shape[0], self.classes)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "classes": self.classes, "ngrams": self.ngrams}
