"""Documents as sentences of tokens."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels import token_ids
from tfmodels.preprocessing.regex_split import Parts, regex_split
from tfmodels.preprocessing.tokenizer import Tokenizer

_BLANKS = r"[\s\p{Z}]"
# A sentence runs to the first mark with a blank behind it, to a mark of East Asia, to a line's end or to the text's.
_SENTENCE = rf"""(?s:.+?)(?:[.!?…]+["'”’»)\]]*(?:{_BLANKS}+|$)|[。！？]+[」』”’]*|[\r\n]{_BLANKS}*|$)"""


class Sentences(tf.Module):
    """Text to ids of its sentences' tokens, for models that read sentences and then documents.

    A sentence ends where a full stop, an exclamation or a question mark has a blank behind it, and at the end of a
    line. An abbreviation may so end one too early, which costs little: of what is cut nothing is lost. One of more than
    `max_words` tokens goes on in the next.

    Args:
        tokenizer: Of the sentences; their `</s>` is left out.
        max_sentences: Most sentences of a text; those behind are not read.
        max_words: Most tokens of a sentence.

    Example:
        >>> sentences = Sentences(words, max_sentences=200, max_words=40)
        >>> sentences.pieces(sentences.ids(tf.constant(["A dog. It runs."])))     # [[["a", "dog", "."], ["it", ...]]]
    """

    def __init__(self, tokenizer: Tokenizer, max_sentences: int, max_words: int) -> None:
        super().__init__()
        for name, limit in {"max_sentences": max_sentences, "max_words": max_words}.items():
            if limit < 1:
                raise ValueError(f"Expected `{name}` to be at least 1. Received: {name}={limit}")
        self.tokenizer = tokenizer
        self.max_sentences = max_sentences
        self.max_words = max_words

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:
        """The sentences of string `[batch]` with the blanks behind them, string `[batch, (sentences)]`, and offsets."""
        return regex_split(texts, _SENTENCE, r"(?s:.*)")

    def ids(self, texts: tf.Tensor) -> tf.Tensor:
        """Tokenises string `[batch]` to int32 `[batch, sentences, words]`, padded with 0; both within their limits.

        A text without a token is nothing but padding.
        """
        sentences = self._sentences(texts)[0]
        tokens = self.tokenizer.tokenize(sentences.flat_values)
        return self._cut(sentences, tokens)(tokens.flat_values)

    def offsets(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Starts and ends of the tokens of `ids` as bytes of their texts, int32 likewise; 0 for padding."""
        sentences, first = self._sentences(texts)
        tokens, starts, ends = self.tokenizer.tokenize_with_offsets(sentences.flat_values)
        cut = self._cut(sentences, tokens)
        before = tf.gather(first.flat_values, tokens.value_rowids())
        return cut(starts.flat_values + before), cut(ends.flat_values + before)

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """The token of each id, see `Tokenizer`."""
        return self.tokenizer.pieces(ids)

    def _sentences(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """The sentences that may be read and the bytes at which they start, `[batch, (sentences)]`."""
        sentences, starts, _ = self.split(texts)
        return sentences[:, : self.max_sentences], starts[:, : self.max_sentences]

    def _cut(self, sentences: tf.RaggedTensor, tokens: tf.RaggedTensor) -> Callable[[tf.Tensor], tf.Tensor]:
        """How to arrange a number for each token, `[tokens]`, as `[batch, sentences, words]`."""
        lengths = tokens.row_lengths()
        count = tf.reduce_sum(lengths)
        place = tf.range(count) - tf.gather(tokens.row_starts(), tokens.value_rowids())
        splits = tf.concat([tf.where(place % self.max_words == 0)[:, 0], [count]], axis=0)
        pieces = sentences.with_flat_values((lengths + self.max_words - 1) // self.max_words)
        pieces_of_text = tf.reduce_sum(pieces, axis=1)

        def arrange(values: tf.Tensor) -> tf.Tensor:
            rows = tf.RaggedTensor.from_row_splits(values, splits)
            texts = tf.RaggedTensor.from_row_lengths(rows, pieces_of_text)
            return texts[:, : self.max_sentences].to_tensor(token_ids.PAD)

        return arrange
