"""The inputs of a network made from texts, the same in training and in an export."""

from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from tfmodels import preprocessing, token_ids
from tfmodels.training.data.batch_plan import padded_length

if TYPE_CHECKING:
    from tfmodels.preprocessing import Tokenizer


class FlatInputs:
    """Texts as rows of tokens.

    Args:
        tokens: The tokenizer.
        max_length: Most tokens of a text, `</s>` included.
    """

    def __init__(self, tokens: "Tokenizer", max_length: int) -> None:
        self.tokens = tokens
        self.max_length = max_length

    @property
    def limit(self) -> str:
        """How long texts are cut, in a sentence."""
        return f"A text is cut to {self.max_length} tokens, its end included."

    def ids(self, text: tf.Tensor) -> tf.Tensor:
        """Strings `[batch]` as ids, int32 `[batch, time]`."""
        return self.tokens.ids(text, self.max_length)

    def offsets(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """First byte of each token and the byte after its last, int32 in the shape of `ids`."""
        return self.tokens.offsets(text, self.max_length)

    def flat(self, ids: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """Values in the shape of `ids` as `[batch, max_length]`: those of tokens, padded with 0 or empty strings."""
        padded = tf.pad(values, [[0, 0], [0, self.max_length - tf.shape(ids)[1]]])
        return tf.ensure_shape(padded, [None, self.max_length])

    def stored(self, text: tf.Tensor) -> tf.RaggedTensor:
        """The ids that are stored on disk, int32 `[batch, (time)]`."""
        return self.tokens.ragged_ids(text, self.max_length)

    def restored(self, rows: np.ndarray) -> np.ndarray:
        """Stored rows, int32 `[rows, time]`, padded with 0, as ids."""
        return rows


class SentenceInputs:
    """Texts as sentences of tokens, for hierarchical models; with the functions of `FlatInputs`.

    Args:
        sentences: Splits texts into ids `[batch, sentences, words]`.
        max_length: Tokens of a row of `flat`.
    """

    def __init__(self, sentences: preprocessing.Sentences, max_length: int) -> None:
        self.tokens = sentences
        self.max_length = max_length

    @property
    def limit(self) -> str:
        """How long texts are cut, in a sentence."""
        return (
            f"The first {self.tokens.max_sentences} sentences of a text are read; a sentence of more than "
            f"{self.tokens.max_words} tokens continues in the next."
        )

    def ids(self, text: tf.Tensor) -> tf.Tensor:
        """Strings `[batch]` as ids, int32 `[batch, sentences, words]`, at least one sentence of one word."""
        return _at_least_one(self.tokens.ids(text))

    def offsets(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """First byte of each token and the byte after its last, int32 in the shape of `ids`."""
        start, end = self.tokens.offsets(text)
        return _at_least_one(start), _at_least_one(end)

    def flat(self, ids: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """Values in the shape of `ids` as `[batch, max_length]`: those of tokens, padded with 0 or empty strings."""
        batch, sentences, words = tf.unstack(tf.shape(ids))
        mask, values = (tf.reshape(array, [batch, sentences * words]) for array in (ids != token_ids.PAD, values))
        return tf.ragged.boolean_mask(values, mask).to_tensor(shape=[None, self.max_length])

    def stored(self, text: tf.Tensor) -> tf.RaggedTensor:
        """The ids that are stored on disk: sentences in a row, each followed by a 0, int32 `[batch, (time)]`."""
        ids = tf.pad(self.ids(text), [[0, 0], [0, 0], [0, 1]])
        words = tf.math.count_nonzero(ids, axis=2, dtype=tf.int32)
        first = tf.range(tf.shape(ids)[1]) == 0  # is stored even if empty, so that no row is empty
        lengths = tf.where((words > 0) | first, words + 1, 0)
        mask = tf.sequence_mask(lengths, tf.shape(ids)[2])
        batch, places = tf.shape(ids)[0], tf.shape(ids)[1] * tf.shape(ids)[2]
        return tf.ragged.boolean_mask(tf.reshape(ids, [batch, places]), tf.reshape(mask, [batch, places]))

    def restored(self, rows: np.ndarray) -> np.ndarray:
        """Stored rows, int32 `[rows, time]`, padded with 0, as ids."""
        ends = rows == token_ids.PAD
        places = np.arange(rows.shape[1])
        after = np.maximum.accumulate(np.where(ends, places + 1, 0), axis=1)  # the last 0 up to here
        starts = np.pad(after, [[0, 0], [1, 0]])[:, :-1]
        row, place = np.nonzero(~ends)
        sentence, word = (np.cumsum(ends, axis=1) - ends)[row, place], (places - starts)[row, place]
        sizes = (int(padded_length(np.max(numbers, initial=0) + 1)) for numbers in (sentence, word))
        ids = np.zeros([len(rows), *sizes], np.int32)
        ids[row, sentence, word] = rows[row, place]
        return ids


def unknown_share(ids: tf.Tensor) -> tf.Tensor:
    """The share of each text's tokens that the vocabulary lacks.

    Args:
        ids: int32 `[batch, ...]`, of `FlatInputs` or `SentenceInputs`.

    Returns:
        float32 `[batch]`; 0 for a text without tokens.

    Example:
        `unknown_share(inputs.ids(tf.constant(["A qwertz dog"])))` -> `[0.33]`
    """
    axes = list(range(1, len(ids.shape)))
    unknown, tokens = (
        tf.math.count_nonzero(chosen, axis=axes, dtype=tf.float32)
        for chosen in (ids == token_ids.UNK, (ids != token_ids.PAD) & (ids != token_ids.END))
    )
    return tf.math.divide_no_nan(unknown, tokens)


def _at_least_one(ids: tf.Tensor) -> tf.Tensor:
    """Pads a batch of empty texts, which has no sentence, to one word."""
    missing = tf.maximum(1 - tf.shape(ids)[1:], 0)
    return tf.pad(ids, tf.stack([tf.zeros([3], tf.int32), tf.concat([[0], missing], axis=0)], axis=1))
