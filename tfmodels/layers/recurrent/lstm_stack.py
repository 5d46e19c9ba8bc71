"""A stack of LSTM layers."""

import functools
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.recurrent.bidirectional_lstm import BidirectionalLSTM
from tfmodels.layers.recurrent.lstm import LSTM, State


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

    Call arguments:
        x: `[batch, time, dim]`.
        sequence_mask: bool `[batch, time]`, False at padding. Default: no padding.
        initial_state: List of the layers' `(h, c)`. Default: zeros.
        elapsed: `[batch, time]`, the time since the previous step, with `decay`; see `LSTM`.
        return_state: Also return the list of the layers' states after the last step.

    Returns:
        `[batch, time, units]`, twice as wide if bidirectional; with `return_state` a tuple with the list.

    Weights: those of the layers; without residual connections the same as in PyTorch's `nn.LSTM(num_layers=...)`.

    Raises:
        ValueError: `decay` with `bidirectional`.

    Example:
        `outputs = LSTMStack(64, num_layers=3)(tf.random.normal([2, 10, 64]))`
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
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
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
        }
        self.residual = residual
        layer = BidirectionalLSTM if bidirectional else functools.partial(LSTM, decay=decay)
        self.layers = [layer(**layer_arguments, name=f"layer_{i}", dtype=self.dtype_policy) for i in range(num_layers)]
        self.output_dim = 2 * units if bidirectional else units

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        for layer in self.layers:
            layer.build(x_shape)
            x_shape = (*x_shape[:-1], self.output_dim)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        sequence_mask: tf.Tensor | None = None,
        initial_state: list[State] | None = None,
        elapsed: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, list[State]]:
        starts = initial_state or [None] * len(self.layers)
        time = {} if elapsed is None else {"elapsed": elapsed}  # a bidirectional layer has no such argument
        states = []
        for layer, start in zip(self.layers, starts, strict=True):
            outputs, state = layer(
                x, sequence_mask=sequence_mask, initial_state=start, return_state=True, training=training, **time
            )
            states.append(state)
            x = x + outputs if self.residual and x.shape[-1] == self.output_dim else outputs
        return (x, states) if return_state else x

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
