"""Greedy search: the most probable next token, step by step."""

import tensorflow as tf

from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.left_to_right import decode_left_to_right
from tfmodels.decoding.step_model import StepModel


def greedy(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
) -> Decoded:
    """Decodes by taking the most probable token at each step.

    Works eagerly, in a `tf.function` and in an export. A row's answer does not depend on the rows beside it; the
    loop stops when every row has ended.

    Args:
        model: The model.
        memory: What `model.encode` gave, `batch` rows.
        limits: int32 `[batch]`, the most tokens before `</s>`. There `</s>` is forced, with its true probability;
            a limit of 0 gives the empty text.
        prefix: int32 `[batch, n]`, the tokens that each answer starts with, right-padded with 0, an empty row = none.
            Forced with their true probability, up to the limit; a prefix that ends with `</s>` is the whole answer.
        no_repeat_ngram: Size of the n-grams that must not occur twice in an answer; 0 = any may. A prefix may repeat
            itself.

    Returns:
        `Decoded`, time axis as long as the largest limit; `score` is the log-probability, without length penalty.

    Raises:
        ValueError: `no_repeat_ngram` is below 0.

    Example:
        `decoded = greedy(model, model.encode(source), limits=tf.fill([batch], 64))`
    """

    def most_probable(logits: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
        return tf.argmax(logits, axis=-1, output_type=tf.int32)

    return decode_left_to_right(model, memory, limits, most_probable, prefix, no_repeat_ngram)
