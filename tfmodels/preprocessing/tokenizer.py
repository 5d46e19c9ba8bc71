"""What all tokenizers share."""

import tensorflow as tf

from tfmodels import token_ids
from tfmodels.preprocessing.unicode_form import composed, composed_with_places

_BYTES_OF_TOKEN = 2**12  # more than tokens have
Spans = tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]  # ids, start bytes, end bytes


def head(texts: tf.Tensor, tokens: int) -> tf.Tensor:
    """Cuts texts to what some tokens may need, so that to keep a few tokens of megabytes takes no seconds.

    Args:
        texts: string `[batch]`.
        tokens: How many tokens are kept, of 4,096 bytes at most on average.

    Returns:
        string `[batch]`.

    Example:
        `head(tf.constant(["A dog."]), 128)` -> `["A dog."]`
    """
    return tf.strings.substr(texts, 0, _BYTES_OF_TOKEN * tokens)


class Tokenizer(tf.Module):
    """Converts text to ids with graph operations, for training and inside exports.

    Ids 0 to 3 are those of `tfmodels.token_ids`. Any text is accepted: an empty one becomes `</s>` alone, and
    bytes that are not UTF-8 are tokenized like other characters.

    Args:
        normalize: Whether the characters of texts are composed first (NFC), so that "é" is the same token however it
            was typed. The vocabulary must have been learnt from such texts.

    Attributes:
        size: Number of ids.
        has_unknown: Whether some texts have tokens that the vocabulary lacks, `<unk>`.

    A subclass defines `size`, `pieces`, `spans` and, if that is faster without offsets, `tokens`.
    """

    size: int
    has_unknown = True

    def __init__(self, normalize: bool = True) -> None:
        super().__init__()
        self.normalize = normalize

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Tokenizes string `[batch]` to int32 `[batch, (time)]`, without `</s>` and of any length."""
        return self.tokens(composed(texts) if self.normalize else texts)

    def tokenize_with_offsets(self, texts: tf.Tensor) -> Spans:
        """Like `tokenize`, with the byte offsets at which tokens start and end, int32 `[batch, (time)]` each."""
        if not self.normalize:
            return self.spans(texts)
        text, place = composed_with_places(texts)
        ids, starts, ends = self.spans(text)
        return ids, place(starts), place(ends)

    def tokens(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """As `tokenize`, of texts that are composed already."""
        return self.spans(texts)[0]

    def spans(self, texts: tf.Tensor) -> Spans:
        """As `tokenize_with_offsets`, of texts that are composed already."""
        raise NotImplementedError

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """The piece of text of each id, valid UTF-8 in the shape of `ids`; empty for padding."""
        raise NotImplementedError

    def ragged_ids(self, texts: tf.Tensor, max_length: int) -> tf.RaggedTensor:
        """Tokenizes string `[batch]` to int32 `[batch, (time)]`: at most `max_length` ids, the last of them `</s>`."""
        ends = tf.fill([tf.size(texts), 1], token_ids.END)
        return tf.concat([self.tokenize(head(texts, max_length))[:, : max_length - 1], ends], axis=1)

    def ids(self, texts: tf.Tensor, max_length: int) -> tf.Tensor:
        """Like `ragged_ids`, padded with 0 on the right: int32 `[batch, time]`."""
        return self.ragged_ids(texts, max_length).to_tensor(token_ids.PAD)

    def offsets(self, texts: tf.Tensor, max_length: int) -> tuple[tf.Tensor, tf.Tensor]:
        """The byte offsets of the tokens of `ids` in their texts.

        Args:
            texts: string `[batch]`.
            max_length: As for `ids`.

        Returns:
            Starts and ends, int32 `[batch, time]`; ends are exclusive. Both are the length of the text for `</s>` and 0
            for padding.

        Example:
            >>> starts, ends = words.offsets(tf.constant(["A dog."]), max_length=128)
            >>> starts, ends        # [[0, 2, 5, 6]], [[1, 5, 6, 6]]
        """
        _, *sides = self.tokenize_with_offsets(head(texts, max_length))
        length = tf.strings.length(texts)[:, tf.newaxis]
        starts, ends = (tf.concat([side[:, : max_length - 1], length], axis=1).to_tensor(0) for side in sides)
        return starts, ends

    def vocabulary(self) -> list[str]:
        """The pieces of all ids, in the order of the ids."""
        return [piece.decode() for piece in self.pieces(tf.range(self.size)).numpy()]
