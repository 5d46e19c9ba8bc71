"""SentencePiece subwords."""

import tensorflow as tf
import tensorflow_text as tf_text

from tfmodels import token_ids
from tfmodels.preprocessing.tokenizer import Spans, Tokenizer


class Subwords(Tokenizer):
    """Converts text to ids and back (SentencePiece; Kudo and Richardson, 2018); see `Tokenizer`.

    Decoding restores any text, its characters composed, except that leading spaces (U+0020) are lost, U+2581, which
    stands for a space in the pieces, becomes a space, and bytes that are not UTF-8 become U+FFFD.

    `tf.random.set_seed` and `keras.utils.set_random_seed` clear TensorFlow's cache of kernels, which breaks this object
    and the functions traced with it: make a new one afterwards. Loaded exports are not affected.

    Args:
        model: Content of a SentencePiece model file, see `train_subwords`. It leaves characters as they are.
        normalize: As the subwords were learnt, see `Tokenizer`.

    Attributes:
        size: Number of ids.

    Example:
        >>> subwords = Subwords(Path("subwords.model").read_bytes())
        >>> ids = subwords.ids(tf.constant(["A dog."]), max_length=128)     # [1, time], ends with </s>
        >>> subwords.text(ids)                                              # [b"A dog."]
    """

    has_unknown = False  # other characters are encoded as bytes

    def __init__(self, model: bytes, normalize: bool = True) -> None:
        super().__init__(normalize)
        self._tokenizer = tf_text.SentencepieceTokenizer(model, out_type=tf.int32)
        self.size = int(self._tokenizer.vocab_size())

    def tokens(self, texts: tf.Tensor) -> tf.RaggedTensor:  # noqa: D102
        return self._tokenizer.tokenize(texts)

    def spans(self, texts: tf.Tensor) -> Spans:
        """Like `tokens`, with byte offsets that leave out the spaces before a word.

        Of the pieces of a character that is encoded as bytes, one spans the character and the others are empty.
        """
        ids, starts, ends = self._tokenizer.tokenize_with_offsets(texts)
        start, end = (tf.cast(side.flat_values, tf.int32) for side in (starts, ends))
        first = tf.gather(tf.cumsum(tf.strings.length(texts), exclusive=True), ids.value_rowids())
        start = tf.minimum(_next_letters(texts, first + start) - first, end)
        return ids, starts.with_flat_values(start), ends.with_flat_values(end)

    def text(self, ids: tf.Tensor) -> tf.Tensor:
        """Decodes int32 `[batch, time]` to valid UTF-8, string `[batch]`, without padding and `</s>`."""
        joined = self._tokenizer.detokenize(ids)
        return tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8", errors="replace")

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        pieces = self._tokenizer.id_to_string(ids)
        pieces = tf.strings.unicode_transcode(pieces, "UTF-8", "UTF-8", errors="replace")
        return tf.where(tf.equal(ids, token_ids.PAD), "", pieces)


def _next_letters(texts: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """The first byte from each place on that is no space, of texts as one; without a copy of a text for each place."""
    content = tf.io.decode_raw(tf.strings.reduce_join(texts), tf.uint8)
    is_letter = content != ord(" ")
    letters = tf.concat([tf.cast(tf.where(is_letter)[:, 0], tf.int32), [tf.size(content)]], axis=0)
    before = tf.concat([[0], tf.cumsum(tf.cast(is_letter, tf.int32))], axis=0)
    return tf.gather(letters, tf.gather(before, places))
