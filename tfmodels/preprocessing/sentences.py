"""Documents as sequences of sentences."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.preprocessing.regex_split import Parts, regex_split
from tfmodels.preprocessing.tokenizer import Tokenizer, head

_SPACE = r"[\s\p{Z}]"
# A sentence ends at a punctuation mark before whitespace, at an East Asian mark, or at the end of a line or text.
_SENTENCE = rf"""(?s:.+?)(?:[.!?…]+["'”’»)\]]*(?:{_SPACE}+|$)|[。！？]+[」』”’]*|[\r\n]{_SPACE}*|$)"""


class Sentences(tf.Module):
    """Tokenizes text into sentences of tokens, for hierarchical models.

    A sentence ends at a full stop, exclamation or question mark before whitespace, and at the end of a line. An
    abbreviation may end a sentence too early, but no token is lost. Sentences of more than `max_words` tokens are
    split.

    Args:
        tokenizer: The tokenizer of the sentences; `</s>` is left out.
        max_sentences: Maximum number of sentences of a text; the rest is dropped.
        max_words: Maximum number of tokens of a sentence.

    Raises:
        ValueError: A limit is below 1.

    Example:
        >>> sentences = Sentences(words, max_sentences=200, max_words=40)
        >>> sentences.pieces(sentences.ids(tf.constant(["A dog. It runs."])))     # [[["a", "dog", "."], ["it", ...]]]
    """

    def __init__(self, tokenizer: Tokenizer, max_sentences: int, max_words: int) -> None:
        super().__init__()
        check_positive(max_sentences=max_sentences, max_words=max_words)
        self.tokenizer = tokenizer
        self.max_sentences = max_sentences
        self.max_words = max_words

    @property
    def has_unknown(self) -> bool:
        """Whether some texts have tokens that the vocabulary lacks."""
        return self.tokenizer.has_unknown

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:
        """Splits string `[batch]` into sentences with the whitespace after them, and their byte offsets."""
        return regex_split(texts, _SENTENCE, r"(?s:.*)")

    def ids(self, texts: tf.Tensor) -> tf.Tensor:
        """Tokenizes texts.

        Args:
            texts: string `[batch]`.

        Returns:
            int32 `[batch, sentences, words]` within both limits, padded with 0. A text without tokens is all padding.
        """
        sentences = self._sentences(texts)[0]
        tokens = self.tokenizer.tokenize(sentences.flat_values)
        return self._arrangement(sentences, tokens)(tokens.flat_values)

    def offsets(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The start and end offsets of the tokens of `ids` in bytes of the texts, in the same shape; 0 at padding."""
        sentences, first = self._sentences(texts)
        tokens, starts, ends = self.tokenizer.tokenize_with_offsets(sentences.flat_values)
        arrange = self._arrangement(sentences, tokens)
        before = tf.gather(first.flat_values, tokens.value_rowids())
        return arrange(starts.flat_values + before), arrange(ends.flat_values + before)

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """The token of each id, see `Tokenizer`."""
        return self.tokenizer.pieces(ids)

    def _sentences(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """The first `max_sentences` sentences and their start offsets in bytes, `[batch, (sentences)]`."""
        sentences, starts, _ = self.split(head(texts, self.max_sentences * self.max_words))
        return sentences[:, : self.max_sentences], starts[:, : self.max_sentences]

    def _arrangement(self, sentences: tf.RaggedTensor, tokens: tf.RaggedTensor) -> Callable[[tf.Tensor], tf.Tensor]:
        """A function that arranges values of all tokens, `[tokens]`, as `[batch, sentences, words]`."""
        lengths = tokens.row_lengths()
        count = tf.reduce_sum(lengths)
        index = tf.range(count) - tf.gather(tokens.row_starts(), tokens.value_rowids())
        splits = tf.concat([tf.where(index % self.max_words == 0)[:, 0], [count]], axis=0)
        pieces = sentences.with_flat_values((lengths + self.max_words - 1) // self.max_words)
        pieces_of_text = tf.reduce_sum(pieces, axis=1)

        def arrange(values: tf.Tensor) -> tf.Tensor:
            rows = tf.RaggedTensor.from_row_splits(values, splits)
            texts = tf.RaggedTensor.from_row_lengths(rows, pieces_of_text)
            return texts[:, : self.max_sentences].to_tensor(token_ids.PAD)

        return arrange
