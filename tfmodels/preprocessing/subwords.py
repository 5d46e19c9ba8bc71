"""SentencePiece subwords as graph operations."""

import tensorflow as tf
import tensorflow_text as tf_text

from tfmodels import token_ids
from tfmodels.preprocessing.tokenizer import Tokenizer


class Subwords(Tokenizer):
    """Text to ids and back (Kudo and Richardson, 2018); see `Tokenizer`.

    Any text comes back as it was, except that blanks (U+0020) at its start are lost, that U+2581, which stands for a
    blank in the pieces, becomes one, and that bytes which are not UTF-8 become U+FFFD.

    `tf.random.set_seed` and `keras.utils.set_random_seed` empty TensorFlow's cache of kernels, and with it this object
    and the functions traced with it: make it anew afterwards. Loaded exports are not affected.

    Args:
        model: Bytes of a SentencePiece model, of `train_subwords`.

    Attributes:
        size: Number of ids.

    Example:
        >>> subwords = Subwords(Path("subwords.model").read_bytes())
        >>> ids = subwords.ids(tf.constant(["A dog."]), max_length=128)     # [1, time], ends with </s>
        >>> subwords.text(ids)                                              # [b"A dog."]
    """

    def __init__(self, model: bytes) -> None:
        super().__init__()
        self._tokenizer = tf_text.SentencepieceTokenizer(model, out_type=tf.int32)
        self.size = int(self._tokenizer.vocab_size())

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:  # noqa: D102
        return self._tokenizer.tokenize(texts)

    def tokenize_with_offsets(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """As `tokenize`, with offsets: those of a piece leave out the blanks before its word.

        Of a character that is spelt in bytes one piece has the bytes, and the others have none.
        """
        ids, starts, ends = self._tokenizer.tokenize_with_offsets(texts)
        rows = tf.gather(texts, ids.value_rowids())
        start, end = (tf.cast(side.flat_values, tf.int32) for side in (starts, ends))
        spelt = tf.strings.substr(rows, start, end - start)
        start = end - tf.strings.length(tf.strings.regex_replace(spelt, "^ +", ""))
        return ids, starts.with_flat_values(start), ends.with_flat_values(end)

    def text(self, ids: tf.Tensor) -> tf.Tensor:
        """Joins int32 `[batch, time]` to valid UTF-8, string `[batch]`; padding and `</s>` give nothing."""
        joined = self._tokenizer.detokenize(ids)
        return tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8", errors="replace")

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        pieces = self._tokenizer.id_to_string(ids)
        pieces = tf.strings.unicode_transcode(pieces, "UTF-8", "UTF-8", errors="replace")
        return tf.where(tf.equal(ids, token_ids.PAD), "", pieces)
