"""The decoders that keep one text for each row."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import allowed_tokens, forced_tokens
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.step_model import StepModel
from tfmodels.decoding.token_loop import Advance, Cache, Texts, decode_texts
from tfmodels.token_ids import END, PAD, START


def decode_left_to_right(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    choose: Callable[..., tf.Tensor],
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
    settings: tuple[tf.Tensor, ...] = (),
) -> Decoded:
    """Decodes token by token; the loop stops when every row has ended.

    Args:
        model: The model.
        memory: What `model.encode` gave, `batch` rows.
        limits: int32 `[batch]`, the most tokens before `</s>`.
        choose: Takes the logits, float32 `[rows, vocab]`, the lowest float32 where a token is not allowed, the
            position, int32, and the `settings` of these rows; returns the chosen tokens, int32 `[rows]`.
        prefix: See `forced_tokens`.
        no_repeat_ngram: See `allowed_tokens`.
        settings: `[batch, ...]` each, what `choose` has to know of a row.

    Returns:
        `Decoded`, time axis as long as the largest limit; `score` is the log-probability by the full softmax.

    Example:
        `decode_left_to_right(model, memory, limits, lambda logits, _: tf.argmax(logits, 1, tf.int32))`
    """
    batch = tf.shape(limits)[0]
    constraints = (limits,) if prefix is None else (limits, prefix)
    time = tf.maximum(tf.reduce_max(limits), 0)  # the maximum of no rows is the lowest int32

    def advance_with(settings: tuple[tf.Tensor, ...], constants: Cache) -> Advance:
        constraints, *of_choice = settings

        def advance(position: tf.Tensor, written: Cache, texts: Texts) -> tuple[Cache, Texts]:
            logits, after = model.step(texts.tokens[:, None], {**constants, **written}, position)
            logits = logits[:, 0]  # [rows, vocab]
            ids, length, score = texts.answer
            allowed = allowed_tokens(logits, ids, position, forced_tokens(position, *constraints), no_repeat_ngram)
            tokens = choose(allowed, position, *of_choice)
            log_probability = tf.gather(logits, tokens, batch_dims=1) - tf.reduce_logsumexp(logits, axis=-1)
            score += tf.where(texts.done, 0.0, log_probability)
            done = texts.done | (tokens == END)
            tokens = tf.where(done, PAD, tokens)
            ids = tf.where(tf.range(time) == position, tokens[:, None], ids)
            length += tf.cast(~done, tf.int32)
            return {part: after[part] for part in written}, Texts(tokens, done, Decoded(ids, length, score))

        return advance

    nothing = Decoded(tf.zeros([batch, time], tf.int32), tf.zeros([batch], tf.int32), tf.zeros([batch]))
    texts = Texts(tf.fill([batch], START), tf.zeros([batch], tf.bool), nothing)
    cache = model.start(memory, time + 1)
    return decode_texts(advance_with, tf.constant(0), (constraints, *settings), cache, texts)
