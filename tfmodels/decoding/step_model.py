"""The interface of models that decoders need."""

from typing import Any, Protocol

import tensorflow as tf


class StepModel(Protocol):
    """A model that predicts a sequence token by token, with a cache of the previous tokens.

    A cache is `{"model": ..., "memory": ..., "history": ..., "state": ...}`, nested dicts, possibly empty, of tensors
    of fixed size. `model` and `memory` do not change between steps: `model` depends on the model only, `memory` on the
    inputs, with the batch on axis 1 (`[heads, batch, ...]`). `history` and `state` have rows on axis 1, k times the
    batch in beam search: the k beams of an input are neighbours, row = input * k + beam. When a beam continues another
    one, the rows of `state` are reordered but not those of `history`, which holds the large tensors; the model uses its
    state to find its tokens there. Inputs whose sequences are finished are dropped from all parts but `model`.

    A model with cross-attention can be started with `coverage=True`, as beam search does if it has a coverage penalty.
    Then `state["coverage"]` is float32 `[source, rows]`: the attention weights that each source position has received,
    summed over the tokens so far (the mean over the heads of the last layer). Padding starts at 1 and stays there.

    Example:
        >>> cache = model.start(memory, 32)
        >>> logits, cache = model.step(tf.fill([batch, 1], START), cache, tf.constant(0))
    """

    def start(
        self, memory: dict[str, tf.Tensor], max_length: tf.Tensor | int, coverage: bool = False
    ) -> dict[str, Any]:
        """Makes the cache before the first token.

        Args:
            memory: The encoded input, `batch` rows.
            max_length: Maximum number of tokens that will be fed to `step`.
            coverage: Whether to add `state["coverage"]`. A model without attention has no such argument.

        Returns:
            The cache, `batch` rows.
        """
        ...

    def step(self, ids: tf.Tensor, cache: dict[str, Any], position: tf.Tensor) -> tuple[tf.Tensor, dict[str, Any]]:
        """Feeds the next tokens.

        Args:
            ids: int32 `[rows, n]`.
            cache: What `start` or the previous `step` returned.
            position: int32, the position of the first of the n tokens, counted from 0, the same in all rows.

        Returns:
            The logits of the token after each of them, float32 `[rows, n, vocab]`, and the new cache.
        """
        ...
