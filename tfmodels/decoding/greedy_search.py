"""Greedy search: the most probable token at each step."""

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import Phrases
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.left_to_right import decode_left_to_right
from tfmodels.decoding.step_model import StepModel


def greedy(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
    no_repeat_phrase: Phrases | None = None,
) -> Decoded:
    """Decodes by choosing the most probable token at each step.

    Works eagerly, in a `tf.function` and in an export. The result of a row does not depend on the rest of the batch.
    The loop stops when all rows have ended.

    Args:
        model: The model.
        memory: What `model.encode` returned, `batch` rows.
        limits: int32 `[batch]`, the maximum number of tokens before `</s>`. At the limit `</s>` is forced, and counts
            with its probability; a limit of 0 gives the empty sequence.
        prefix: int32 `[batch, n]`, the tokens that each sequence starts with, right-padded with 0; None or a row of 0
            for none. They are forced, up to the limit, and count with their probabilities. A prefix that ends with
            `</s>` is the whole sequence.
        no_repeat_ngram: Size of the n-grams that must not occur twice in a sequence; 0 = no restriction. A prefix may
            repeat n-grams.
        no_repeat_phrase: Phrases that must not follow themselves at once; None = no restriction. A prefix may repeat
            phrases.

    Returns:
        `Decoded` with as many time steps as the largest limit; `score` is the log-probability, without length penalty.

    Raises:
        ValueError: `no_repeat_ngram` is below 0, or `no_repeat_phrase.fewest` not from 1 to 32.

    Example:
        `decoded = greedy(model, model.encode(source), limits=tf.fill([batch], 64))`
    """

    def most_probable(logits: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
        return tf.argmax(logits, axis=-1, output_type=tf.int32)

    return decode_left_to_right(model, memory, limits, most_probable, prefix, no_repeat_ngram, no_repeat_phrase)
