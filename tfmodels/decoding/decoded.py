"""What a decoder returns."""

from typing import NamedTuple

import tensorflow as tf


class Decoded(NamedTuple):
    """Texts found by a decoder, as ids.

    `greedy` and `sample` give the shapes below; `beam_search` has a beam axis after the batch axis in all three, best
    first.

    Attributes:
        ids: int32 `[batch, time]`, without `</s>`; 0 past `length`.
        length: int32 `[batch]`, the number of tokens without `</s>`.
        score: float32 `[batch]`, the natural-log probability of the text and its `</s>` divided by the length
            penalty, plus the coverage penalty; always finite.

    Example:
        `texts = subwords.text(greedy(model, memory, limits).ids)`
    """

    ids: tf.Tensor
    length: tf.Tensor
    score: tf.Tensor
