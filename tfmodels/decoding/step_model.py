"""What a decoder needs of a model."""

from typing import Any, Protocol

import tensorflow as tf


class StepModel(Protocol):
    """A model that predicts a text token by token, with a cache instead of the whole prefix.

    A cache is `{"model": ..., "memory": ..., "history": ..., "state": ...}`, nested dicts, possibly empty, of tensors
    of fixed size. `model` and `memory` hold what is the same at each step: of the model, and of the input, there with
    the texts of the batch on axis 1 (`[heads, batch, ...]`). The others have rows on axis 1. `rows` may be k times the
    batch: the k beams of a text are neighbours, row = text * k + beam. Where a beam goes on from another, the rows of
    `state` are reordered, those of `history` are not: what is large lies there, and the model finds its way through it
    by its state. Where texts are done, they are dropped from all but `model`.

    A model that attends to its input can be started with `coverage=True`, which beam search asks for when it has a
    coverage penalty, and only then. `state["coverage"]` is then float32 `[source, rows]`: how much each place of the
    input was looked at, the sum over the tokens fed so far of cross-attention's weights (the mean over the heads of the
    last layer). Padding starts, and stays, at 1.

    Example:
        `cache = model.start(memory, 32)`
        `logits, cache = model.step(tf.fill([batch, 1], START), cache, tf.constant(0))`
    """

    def start(
        self, memory: dict[str, tf.Tensor], max_length: tf.Tensor | int, coverage: bool = False
    ) -> dict[str, Any]:
        """Makes the cache of an empty prefix.

        Args:
            memory: The encoded input, `batch` rows.
            max_length: The most tokens that will be fed to `step`.
            coverage: Whether the cache is to have `state["coverage"]`. A model without attention has no such argument.

        Returns:
            The cache, `batch` rows.
        """
        ...

    def step(self, ids: tf.Tensor, cache: dict[str, Any], position: tf.Tensor) -> tuple[tf.Tensor, dict[str, Any]]:
        """Feeds the next tokens.

        Args:
            ids: int32 `[rows, n]`.
            cache: As `start` or the last `step` gave it.
            position: int32, the place of the first of the n tokens, counted from 0; all rows stand there.

        Returns:
            The logits of each following token, float32 `[rows, n, vocab]`, and the new cache.
        """
        ...
