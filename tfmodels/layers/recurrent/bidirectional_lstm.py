"""Bidirectional LSTM."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.recurrent.lstm import LSTM, State

_SHARED_ARGUMENTS = ("units", "dropout", "recurrent_dropout", "weight_drop", "layer_norm")


@keras.saving.register_keras_serializable("tfmodels")
class BidirectionalLSTM(keras.layers.Layer):
    """Runs an LSTM forwards and one backwards over each sequence (Graves and Schmidhuber, 2005).

    With a mask the backward direction starts at the last step that is not padding.

    Args:
        units: Width of each direction; the outputs are twice as wide.
        dropout: Dropout rate on the inputs of each direction, see `LSTM`.
        recurrent_dropout: Dropout rate on the states `h`, see `LSTM`.
        weight_drop: Dropout rate on the recurrent weights, see `LSTM`.
        layer_norm: Whether to normalise inside the cells, see `LSTM`.

    Call arguments:
        x: `[batch, time, dim]`.
        sequence_mask: bool `[batch, time]`, False at padding. Default: no padding.
        initial_state: `(h, c)`, each `[batch, 2 * units]`, the forward direction first. Default: zeros.
        return_state: Also return the final states of both directions, in the same form.

    Returns:
        `[batch, time, 2 * units]`, the outputs of both directions; with `return_state` a tuple with `(h, c)`.

    Weights: `forward` and `backward`, each as in `LSTM`; `keras.layers.Bidirectional` and PyTorch (`_reverse`) have the
        same two.

    Example:
        `outputs = BidirectionalLSTM(64)(tf.random.normal([2, 10, 32]))`
    """

    def __init__(
        self,
        units: int,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        lstm = partial(LSTM, units, dropout, recurrent_dropout, weight_drop, layer_norm, dtype=self.dtype_policy)
        self.forward = lstm(name="forward")
        self.backward = lstm(reverse=True, name="backward")

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        self.forward.build(x_shape)
        self.backward.build(x_shape)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        sequence_mask: tf.Tensor | None = None,
        initial_state: State | None = None,
        return_state: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, State]:
        starts: list[State | None] = [None, None]
        if initial_state is not None:
            h, c = (tf.split(part, 2, axis=-1) for part in initial_state)
            starts = [(h[0], c[0]), (h[1], c[1])]
        directions = [
            lstm(x, sequence_mask=sequence_mask, initial_state=start, return_state=True, training=training)
            for lstm, start in zip((self.forward, self.backward), starts, strict=True)
        ]
        outputs, (h, c) = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=-1), *directions)
        return (outputs, (h, c)) if return_state else outputs

    def get_config(self) -> dict:  # noqa: D102
        shared = self.forward.get_config()
        return {**super().get_config(), **{name: shared[name] for name in _SHARED_ARGUMENTS}}
