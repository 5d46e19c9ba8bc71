"""Beam search with length and coverage penalties: several texts are kept alive at each step."""

from typing import Any, NamedTuple

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import NEVER_CHOSEN, allowed_tokens, forced_tokens, never_chosen
from tfmodels.decoding.cache_rows import repeat_history, select_rows
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.step_model import StepModel
from tfmodels.decoding.token_loop import Advance, Cache, Texts, decode_texts
from tfmodels.decoding.top_tokens import top_tokens
from tfmodels.token_ids import END, PAD, START

IMPOSSIBLE = -1e9  # the log-probability and the score of a text that does not exist; finite, as JSON knows no infinity
_UNSEEN = 1e-9  # counts as the coverage of a place that was never looked at, so that no penalty is infinite
_LARGEST_BETA = 1e3  # keeps scores far above that of a text that does not exist


class _Alive(NamedTuple):
    """The texts that go on; `alive` is 1 before the first token, then the beam size."""

    ids: tf.Tensor  # int32 [batch, alive, time], of the texts without `</s>`
    log_probability: tf.Tensor  # float32 [batch, alive]


class _Candidates(NamedTuple):
    """Texts alive, each continued by one token; best first."""

    parent: tf.Tensor  # int32 [batch, candidates], the text alive that is continued
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
) -> Decoded:
    """Decodes by keeping the `beam_size` best unfinished texts at each step.

    Of the `2 * beam_size` best continuations of a step, those that are `</s>` and among the first `beam_size` finish
    a text; the best others stay alive. Finished texts compete by their score (Wu et al. 2016, "Google's Neural Machine
    Translation System", eq. 14)

        log-probability / ((5 + n) / 6) ** length_penalty + coverage_penalty * sum_j log(min(coverage_j, 1))

    with n = tokens with `</s>`, and coverage_j = how much place j of the input was looked at by all of these, 1e-9 at
    least. Texts alive compete by log-probability. With one beam and no penalty this is greedy search.

    Works eagerly, in a `tf.function` and in an export. A row's answer does not depend on the rows beside it; it costs
    nothing more once it cannot improve (see `decode_texts`).

    Args:
        model: The model.
        memory: What `model.encode` gave, `batch` rows.
        limits: int32 `[batch]`, the most tokens before `</s>`. There `</s>` is forced, with its true probability;
            a limit of 0 gives the empty text.
        beam_size: Texts kept alive, and texts returned.
        length_penalty: float32 `[batch]`, or one number for all rows; 0 = none, larger prefers longer texts; below 0
            counts as 0.
        prefix: See `greedy`.
        no_repeat_ngram: See `greedy`.
        coverage_penalty: float32 `[batch]`, or one number for all rows; 0 = none, larger prefers texts that leave
            nothing of the input out; below 0 counts as 0, above 1,000 as 1,000. Unless it is the number 0 the model is
            started with `coverage=True` (see `StepModel`).

    Returns:
        `Decoded` with a beam axis: `[batch, beams, time]`, `[batch, beams]`, `[batch, beams]`, best first, time axis
        as long as the largest limit. Where fewer texts exist than beams, the rest are empty with score -1e9.

    Raises:
        ValueError: `beam_size` is below 1, or `no_repeat_ngram` below 0.

    Example:
        `best = beam_search(model, model.encode(source), limits=tf.fill([batch], 64)).ids[:, 0]`
    """
    if beam_size < 1:
        raise ValueError(f"Expected `beam_size` to be 1 or more. Received: beam_size={beam_size}")
    batch = tf.shape(limits)[0]
    time = tf.maximum(tf.reduce_max(limits), 0)  # the maximum of no rows is the lowest int32
    alpha = tf.broadcast_to(tf.maximum(tf.cast(length_penalty, tf.float32), 0.0), [batch])
    beta = tf.broadcast_to(tf.clip_by_value(tf.cast(coverage_penalty, tf.float32), 0.0, _LARGEST_BETA), [batch])
    covering = not (isinstance(coverage_penalty, int | float) and coverage_penalty <= 0)

    def advance_with(settings: tuple[Any, ...], constants: Cache) -> Advance:
        constraints, alpha, beta = settings
        largest_penalty = _penalty(constraints[0] + 1, alpha)
        repeated = [tf.repeat(part, beam_size, axis=0) for part in constraints]

        def advance(position: tf.Tensor, written: Cache, texts: Texts) -> tuple[Cache, Texts]:
            rows, width = tf.size(texts.tokens), texts.tokens.shape[1]
            logits, after = model.step(tf.reshape(texts.tokens, [-1, 1]), {**constants, **written}, position)
            written = {part: after[part] for part in written}
            forced = forced_tokens(position, *(constraints if width == 1 else repeated))
            ids = tf.reshape(texts.search.ids, [rows, time])
            top = _best(logits[:, 0], ids, position, forced, no_repeat_ngram, 2 * beam_size)
            candidates = _continue(texts.search.log_probability, *top, 2 * beam_size)
            left_out = _left_out(written["state"]["coverage"], beta, width) if covering else None
            finished = _finish(texts, candidates, position, alpha, left_out)
            alive = _unended(candidates, beam_size)
            ids = tf.gather(texts.search.ids, alive.parent, batch_dims=1)
            ids = tf.where(tf.range(time) == position, alive.token[..., None], ids)
            # A text that finishes later has at most the best log-probability alive (tokens only lower it, and it is
            # negative), at most the penalty of `limits` tokens and `</s>` (alpha >= 0, so the penalty grows with the
            # length), and gains nothing by its coverage (the logarithm of at most 1, beta >= 0, so it only takes away):
            # its score is at most `reachable`. A full finished set that is nowhere below that is final.
            reachable = tf.reduce_max(alive.log_probability, axis=1) / largest_penalty
            done = texts.done | (position >= constraints[0]) | (reachable <= finished.score[:, -1])
            if beam_size > 1:  # a single text continues itself
                before = tf.range(tf.size(done))[:, None] * width + alive.parent  # [batch, beams]
                written = select_rows(written, tf.reshape(before, [-1]))
            return written, Texts(alive.token, done, finished, _Alive(ids, alive.log_probability))

        return advance

    nothing = Decoded(
        ids=tf.zeros([batch, beam_size, time], tf.int32),
        length=tf.zeros([batch, beam_size], tf.int32),
        score=tf.fill([batch, beam_size], IMPOSSIBLE),
    )
    empty = _Alive(tf.zeros([batch, 1, time], tf.int32), tf.zeros([batch, 1]))
    texts = Texts(tf.fill([batch, 1], START), tf.zeros([batch], tf.bool), nothing, empty)
    # The first step sees one row per text; then there are `beam_size` of it.
    cache = model.start(memory, time + 1, coverage=True) if covering else model.start(memory, time + 1)
    constants = {part: cache.pop(part) for part in ("model", "memory")}
    settings = ((limits,) if prefix is None else (limits, prefix), alpha, beta)
    written, texts = advance_with(settings, constants)(tf.constant(0), cache, texts)
    cache = {**constants, **repeat_history(written, beam_size)}
    return decode_texts(advance_with, tf.constant(1), settings, cache, texts)


