"""SentencePiece subwords as graph operations: the same object tokenises for training and in an export."""

import tensorflow as tf
import tensorflow_text as tf_text

from tfmodels import token_ids


class Subwords(tf.Module):
    """Text to ids and back (Kudo and Richardson, 2018).

    Ids 0 to 3 are those of `tfmodels.token_ids`. Any text comes back as it was, except that blanks (U+0020) at its
    start are lost, that U+2581, which stands for a blank in the pieces, becomes one, and that bytes which are not UTF-8
    become U+FFFD.

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

    def ragged_ids(self, texts: tf.Tensor, max_length: int) -> tf.RaggedTensor:
        """Tokenises string `[batch]` to int32 `[batch, (time)]`: at most `max_length` ids, the last of them `</s>`."""
        pieces = self._tokenizer.tokenize(texts)[:, : max_length - 1]
        ends = tf.fill([tf.size(texts), 1], token_ids.END)
        return tf.concat([pieces, ends], axis=1)

    def ids(self, texts: tf.Tensor, max_length: int) -> tf.Tensor:
        """As `ragged_ids`, padded with 0 on the right: int32 `[batch, time]`."""
        return self.ragged_ids(texts, max_length).to_tensor(token_ids.PAD)

    def text(self, ids: tf.Tensor) -> tf.Tensor:
        """Joins int32 `[batch, time]` to valid UTF-8, string `[batch]`; padding and `</s>` give nothing."""
        joined = self._tokenizer.detokenize(ids)
        return tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8", errors="replace")

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """The piece of each id, valid UTF-8 in the shape of `ids`; padding gives the empty string."""
        pieces = self._tokenizer.id_to_string(ids)
        pieces = tf.strings.unicode_transcode(pieces, "UTF-8", "UTF-8", errors="replace")
        return tf.where(tf.equal(ids, token_ids.PAD), "", pieces)

    def vocabulary(self) -> list[str]:
        """The pieces of all ids, in their order."""
        return [piece.decode() for piece in self.pieces(tf.range(self.size)).numpy()]
