"""Beam search with length and coverage penalties."""

from typing import Any, NamedTuple

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import NEVER_CHOSEN, Phrases, forced_tokens, mask_forbidden_tokens, never_chosen
from tfmodels.decoding.cache_rows import repeat_history, select_rows
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.step_model import StepModel
from tfmodels.decoding.token_loop import Advance, Cache, Sequences, decode_sequences
from tfmodels.decoding.top_tokens import top_tokens
from tfmodels.token_ids import END, PAD, START

IMPOSSIBLE = -1e9  # log-probability and score of a hypothesis that does not exist; finite, as JSON has no infinity
_MIN_COVERAGE = 1e-9  # of a source position without any attention, so that no penalty is infinite
_MAX_BETA = 1e3  # keeps all scores far above IMPOSSIBLE


class _Alive(NamedTuple):
    """The unfinished hypotheses; `alive` is 1 before the first token, then the beam size."""

    ids: tf.Tensor  # int32 [batch, alive, time]
    log_probability: tf.Tensor  # float32 [batch, alive]


class _Candidates(NamedTuple):
    """Alive hypotheses, each extended by one token; best first."""

    parent: tf.Tensor  # int32 [batch, candidates], the alive hypothesis that is extended
    token: tf.Tensor  # int32 [batch, candidates]
    log_probability: tf.Tensor  # float32 [batch, candidates]


