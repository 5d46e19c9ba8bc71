"""What a classifier sees of a text, the same in training and in an export."""

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from pipelines import text_tokens
from pipelines.runs import Run

if TYPE_CHECKING:
    from tfmodels.preprocessing import Characters, Subwords, Words


class TextInputs:
    """Texts as rows of tokens.

    Args:
        tokens: Cuts texts into ids.
        max_length: Tokens of a text, `</s>` included.
    """

    def __init__(self, tokens: "Subwords | Words | Characters", max_length: int) -> None:
        self.tokens = tokens
        self.max_length = max_length

    def ids(self, text: tf.Tensor) -> tf.Tensor:
        """What the network takes, of string `[batch]`: int32 `[batch, time]`."""
        return self.tokens.ids(text, self.max_length)

    def kept(self, text: tf.Tensor) -> tf.RaggedTensor:
        """What is kept of texts on disk, int32 `[batch, (time)]`."""
        return self.tokens.ragged_ids(text, self.max_length)

    def restored(self, rows: np.ndarray) -> np.ndarray:
        """What the network takes, of rows that were kept, int32 `[rows, time]` padded with 0."""
        return rows

    def offsets(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """First byte of each token and the one behind its last, int32 in the shape of `ids`."""
        return self.tokens.offsets(text, self.max_length)

    def flat(self, ids: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """Values in the shape of `ids` as `[batch, max_length]`: those of tokens, then 0 or empty strings."""
        return _fixed(values, self.max_length)


def make(config: Any, run: Run) -> TextInputs:
    """What the classifier of a prepared run sees.

    Args:
        config: Of `sentiment`.
        run: The run.

    Returns:
        The inputs.

    Raises:
        FileNotFoundError: If the run has no tokens.
    """
    return TextInputs(text_tokens.read(run), config.max_length)


def _fixed(values: tf.Tensor, length: int) -> tf.Tensor:
    """Pads the second axis to a length, or cuts it there."""
    values = values[:, :length]
    padded = tf.pad(values, [[0, 0], [0, length - tf.shape(values)[1]]])
    return tf.ensure_shape(padded, [None, length])
