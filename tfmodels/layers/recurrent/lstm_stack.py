"""A stack of LSTM layers."""

import functools
from collections.abc import Sequence
from typing import Any, Self

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.recurrent.bidirectional_lstm import BidirectionalLSTM
from tfmodels.layers.recurrent.lstm import LSTM, State
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class LSTMStack(keras.layers.Layer):
    """Several LSTM layers, each of which takes the outputs of the one below as inputs.

    A residual connection (Wu et al., 2016, section 3.1) surrounds each layer whose inputs and outputs are equally wide.

    Args:
        units: Width of a layer; of each direction, if bidirectional.
        num_layers: Number of layers.
        bidirectional: Whether the layers are `BidirectionalLSTM`.
        residual: Whether there are residual connections.
        dropout: Dropout rate on the inputs of each layer, see `LSTM`.
        recurrent_dropout: Dropout rate on the states `h`, see `LSTM`.
        weight_drop: Dropout rate on the recurrent weights, see `LSTM`.
        layer_norm: Whether to normalise inside the cells, see `LSTM`.
        decay: Whether the states decay with time, see `LSTM`; not if bidirectional.
        right_padded: Promises that masks are False only behind the last step of a row, see `BidirectionalLSTM`; has no
            effect in one direction.
        return_sequences: Return the outputs of all steps instead of each direction's last one.
        return_state: Also return the layers' states after the last step.

    Call arguments:
        x: `[batch, time, dim]`.
        initial_state: List of the layers' `[h, c]`. Default: zeros.
        mask, sequence_mask or x_mask: bool `[batch, time]`, False at padding. Default: the mask that Keras passes.
        elapsed: `[batch, time]`, the time since the previous step, with `decay`; see `LSTM`.
        return_state: As in the constructor, for this call.

    Returns:
        `[batch, units]`, with `return_sequences` `[batch, time, units]`, twice as wide if bidirectional; with
        `return_state` a tuple with one `(h, c)` for each layer.

    Weights: those of the layers; without residual connections the same as in PyTorch's `nn.LSTM(num_layers=...)`.

    Raises:
        ValueError: `decay` with `bidirectional`.

    Example:
        `outputs = LSTMStack(64, num_layers=3, return_sequences=True)(tf.random.normal([2, 10, 64]))`
    """

    def __init__(
        self,
        units: int,
        num_layers: int = 2,
        bidirectional: bool = False,
        residual: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        decay: bool = False,
        *,
        right_padded: bool = False,
        return_sequences: bool = False,
        return_state: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_spec = keras.InputSpec(ndim=3)
        check_positive(num_layers=num_layers)
        if decay and bidirectional:
            raise ValueError(f"Expected `decay` without `bidirectional`. Received: {decay=}, {bidirectional=}")
        layer_arguments = {
            "units": units,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        self._arguments = {
            **layer_arguments,
            "num_layers": num_layers,
            "bidirectional": bidirectional,
            "residual": residual,
            "decay": decay,
            "right_padded": right_padded,
            "return_sequences": return_sequences,
            "return_state": return_state,
        }
        self.residual = residual
        layer = functools.partial(
            BidirectionalLSTM if bidirectional else LSTM, return_sequences=True, **layer_arguments
        )
        ways = {"right_padded": right_padded} if bidirectional else {"decay": decay, "zero_output_for_mask": True}
        self.layers = [layer(**ways, name=f"layer_{i}", dtype=self.dtype_policy) for i in range(num_layers)]
        self.bidirectional = bidirectional
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.output_dim = 2 * units if bidirectional else units

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        for layer in self.layers:
            layer.build(x_shape)
            x_shape = (*x_shape[:-1], self.output_dim)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        initial_state: Sequence[State] | None = None,
        mask: tf.Tensor | None = None,
        training: bool | None = None,
        *,
        sequence_mask: tf.Tensor | None = None,
        x_mask: tf.Tensor | None = None,
        elapsed: tf.Tensor | None = None,
        return_state: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor | State, ...]:
        mask = masks.of_steps(x, sequence_mask, mask, x_mask)
        starts = initial_state or [None] * len(self.layers)
        time = {} if elapsed is None else {"elapsed": elapsed}  # a bidirectional layer has no such argument
        states = []
        for layer, start in zip(self.layers, starts, strict=True):
            outputs, *state = layer(
                x, initial_state=start, sequence_mask=mask, return_state=True, training=training, **time
            )
            states.append(tuple(state))
            x = x + outputs if self.residual and x.shape[-1] == self.output_dim else outputs
        if not self.return_sequences:
            x = self._last(x, mask)
        return (x, *states) if (self.return_state if return_state is None else return_state) else x

    def _last(self, x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
        """What each direction has put out after its last step that is not masked; zero in rows of padding."""
        forward, backward = x[:, -1], x[:, 0]
        if mask is not None:
            steps = tf.range(tf.shape(mask)[1])
            last = tf.reduce_max(tf.where(mask, steps, 0), axis=1)
            first = tf.argmax(mask, axis=1)
            seen = tf.reduce_any(mask, axis=1, keepdims=True)
            forward, backward = (
                tf.where(seen, tf.gather(x, place, batch_dims=1), tf.zeros([], x.dtype)) for place in (last, first)
            )
        if not self.bidirectional:
            return forward
        units = self.output_dim // 2
        return tf.concat([forward[:, :units], backward[:, units:]], axis=-1)

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, x_shape: tuple) -> Any:  # noqa: D102
        batch, time = x_shape[:2]
        output = (batch, time, self.output_dim) if self.return_sequences else (batch, self.output_dim)
        state = ((batch, self.output_dim),) * 2
        return (output, *[state] * len(self.layers)) if self.return_state else output

    def compute_mask(self, x: tf.Tensor, previous_mask: tf.Tensor | None) -> tf.Tensor | None:  # noqa: D102
        return previous_mask if self.return_sequences else None

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Makes the stack; one saved before there was `return_sequences` returns them."""
        return super().from_config({"return_sequences": "return_state" not in config, **config})