def beam_search(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    beam_size: int = 4,
    length_penalty: tf.Tensor | float = 0.6,
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
    coverage_penalty: tf.Tensor | float = 0.0,
    no_repeat_phrase: Phrases | None = None,
) -> Decoded:
    """Decodes by keeping the `beam_size` best unfinished hypotheses at each step.

    Of the `2 * beam_size` best extensions of a step, those that end with `</s>` and are among the first `beam_size`
    are finished; the best of the others stay alive. Finished hypotheses are ranked by their score (Wu et al., 2016,
    "Google's Neural Machine Translation System", eq. 14)

        log-probability / ((5 + n) / 6) ** length_penalty + coverage_penalty * sum_j log(min(coverage_j, 1))

    where n is the number of tokens including `</s>`, and coverage_j is the sum of the attention weights of source
    position j over these tokens, at least 1e-9. Alive hypotheses are ranked by log-probability. With one beam and no
    penalty this is greedy search.

    Works eagerly, in a `tf.function` and in an export. The result of a row does not depend on the rest of the batch,
    and the search for it stops as soon as it cannot improve.

    Args:
        model: The model.
        memory: What `model.encode` returned, `batch` rows.
        limits: int32 `[batch]`, the maximum number of tokens before `</s>`. At the limit `</s>` is forced, and counts
            with its probability; a limit of 0 gives the empty sequence.
        beam_size: Number of hypotheses kept alive, and of hypotheses returned.
        length_penalty: float32 `[batch]`, or one number for all rows; 0 = none, larger values favour longer sequences;
            negative values count as 0.
        prefix: See `greedy`.
        no_repeat_ngram: See `greedy`.
        coverage_penalty: float32 `[batch]`, or one number for all rows; 0 = none, larger values favour sequences that
            cover the whole input; negative values count as 0, values above 1,000 as 1,000. Unless it is the number 0,
            the model is started with `coverage=True` (see `StepModel`).
        no_repeat_phrase: See `greedy`.

    Returns:
        `Decoded` with a beam axis: `[batch, beams, time]`, `[batch, beams]`, `[batch, beams]`, best first, with as many
        time steps as the largest limit. If there are fewer hypotheses than beams, the rest are empty with score -1e9.

    Raises:
        ValueError: `beam_size` is below 1, `no_repeat_ngram` below 0, or `no_repeat_phrase.fewest` not from 1 to 32.

    Example:
        `best = beam_search(model, model.encode(source), limits=tf.fill([batch], 64)).ids[:, 0]`
    """
    if beam_size < 1:
        raise ValueError(f"Expected `beam_size` to be 1 or more. Received: beam_size={beam_size}")
    batch = tf.shape(limits)[0]
    time = tf.maximum(tf.reduce_max(limits), 0)  # the maximum over no rows is the lowest int32
    alpha = tf.broadcast_to(tf.maximum(tf.cast(length_penalty, tf.float32), 0.0), [batch])
    beta = tf.broadcast_to(tf.clip_by_value(tf.cast(coverage_penalty, tf.float32), 0.0, _MAX_BETA), [batch])
    covering = not (isinstance(coverage_penalty, int | float) and coverage_penalty <= 0)

    def advance_with(settings: tuple[Any, ...], constants: Cache) -> Advance:
        constraints, alpha, beta = settings
        max_penalty = _length_penalty(constraints[0] + 1, alpha)
        repeated = [tf.repeat(part, beam_size, axis=0) for part in constraints]

        def advance(position: tf.Tensor, written: Cache, sequences: Sequences) -> tuple[Cache, Sequences]:
            rows, width = tf.size(sequences.tokens), sequences.tokens.shape[1]
            logits, after = model.step(tf.reshape(sequences.tokens, [-1, 1]), {**constants, **written}, position)
            written = {part: after[part] for part in written}
            forced = forced_tokens(position, *(constraints if width == 1 else repeated))
            ids = tf.reshape(sequences.search.ids, [rows, time])
            repeats = (no_repeat_ngram, no_repeat_phrase)
            top = _best_tokens(logits[:, 0], ids, position, forced, repeats, 2 * beam_size)
            candidates = _extend(sequences.search.log_probability, *top, 2 * beam_size)
            coverage = _coverage_penalty(written["state"]["coverage"], beta, width) if covering else None
            finished = _finish(sequences, candidates, position, alpha, coverage)
            alive = _best_unfinished(candidates, beam_size)
            ids = tf.gather(sequences.search.ids, alive.parent, batch_dims=1)
            ids = tf.where(tf.range(time) == position, alive.token[..., None], ids)
            # An upper bound of later scores: a hypothesis that finishes later has at most the best log-probability
            # alive (further tokens only lower it), at most the length penalty of `limits` tokens and `</s>` (which
            # grows with the length, as alpha >= 0) and a coverage penalty of at most 0 (beta >= 0). When no finished
            # hypothesis scores below this bound, the result is final.
            bound = tf.reduce_max(alive.log_probability, axis=1) / max_penalty
            done = sequences.done | (position >= constraints[0]) | (bound <= finished.score[:, -1])
            if beam_size > 1:  # a single hypothesis continues itself
                before = tf.range(tf.size(done))[:, None] * width + alive.parent  # [batch, beams]
                written = select_rows(written, tf.reshape(before, [-1]))
            return written, Sequences(alive.token, done, finished, _Alive(ids, alive.log_probability))

        return advance

    no_hypotheses = Decoded(
        ids=tf.zeros([batch, beam_size, time], tf.int32),
        length=tf.zeros([batch, beam_size], tf.int32),
        score=tf.fill([batch, beam_size], IMPOSSIBLE),
    )
    empty = _Alive(tf.zeros([batch, 1, time], tf.int32), tf.zeros([batch, 1]))
    sequences = Sequences(tf.fill([batch, 1], START), tf.zeros([batch], tf.bool), no_hypotheses, empty)
    # The first step has one row per input, later ones have `beam_size`.
    cache = model.start(memory, time + 1, coverage=True) if covering else model.start(memory, time + 1)
    constants = {part: cache.pop(part) for part in ("model", "memory")}
    settings = ((limits,) if prefix is None else (limits, prefix), alpha, beta)
    written, sequences = advance_with(settings, constants)(tf.constant(0), cache, sequences)
    cache = {**constants, **repeat_history(written, beam_size)}
    return decode_sequences(advance_with, tf.constant(1), settings, cache, sequences)


def _length_penalty(tokens: tf.Tensor, alpha: tf.Tensor) -> tf.Tensor:
    """The length penalty of hypotheses with a number of tokens, `</s>` included."""
    return ((5.0 + tf.cast(tokens, tf.float32)) / 6.0) ** alpha


def _coverage_penalty(coverage: tf.Tensor, beta: tf.Tensor, width: int) -> tf.Tensor:
    """The coverage penalty of coverage `[source, batch * width]`, float32 `[batch, width]`, at most 0."""
    logarithms = tf.math.log(tf.clip_by_value(coverage, _MIN_COVERAGE, 1.0))
    return beta[:, tf.newaxis] * tf.reshape(tf.reduce_sum(logarithms, axis=0), [tf.size(beta), width])


