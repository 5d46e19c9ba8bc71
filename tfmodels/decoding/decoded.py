"""What a decoder returns."""

from typing import NamedTuple

import tensorflow as tf


class Decoded(NamedTuple):
    """The sequences that a decoder found.

    `greedy` and `sample` return the shapes below; `beam_search` adds a beam axis after the batch axis, best first.

    Attributes:
        ids: int32 `[batch, time]`, without `</s>`; 0 beyond `length`.
        length: int32 `[batch]`, the number of tokens without `</s>`.
        score: float32 `[batch]`, the natural logarithm of the probability of the tokens and `</s>`, divided by the
            length penalty, plus the coverage penalty; always finite.

    Example:
        `texts = subwords.text(greedy(model, memory, limits).ids)`
    """

    ids: tf.Tensor
    length: tf.Tensor
    score: tf.Tensor
