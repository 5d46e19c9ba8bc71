"""The loop over the tokens of a batch of texts, which goes on without those that are done."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tfmodels.decoding.cache_rows import keep_texts
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.loop_state import any_number, with_shapes_of

Cache = dict[str, Any]


class Texts(NamedTuple):
    """A batch of texts that are being decoded; all rows stand at the same position.

    Attributes:
        tokens: int32 `[batch]` or `[batch, beams]`, the tokens to be fed next.
        done: bool `[batch]`, True where the answer will not change.
        answer: What the decoder returns, as far as it is known.
        search: What else the decoder keeps of each text, nested tensors `[batch, ...]`.
    """

    tokens: tf.Tensor
    done: tf.Tensor
    answer: Decoded
    search: Any = ()


Advance = Callable[[tf.Tensor, Cache, Texts], tuple[Cache, Texts]]


def decode_texts(
    advance_with: Callable[[Any, Cache], Advance], position: tf.Tensor, settings: Any, cache: Cache, texts: Texts
) -> Decoded:
    """Decodes until every text is done.

    As soon as a quarter of the texts are done, they are taken out of the batch, so that a batch costs little more than
    its texts do, and not the steps of the longest for all of them.

    Args:
        advance_with: Takes `settings` of some of the texts, and of their cache what stays as it is, `model` and
            `memory`; returns what makes a step of these texts: it takes the position, the rest of the cache and the
            texts, and returns the latter two.
        position: int32, number of tokens that were fed.
        settings: Nested tensors `[batch, ...]`, what a text's answer depends on besides the model.
        cache: See `StepModel`.
        texts: At `position`.

    Returns:
        The answers.

    Example:
        `decode_texts(lambda limits, constants: advance, tf.constant(0), limits, model.start(memory, 33), texts)`
    """
    model = {"model": cache["model"]}
    beams = 1 if texts.tokens.shape.rank == 1 else texts.tokens.shape[1]

    def some_left(position: tf.Tensor, row: tf.Tensor, *_: Any) -> tf.Tensor:
        return tf.size(row) > 0

    def decode_some(
        position: tf.Tensor,
        row: tf.Tensor,
        settings: Any,
        memory: Cache,
        written: Cache,
        texts: Texts,
        order: tf.Tensor,
        answers: Decoded,
    ) -> Any:
        advance = advance_with(settings, {**model, **memory})
        enough = 3 * tf.size(row) // 4

        def too_many_left(position: tf.Tensor, written: Cache, texts: Texts) -> tf.Tensor:
            return tf.math.count_nonzero(~texts.done, dtype=tf.int32) > enough

        def step(position: tf.Tensor, written: Cache, texts: Texts) -> Any:
            return with_shapes_of((position, written, texts), (position + 1, *advance(position, written, texts)))

        state = (position, written, texts)
        position, written, texts = tf.while_loop(too_many_left, step, state, parallel_iterations=1)
        done, left = tf.where(texts.done)[:, 0], tf.where(~texts.done)[:, 0]
        answers = Decoded(
            *(
                tf.concat([before, tf.gather(new, done)], axis=0)
                for before, new in zip(answers, texts.answer, strict=True)
            )
        )
        order = tf.concat([order, tf.gather(row, done)], axis=0)
        row, settings, texts = tf.nest.map_structure(lambda rows: tf.gather(rows, left), (row, settings, texts))
        return position, row, settings, *keep_texts((memory, written), left, beams), texts, order, answers

    memory = {"memory": cache["memory"]}
    written = {part: cache[part] for part in ("history", "state")}
    row = tf.range(tf.shape(texts.done)[0])
    none = tf.nest.map_structure(lambda tensor: tensor[:0], (row, texts.answer))
    state = (position, row, settings, memory, written, texts, *none)
    by_row, by_text = any_number(state[1:3], 0), any_number(state[3:5], 1)
    shapes = (position.shape, *by_row, *by_text, *any_number(state[5:], 0))
    *_, order, answers = tf.while_loop(some_left, decode_some, state, shapes, parallel_iterations=1)
    place = tf.math.invert_permutation(order)
    return tf.nest.map_structure(lambda tensor: tf.gather(tensor, place), answers)
