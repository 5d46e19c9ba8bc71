"""Two LSTMs, one from each end of the sequence."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.recurrent.lstm import LSTM, State


@keras.saving.register_keras_serializable("tfmodels")
class BidirectionalLSTM(keras.layers.Layer):
    """Reads each sequence forwards and backwards and joins the outputs (Graves and Schmidhuber, 2005).

    With a mask the way back begins at the last step that counts.

    Args:
        units: Width of each direction; the outputs are twice as wide.
        dropout: See `LSTM`; so are the three below.
        recurrent_dropout: Rate on the states of each direction.
        weight_drop: Rate on their recurrent weights.
        layer_norm: Whether they normalise inside the cell.

    Call arguments:
        x: `[batch, time, dim]`.
        sequence_mask: bool `[batch, time]`, False at padding. Default: all steps count.
        initial_state: `(h, c)`, each `[batch, 2 * units]`, the forward direction first. Default: zeros.
        return_state: Also return the states that the two directions end with, likewise.

    Returns:
        `[batch, time, 2 * units]`; with `return_state` a tuple with `(h, c)`.

    Weights: `forward` and `backward`, each as in `LSTM`; `keras.layers.Bidirectional` and PyTorch (`_reverse`) hold the
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
        self._arguments = {
            "units": units,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        self.forward = LSTM(**self._arguments, name="forward", dtype=self.dtype_policy)
        self.backward = LSTM(**self._arguments, reverse=True, name="backward", dtype=self.dtype_policy)

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
        starts = (None, None)
        if initial_state is not None:
            starts = tuple(zip(*(tf.split(part, 2, axis=-1) for part in initial_state), strict=True))
        outputs, states = zip(
            *(
                lstm(x, sequence_mask=sequence_mask, initial_state=start, return_state=True, training=training)
                for lstm, start in zip((self.forward, self.backward), starts, strict=True)
            ),
            strict=True,
        )
        outputs = tf.concat(outputs, axis=-1)
        h, c = (tf.concat(parts, axis=-1) for parts in zip(*states, strict=True))
        return (outputs, (h, c)) if return_state else outputs

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
