"""Greedy search: the most probable next token, step by step."""

from typing import Any

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import allowed_tokens
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.step_model import StepModel
from tfmodels.token_ids import END, PAD, START


def greedy(model: StepModel, memory: dict[str, tf.Tensor], limits: tf.Tensor) -> Decoded:
    """Decodes by taking the most probable token at each step.

    Works eagerly, in a `tf.function` and in an export. A row's answer does not depend on the rows beside it; the
    loop stops when every row has ended.

    Args:
        model: The model.
        memory: What `model.encode` gave, `batch` rows.
        limits: int32 `[batch]`, the most tokens before `</s>`. There `</s>` is forced, with its true probability;
            a limit of 0 gives the empty text.

    Returns:
        `Decoded`, time axis as long as the largest limit; `score` is the log-probability, without length penalty.

    Example:
        `decoded = greedy(model, model.encode(source), limits=tf.fill([batch], 64))`
    """
    batch = tf.shape(limits)[0]
    time = tf.maximum(tf.reduce_max(limits), 0)  # the maximum of no rows is the lowest int32

    def unfinished(position: tf.Tensor, tokens: tf.Tensor, cache: dict[str, Any], done: tf.Tensor, _: Decoded) -> Any:
        return ~tf.reduce_all(done)

    def advance(position: tf.Tensor, tokens: tf.Tensor, cache: dict[str, Any], done: tf.Tensor, sofar: Decoded) -> Any:
        logits, cache = model.step(tokens[:, None], cache, tf.fill([batch], position))
        logits = logits[:, 0]  # [batch, vocab]
        tokens = tf.argmax(allowed_tokens(logits, position >= limits), axis=-1, output_type=tf.int32)
        log_probability = tf.gather(logits, tokens, batch_dims=1) - tf.reduce_logsumexp(logits, axis=-1)
        score = sofar.score + tf.where(done, 0.0, log_probability)
        done |= tokens == END
        tokens = tf.where(done, PAD, tokens)
        ids = tf.where(tf.range(time) == position, tokens[:, None], sofar.ids)
        length = sofar.length + tf.cast(~done, tf.int32)
        return position + 1, tokens, cache, done, Decoded(ids, length, score)

    state = (
        tf.constant(0),
        tf.fill([batch], START),
        model.start(memory, time + 1),
        tf.zeros([batch], tf.bool),
        Decoded(tf.zeros([batch, time], tf.int32), tf.zeros([batch], tf.int32), tf.zeros([batch])),
    )
    *_, decoded = tf.while_loop(unfinished, advance, state, parallel_iterations=1)
    return decoded
