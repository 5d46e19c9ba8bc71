"""The loop of the decoders that keep one text for each row."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import allowed_tokens, forced_tokens
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.loop_state import with_shapes_of
from tfmodels.decoding.step_model import StepModel
from tfmodels.token_ids import END, PAD, START


def decode_left_to_right(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    choose: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
) -> Decoded:
    """Decodes token by token; the loop stops when every row has ended.

    Args:
        model: The model.
        memory: What `model.encode` gave, `batch` rows.
        limits: int32 `[batch]`, the most tokens before `</s>`.
        choose: Takes the logits, float32 `[batch, vocab]`, the lowest float32 where a token is not allowed, and the
            position, int32; returns the chosen tokens, int32 `[batch]`.
        prefix: See `forced_tokens`.
        no_repeat_ngram: See `allowed_tokens`.

    Returns:
        `Decoded`, time axis as long as the largest limit; `score` is the log-probability by the full softmax.

    Example:
        `decode_left_to_right(model, memory, limits, lambda logits, _: tf.argmax(logits, 1, tf.int32))`
    """
    batch = tf.shape(limits)[0]
    time = tf.maximum(tf.reduce_max(limits), 0)  # the maximum of no rows is the lowest int32

    def unfinished(position: tf.Tensor, tokens: tf.Tensor, cache: dict[str, Any], done: tf.Tensor, _: Decoded) -> Any:
        return ~tf.reduce_all(done)

    def advance(position: tf.Tensor, tokens: tf.Tensor, cache: dict[str, Any], done: tf.Tensor, sofar: Decoded) -> Any:
        logits, after = model.step(tokens[:, None], {"memory": constants, **cache}, position)
        cache = {part: after[part] for part in cache}
        logits = logits[:, 0]  # [batch, vocab]
        forced = forced_tokens(position, limits, prefix)
        tokens = choose(allowed_tokens(logits, sofar.ids, position, forced, no_repeat_ngram), position)
        log_probability = tf.gather(logits, tokens, batch_dims=1) - tf.reduce_logsumexp(logits, axis=-1)
        score = sofar.score + tf.where(done, 0.0, log_probability)
        done |= tokens == END
        tokens = tf.where(done, PAD, tokens)
        ids = tf.where(tf.range(time) == position, tokens[:, None], sofar.ids)
        length = sofar.length + tf.cast(~done, tf.int32)
        return position + 1, tokens, cache, done, Decoded(ids, length, score)

    cache = model.start(memory, time + 1)
    constants = cache.pop("memory")  # the loop does not carry what stays as it is
    state = (
        tf.constant(0),
        tf.fill([batch], START),
        cache,
        tf.zeros([batch], tf.bool),
        Decoded(tf.zeros([batch, time], tf.int32), tf.zeros([batch], tf.int32), tf.zeros([batch])),
    )
    *_, decoded = tf.while_loop(
        unfinished, lambda *before: with_shapes_of(before, advance(*before)), state, parallel_iterations=1
    )
    return decoded
