"""LSTMs on top of each other."""

import functools
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.recurrent.bidirectional_lstm import BidirectionalLSTM
from tfmodels.layers.recurrent.lstm import LSTM, State


@keras.saving.register_keras_serializable("tfmodels")
class LSTMStack(keras.layers.Layer):
    """Several LSTM layers, each with the outputs of the one below as its inputs.

    With residual connections each layer adds to what it was given (Wu et al., 2016, section 3.1), wherever both are
    equally wide.

    Args:
        units: Width of a layer; of each direction, if bidirectional.
        num_layers: Number of layers.
        bidirectional: Whether the layers are `BidirectionalLSTM`.
        residual: Whether there are residual connections.
        dropout: See `LSTM`; so are the three below.
        recurrent_dropout: Rate on the states of each layer.
        weight_drop: Rate on their recurrent weights.
        layer_norm: Whether they normalise inside the cell.
        decay: Whether their states fade with time; not if bidirectional.

    Call arguments:
        x: `[batch, time, dim]`.
        sequence_mask: bool `[batch, time]`, False at padding. Default: all steps count.
        initial_state: List of the layers' `(h, c)`. Default: zeros.
        elapsed: `[batch, time]`, with `decay`; see `LSTM`.
        return_state: Also return such a list of the states after the last step.

    Returns:
        `[batch, time, units]`, twice as wide if bidirectional; with `return_state` a tuple with the list.

    Weights: those of the layers; without residual connections the same as in PyTorch's `nn.LSTM(num_layers=...)`.

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
        time = {} if elapsed is None else {"elapsed": elapsed}  # which a bidirectional layer does not take
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