def _best_tokens(
    logits: tf.Tensor,
    ids: tf.Tensor,
    position: tf.Tensor,
    forced: tf.Tensor,
    repeats: tuple[int, Phrases | None],
    count: int,
) -> tuple[tf.Tensor, tf.Tensor]:
    """The best next tokens of each hypothesis; `repeats` are the last arguments of `mask_forbidden_tokens`.

    In most steps no token is forced. The logits are then not masked; instead the few that are never chosen are dropped
    from a slightly larger number of best ones.

    Returns:
        Log-probabilities float32 and tokens int32, `[rows, count + len(NEVER_CHOSEN)]`, of logits `[rows, vocab]`; some
        may be `IMPOSSIBLE`.
    """

    def constrained() -> tf.Tensor:
        return mask_forbidden_tokens(logits, ids, position, forced, *repeats)

    free = tf.constant(False) if any(repeats) else tf.reduce_all(forced == PAD)
    top, token = top_tokens(tf.cond(free, lambda: logits, constrained), count + len(NEVER_CHOSEN))
    # The maximum of all logits, allowed or not. Taken from the best ones, it comes after all other readers of the
    # logits, so that TensorFlow can reuse their memory for what follows.
    largest = tf.cond(free, lambda: top[:, :1], lambda: tf.reduce_max(logits, axis=1, keepdims=True))
    normaliser = largest + tf.math.log(tf.reduce_sum(tf.exp(logits - largest), axis=1, keepdims=True))
    return tf.where(free & never_chosen(token), IMPOSSIBLE, top - normaliser), token


def _extend(alive: tf.Tensor, top: tf.Tensor, token: tf.Tensor, count: int) -> _Candidates:
    """The best `count` extensions of the alive hypotheses of each input; impossible ones where there are fewer.

    Args:
        alive: float32 `[batch, alive]`, the log-probabilities of the hypotheses.
        top: float32 `[batch * alive, each]`, the log-probabilities of the best next tokens of each hypothesis.
        token: int32 `[batch * alive, each]`, these tokens.
        count: Number of candidates per input, at most `each`.

    Returns:
        `[batch, count]` of each field.
    """
    batch, width, each = tf.shape(alive)[0], alive.shape[1], top.shape[1]
    token = tf.reshape(token, [batch, width * each])
    log_probability = tf.maximum(alive[..., None] + tf.reshape(top, [batch, width, each]), IMPOSSIBLE)
    log_probability, index = tf.math.top_k(tf.reshape(log_probability, [batch, width * each]), count)
    return _Candidates(index // each, tf.gather(token, index, batch_dims=1), log_probability)


def _best_unfinished(candidates: _Candidates, count: int) -> _Candidates:
    """The best `count` candidates without `</s>`."""
    log_probability = tf.where(candidates.token == END, IMPOSSIBLE, candidates.log_probability)
    log_probability, index = tf.math.top_k(log_probability, count)
    parent = tf.gather(candidates.parent, index, batch_dims=1)
    return _Candidates(parent, tf.gather(candidates.token, index, batch_dims=1), log_probability)


def _finish(
    sequences: Sequences, candidates: _Candidates, position: tf.Tensor, alpha: tf.Tensor, coverage: tf.Tensor | None
) -> Decoded:
    """The best finished hypotheses after this step: earlier ones and candidates that end with `</s>`."""
    beams = sequences.result.score.shape[1]
    parent, token, log_probability = (field[:, :beams] for field in candidates)
    # A finished row must not change even by rounding: its result must not depend on the rest of the batch.
    ended = (token == END) & (log_probability > IMPOSSIBLE) & ~sequences.done[:, None]
    score = log_probability / _length_penalty(position + 1, alpha)[:, None]
    if coverage is not None:
        score += tf.gather(coverage, parent, batch_dims=1)
    score = tf.where(ended, score, IMPOSSIBLE)
    length = tf.fill(tf.shape(score), position)
    new = Decoded(tf.gather(sequences.search.ids, parent, batch_dims=1), length, score)
    pool = Decoded(*(tf.concat(pair, axis=1) for pair in zip(sequences.result, new, strict=True)))
    # Among equal scores `top_k` takes the first, so earlier ones keep their order.
    score, index = tf.math.top_k(pool.score, beams)
    return Decoded(tf.gather(pool.ids, index, batch_dims=1), tf.gather(pool.length, index, batch_dims=1), score)
