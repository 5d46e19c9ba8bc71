"""The decoding loop over a batch of sequences, which drops finished ones as it runs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tfmodels.decoding.cache_rows import select_sequences
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.loop_state import with_shapes_of, with_unknown_size

Cache = dict[str, Any]


class Sequences(NamedTuple):
    """A batch of sequences during decoding, all of them at the same position.

    Attributes:
        tokens: int32 `[batch]` or `[batch, beams]`, the tokens to feed next.
        done: bool `[batch]`, True where the result will not change any more.
        result: The result so far.
        search: Further state of the decoder, nested tensors `[batch, ...]`.
    """

    tokens: tf.Tensor
    done: tf.Tensor
    result: Decoded
    search: Any = ()


Advance = Callable[[tf.Tensor, Cache, Sequences], tuple[Cache, Sequences]]


def decode_sequences(
    advance_with: Callable[[Any, Cache], Advance],
    position: tf.Tensor,
    settings: Any,
    cache: Cache,
    sequences: Sequences,
) -> Decoded:
    """Decodes until all sequences are done.

    Whenever a quarter of the sequences in the batch are done, they are dropped from it. A batch then costs little more
    than its sequences do, not as many steps as the longest for all of them.

    Args:
        advance_with: Takes the settings of some sequences and the constant parts of their cache, `model` and `memory`.
            Returns a function that makes one step of these sequences: it takes the position, the other parts of the
            cache and the sequences, and returns the latter two.
        position: int32, the number of tokens that have been fed.
        settings: Nested tensors `[batch, ...]`, what the result of each sequence depends on besides the model.
        cache: See `StepModel`.
        sequences: The sequences at `position`.

    Returns:
        The results, in the order of the batch.

    Example:
        `decode_sequences(lambda limits, constants: advance, tf.constant(0), limits, model.start(memory, 33), start)`
    """
    model = {"model": cache["model"]}
    beams = 1 if sequences.tokens.shape.rank == 1 else sequences.tokens.shape[1]

    def any_unfinished(position: tf.Tensor, row: tf.Tensor, *_: Any) -> tf.Tensor:
        return tf.size(row) > 0

    def decode_some(
        position: tf.Tensor,
        row: tf.Tensor,
        settings: Any,
        memory: Cache,
        written: Cache,
        sequences: Sequences,
        order: tf.Tensor,
        results: Decoded,
    ) -> Any:
        advance = advance_with(settings, {**model, **memory})
        remaining = 3 * tf.size(row) // 4

        def most_unfinished(position: tf.Tensor, written: Cache, sequences: Sequences) -> tf.Tensor:
            return tf.math.count_nonzero(~sequences.done, dtype=tf.int32) > remaining

        def step(position: tf.Tensor, written: Cache, sequences: Sequences) -> Any:
            return with_shapes_of(
                (position, written, sequences), (position + 1, *advance(position, written, sequences))
            )

        state = (position, written, sequences)
        position, written, sequences = tf.while_loop(most_unfinished, step, state, parallel_iterations=1)
        done, left = tf.where(sequences.done)[:, 0], tf.where(~sequences.done)[:, 0]
        results = Decoded(
            *(
                tf.concat([before, tf.gather(new, done)], axis=0)
                for before, new in zip(results, sequences.result, strict=True)
            )
        )
        order = tf.concat([order, tf.gather(row, done)], axis=0)
        row, settings, sequences = tf.nest.map_structure(lambda rows: tf.gather(rows, left), (row, settings, sequences))
        return position, row, settings, *select_sequences((memory, written), left, beams), sequences, order, results

    memory = {"memory": cache["memory"]}
    written = {part: cache[part] for part in ("history", "state")}
    row = tf.range(tf.shape(sequences.done)[0])
    empty = tf.nest.map_structure(lambda tensor: tensor[:0], (row, sequences.result))
    state = (position, row, settings, memory, written, sequences, *empty)
    by_row, by_sequence = with_unknown_size(state[1:3], 0), with_unknown_size(state[3:5], 1)
    shapes = (position.shape, *by_row, *by_sequence, *with_unknown_size(state[5:], 0))
    *_, order, results = tf.while_loop(any_unfinished, decode_some, state, shapes, parallel_iterations=1)
    index = tf.math.invert_permutation(order)
    return tf.nest.map_structure(lambda tensor: tf.gather(tensor, index), results)
