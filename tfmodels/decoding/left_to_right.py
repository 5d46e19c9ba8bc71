"""The loop of decoders that keep one sequence per row."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import Phrases, forced_tokens, mask_forbidden_tokens
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.step_model import StepModel
from tfmodels.decoding.token_loop import Advance, Cache, Sequences, decode_sequences
from tfmodels.token_ids import END, PAD, START


def decode_left_to_right(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    choose: Callable[..., tf.Tensor],
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
    no_repeat_phrase: Phrases | None = None,
    settings: tuple[tf.Tensor, ...] = (),
) -> Decoded:
    """Decodes token by token until all rows have ended.

    Args:
        model: The model.
        memory: What `model.encode` returned, `batch` rows.
        limits: int32 `[batch]`, the maximum number of tokens before `</s>`.
        choose: Chooses the next tokens, int32 `[rows]`, from the logits, float32 `[rows, vocab]` with the lowest
            float32 at forbidden tokens, the position, int32, and the `settings` of these rows.
        prefix: See `forced_tokens`.
        no_repeat_ngram: See `mask_forbidden_tokens`.
        no_repeat_phrase: See `mask_forbidden_tokens`.
        settings: `[batch, ...]` each, further arguments of `choose`.

    Returns:
        `Decoded` with as many time steps as the largest limit; `score` is the log-probability under the full softmax.

    Example:
        `decode_left_to_right(model, memory, limits, lambda logits, _: tf.argmax(logits, 1, tf.int32))`
    """
    batch = tf.shape(limits)[0]
    constraints = (limits,) if prefix is None else (limits, prefix)
    time = tf.maximum(tf.reduce_max(limits), 0)  # the maximum over no rows is the lowest int32

    def advance_with(settings: tuple[tf.Tensor, ...], constants: Cache) -> Advance:
        constraints, *choice_settings = settings

        def advance(position: tf.Tensor, written: Cache, sequences: Sequences) -> tuple[Cache, Sequences]:
            logits, after = model.step(sequences.tokens[:, None], {**constants, **written}, position)
            logits = logits[:, 0]  # [rows, vocab]
            ids, length, score = sequences.result
            forced = forced_tokens(position, *constraints)
            allowed = mask_forbidden_tokens(logits, ids, position, forced, no_repeat_ngram, no_repeat_phrase)
            tokens = choose(allowed, position, *choice_settings)
            log_probability = tf.gather(logits, tokens, batch_dims=1) - tf.reduce_logsumexp(logits, axis=-1)
            score += tf.where(sequences.done, 0.0, log_probability)
            done = sequences.done | (tokens == END)
            tokens = tf.where(done, PAD, tokens)
            ids = tf.where(tf.range(time) == position, tokens[:, None], ids)
            length += tf.cast(~done, tf.int32)
            return {part: after[part] for part in written}, Sequences(tokens, done, Decoded(ids, length, score))

        return advance

    empty = Decoded(tf.zeros([batch, time], tf.int32), tf.zeros([batch], tf.int32), tf.zeros([batch]))
    sequences = Sequences(tf.fill([batch], START), tf.zeros([batch], tf.bool), empty)
    cache = model.start(memory, time + 1)
    return decode_sequences(advance_with, tf.constant(0), (constraints, *settings), cache, sequences)