def _penalty(tokens: tf.Tensor, alpha: tf.Tensor) -> tf.Tensor:
    """The length penalty of texts of so many tokens, `</s>` included."""
    return ((5.0 + tf.cast(tokens, tf.float32)) / 6.0) ** alpha


def _left_out(coverage: tf.Tensor, beta: tf.Tensor, width: int) -> tf.Tensor:
    """What the coverage `[source, batch * width]` adds to a score, float32 `[batch, width]`, at most 0."""
    logarithms = tf.math.log(tf.clip_by_value(coverage, _UNSEEN, 1.0))
    return beta[:, tf.newaxis] * tf.reshape(tf.reduce_sum(logarithms, axis=0), [tf.size(beta), width])


def _best(
    logits: tf.Tensor, ids: tf.Tensor, position: tf.Tensor, forced: tf.Tensor, no_repeat_ngram: int, count: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """The best tokens of each text, and their log-probabilities.

    Where all is free, at most steps, the logits are looked through only for the best and for their sum: so few tokens
    are never chosen that they are dropped from somewhat more of the best.

    Returns:
        float32 and int32 `[rows, count + len(NEVER_CHOSEN)]` of logits `[rows, vocab]`; impossible ones among them.
    """

    def constrained() -> tf.Tensor:
        return allowed_tokens(logits, ids, position, forced, no_repeat_ngram)

    free = tf.reduce_all(forced == PAD) if not no_repeat_ngram else tf.constant(False)
    top, token = top_tokens(tf.cond(free, lambda: logits, constrained), count + len(NEVER_CHOSEN))
    # Of all logits, those allowed or not. Known from the best it comes after all that reads them, so that what follows
    # is computed in their place.
    largest = tf.cond(free, lambda: top[:, :1], lambda: tf.reduce_max(logits, axis=1, keepdims=True))
    normaliser = largest + tf.math.log(tf.reduce_sum(tf.exp(logits - largest), axis=1, keepdims=True))
    return tf.where(free & never_chosen(token), IMPOSSIBLE, top - normaliser), token


def _continue(alive: tf.Tensor, top: tf.Tensor, token: tf.Tensor, count: int) -> _Candidates:
    """The best `count` continuations; impossible ones fill up where there are fewer.

    Args:
        alive: float32 `[batch, alive]`, the log-probability of each text.
        top: float32 `[batch * alive, each]`, those of the best tokens after each: the best of a row are among the best
            of its texts.
        token: int32, the tokens.
        count: How many per row; at most `each`.

    Returns:
        `[batch, count]` of each field.
    """
    batch, width, each = tf.shape(alive)[0], alive.shape[1], top.shape[1]
    token = tf.reshape(token, [batch, width * each])
    log_probability = tf.maximum(alive[..., None] + tf.reshape(top, [batch, width, each]), IMPOSSIBLE)
    log_probability, index = tf.math.top_k(tf.reshape(log_probability, [batch, width * each]), count)
    return _Candidates(index // each, tf.gather(token, index, batch_dims=1), log_probability)


def _unended(candidates: _Candidates, count: int) -> _Candidates:
    """The best `count` candidates that do not end."""
    log_probability = tf.where(candidates.token == END, IMPOSSIBLE, candidates.log_probability)
    log_probability, index = tf.math.top_k(log_probability, count)
    parent = tf.gather(candidates.parent, index, batch_dims=1)
    return _Candidates(parent, tf.gather(candidates.token, index, batch_dims=1), log_probability)


def _finish(
    texts: Texts, candidates: _Candidates, position: tf.Tensor, alpha: tf.Tensor, left_out: tf.Tensor | None
) -> Decoded:
    """The finished texts after this step: the best of those before and of the candidates that end."""
    beams = texts.answer.score.shape[1]
    parent, token, log_probability = (field[:, :beams] for field in candidates)
    # A row that is done takes nothing more, not even by rounding: its answer must not depend on the rows beside it.
    ended = (token == END) & (log_probability > IMPOSSIBLE) & ~texts.done[:, None]
    score = log_probability / _penalty(position + 1, alpha)[:, None]
    if left_out is not None:
        score += tf.gather(left_out, parent, batch_dims=1)
    score = tf.where(ended, score, IMPOSSIBLE)
    length = tf.fill(tf.shape(score), position)
    new = Decoded(tf.gather(texts.search.ids, parent, batch_dims=1), length, score)
    pool = Decoded(*(tf.concat(pair, axis=1) for pair in zip(texts.answer, new, strict=True)))
    # Among equal scores `top_k` takes the first, so those finished before stay, in their order.
    score, index = tf.math.top_k(pool.score, beams)
    return Decoded(tf.gather(pool.ids, index, batch_dims=1), tf.gather(pool.length, index, batch_dims=1), score)
