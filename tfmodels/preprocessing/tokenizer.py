"""What all tokenizers share: rows of ids that end in `</s>`, and where in the text their tokens stand."""

import tensorflow as tf

from tfmodels import token_ids


class Tokenizer(tf.Module):
    """Text to ids as graph operations: the same object tokenises for training and in an export.

    Ids 0 to 3 are those of `tfmodels.token_ids`. No text is refused: an empty one is the token `</s>` alone, and bytes
    that are not UTF-8 are tokens like others.

    Attributes:
        size: Number of ids.

    A subclass defines `size`, `tokenize`, `tokenize_with_offsets` and `pieces`.
    """

    size: int

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Tokenises string `[batch]` to int32 `[batch, (time)]`, without `</s>` and without a limit."""
        return self.tokenize_with_offsets(texts)[0]

    def tokenize_with_offsets(self, texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """As `tokenize`, with the first byte of each token in its text and the one behind its last, int32 likewise."""
        raise NotImplementedError

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """The token of each id, valid UTF-8 in the shape of `ids`; padding gives the empty string."""
        raise NotImplementedError

    def ragged_ids(self, texts: tf.Tensor, max_length: int) -> tf.RaggedTensor:
        """Tokenises string `[batch]` to int32 `[batch, (time)]`: at most `max_length` ids, the last of them `</s>`."""
        ends = tf.fill([tf.size(texts), 1], token_ids.END)
        return tf.concat([self.tokenize(texts)[:, : max_length - 1], ends], axis=1)

    def ids(self, texts: tf.Tensor, max_length: int) -> tf.Tensor:
        """As `ragged_ids`, padded with 0 on the right: int32 `[batch, time]`."""
        return self.ragged_ids(texts, max_length).to_tensor(token_ids.PAD)

    def offsets(self, texts: tf.Tensor, max_length: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Where the tokens of `ids` stand in their texts.

        Args:
            texts: string `[batch]`.
            max_length: As for `ids`.

        Returns:
            Starts and ends, int32 `[batch, time]`: a token spells the bytes from its start to before its end. Both are
            the length of the text for `</s>` and 0 for padding.

        Example:
            >>> starts, ends = words.offsets(tf.constant(["A dog."]), max_length=128)
            >>> starts, ends        # [[0, 2, 5, 6]], [[1, 5, 6, 6]]
        """
        _, *sides = self.tokenize_with_offsets(texts)
        length = tf.strings.length(texts)[:, tf.newaxis]
        starts, ends = (tf.concat([side[:, : max_length - 1], length], axis=1).to_tensor(0) for side in sides)
        return starts, ends

    def vocabulary(self) -> list[str]:
        """The pieces of all ids, in their order."""
        return [piece.decode() for piece in self.pieces(tf.range(self.size)).numpy()]
