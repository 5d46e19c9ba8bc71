"""Bidirectional LSTM."""

from functools import partial
from typing import Any, Self

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.recurrent.block_lstm import block_lstm
from tfmodels.layers.recurrent.lstm import LSTM, State
from tfmodels.layers.traced_output_spec import traced_output_spec

_SHARED_ARGUMENTS = ("units", "return_sequences", "dropout", "recurrent_dropout", "weight_drop", "layer_norm")


@keras.saving.register_keras_serializable("tfmodels")
class BidirectionalLSTM(keras.layers.Layer):
    """Runs an LSTM forwards and one backwards over each sequence (Graves and Schmidhuber, 2005).

    With a mask the backward direction starts at the last step that is not padding. The outputs are those of
    `keras.layers.Bidirectional(LSTM(units))`, which can also add or average the directions.

    Args:
        units: Width of each direction; the outputs are twice as wide.
        return_sequences: Return the outputs of all steps, zero at padding, instead of each direction's last one.
        return_state: Also return the last states.
        dropout: Dropout rate on the inputs of each direction, see `LSTM`.
        recurrent_dropout: Dropout rate on the states `h`, see `LSTM`.
        weight_drop: Dropout rate on the recurrent weights, see `LSTM`.
        layer_norm: Whether to normalise inside the cells, see `LSTM`.
        right_padded: Promises that masks are False only behind the last step of a row. Then sequences are read in one
            operation where it computes the same, see `block_lstm`: faster with up to a few hundred units.

    Call arguments:
        x: `[batch, time, dim]`.
        initial_state: `[h, c]`, each `[batch, 2 * units]`, the forward direction first. Default: zeros.
        mask, sequence_mask or x_mask: bool `[batch, time]`, False at padding. Default: the mask that Keras passes.
        return_state: As in the constructor, for this call.

    Returns:
        `[batch, 2 * units]`, with `return_sequences` `[batch, time, 2 * units]`, the outputs of both directions; with
        `return_state` a tuple with `h` and `c`, in the form of `initial_state`.

    Weights: `forward` and `backward`, each as in `LSTM`; `keras.layers.Bidirectional` and PyTorch (`_reverse`) have the
    same two.

    Example:
        `outputs = BidirectionalLSTM(64, return_sequences=True)(tf.random.normal([2, 10, 32]))`
    """

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        right_padded: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_spec = keras.InputSpec(ndim=3)
        self.return_state = return_state
        self.right_padded = right_padded
        lstm = partial(
            LSTM,
            units,
            return_sequences=return_sequences,
            return_state=True,
            zero_output_for_mask=return_sequences,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            weight_drop=weight_drop,
            layer_norm=layer_norm,
            dtype=self.dtype_policy,
        )
        self.forward = lstm(name="forward")
        self.backward = lstm(reverse=True, name="backward")

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        self.forward.build(x_shape)
        self.backward.build(x_shape)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        initial_state: State | None = None,
        mask: tf.Tensor | None = None,
        training: bool | None = None,
        *,
        sequence_mask: tf.Tensor | None = None,
        x_mask: tf.Tensor | None = None,
        return_state: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        mask = masks.of_steps(x, sequence_mask, mask, x_mask)
        starts: list[State | None] = [None, None]
        if initial_state is not None:
            h, c = (tf.split(part, 2, axis=-1) for part in initial_state)
            starts = [(h[0], c[0]), (h[1], c[1])]
        if initial_state is None and self._fits_block(x, training):
            directions = [self._block(lstm, x, mask, training) for lstm in (self.forward, self.backward)]
        else:
            directions = [
                lstm(x, initial_state=start, sequence_mask=mask, training=training)
                for lstm, start in zip((self.forward, self.backward), starts, strict=True)
            ]
        output, h, c = (tf.concat(parts, axis=-1) for parts in zip(*directions, strict=True))
        return (output, h, c) if (self.return_state if return_state is None else return_state) else output

    def _fits_block(self, x: tf.Tensor, training: bool | None) -> bool:
        """Whether `block_lstm` computes what the loops of both directions do."""
        lstm = self.forward
        drops_states = bool(training) and lstm.recurrent_dropout.rate > 0
        fits = self.right_padded and lstm.return_sequences and not lstm.layer_norm and not drops_states
        return fits and x.dtype == tf.float32

    def _block(
        self, lstm: LSTM, x: tf.Tensor, mask: tf.Tensor | None, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """One direction in one operation, with the dropout of inputs and weights that the loop has."""
        rows, time = tf.unstack(tf.shape(x)[:2])
        lengths = tf.fill([rows], time) if mask is None else tf.math.count_nonzero(mask, axis=1, dtype=tf.int32)
        if training and lstm.input_dropout.rate:
            x *= lstm.input_dropout(tf.ones_like(x[:, :1]), training=True)
        kernel, recurrent, bias = map(tf.convert_to_tensor, (lstm.kernel, lstm.recurrent_kernel, lstm.bias))
        recurrent = lstm.weight_drop(recurrent, training=training)
        outputs, h, c = block_lstm(x, lengths, kernel, recurrent, bias, reverse=lstm.reverse)
        return tf.ensure_shape(outputs, [*x.shape[:2], lstm.units]), h, c

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, x_shape: tuple) -> Any:  # noqa: D102
        shapes = self.forward.compute_output_shape(x_shape)
        output, h, c = ((*shape[:-1], 2 * shape[-1]) for shape in shapes)
        return (output, h, c) if self.return_state else output

    def compute_mask(self, x: tf.Tensor, previous_mask: tf.Tensor | None) -> tf.Tensor | None:  # noqa: D102
        return previous_mask if self.forward.return_sequences else None

    def get_config(self) -> dict:  # noqa: D102
        shared = self.forward.get_config()
        own = {**{name: shared[name] for name in _SHARED_ARGUMENTS}, "return_state": self.return_state}
        own["right_padded"] = self.right_padded
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Makes the layer; one saved before there was `return_sequences` returns them."""
        return super().from_config({"return_sequences": "return_state" not in config, **config})
