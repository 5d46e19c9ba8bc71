"""Long short-term memory over a batch of sequences."""

from collections.abc import Sequence
from typing import Any, Self

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.layer_normalization import LayerNormalization
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.recurrent.batch_parts import in_batch_parts
from tfmodels.layers.recurrent.compiled_lstm import compiled_lstm
from tfmodels.layers.recurrent.shown_steps import shown_steps
from tfmodels.layers.recurrent.weight_options import open_forget_gate, refuse_other_cells, take_options, weight_configs
from tfmodels.layers.traced_output_spec import traced_output_spec

State = Sequence[tf.Tensor]  # h and c
_ATTRIBUTES = (
    *("units", "return_sequences", "return_state", "go_backwards", "reverse", "zero_output_for_mask"),
    *("seed", "layer_norm", "decay", "xla", "unit_forget_bias"),
)


@keras.saving.register_keras_serializable("tfmodels")
class LSTM(keras.layers.Layer):
    """A recurrent layer with gates (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).

    From the input `x` of a step and the output `h` and cell `c` of the previous step it computes

        i = sigmoid(x W_i + h U_i + b_i)        input gate
        f = sigmoid(x W_f + h U_f + b_f)        forget gate
        g = tanh(x W_g + h U_g + b_g)           candidate
        o = sigmoid(x W_o + h U_o + b_o)        output gate
        c = f * c + i * g
        h = o * tanh(c)

    The arguments of `keras.layers.LSTM` mean what they mean there, and have its defaults. The loop is TensorFlow's own
    on every device, so that an export contains no `CudnnRNN` operation.

    A masked step leaves `h` and `c` unchanged, and its output is that of the step before, see `shown_steps`.

    With `decay`, for irregularly spaced steps, the state decays with time: before each step `h` and `c` are multiplied
    by `exp(-softplus(r) * elapsed)`, with one learned rate `r` per unit (Che et al., 2018, eq. 10, with a diagonal
    matrix).

    Args:
        units: Width of `h` and `c`.
        return_sequences: Return the outputs of all steps instead of the last one.
        return_state: Also return `h` and `c` after the last step.
        go_backwards: Process the sequence from its end; the outputs are in the order of processing.
        reverse: Process the sequence from its end; the outputs are in the order of the inputs.
        zero_output_for_mask: Whether the output of a masked step is zero.
        dropout: Dropout rate on the inputs, with the same mask at all steps (variational dropout; Gal and Ghahramani,
            2016).
        recurrent_dropout: Dropout rate on `h`, with the same mask at all steps.
        weight_drop: Dropout rate on the elements of `U`, with the same mask for the batch (Merity et al., 2018).
        seed: Random seed of the three; by default drawn from Keras' global seed.
        layer_norm: Normalise `x W`, `h U` and, inside the last tanh, `c` (Ba et al., 2016, eq. 20 to 22).
        decay: Whether the state decays with the time between steps.
        xla: In training, let XLA compile the loop and its gradient, see `compiled_lstm`. Has no effect with
            `layer_norm`, with `elapsed` or in eager training.
        unit_forget_bias: Start with a bias of 1 at the forget gate (Jozefowicz et al., 2015).
        **kwargs: `kernel_initializer`, `recurrent_initializer`, `bias_initializer`, and the same with `_regularizer`
            and `_constraint`; arguments of `keras.layers.Layer`.

    Call arguments:
        x: `[batch, time, dim]`.
        initial_state: `[h, c]`, each `[batch, units]`. Default: zeros.
        mask, sequence_mask or x_mask: bool `[batch, time]`, False at padding. Default: the mask that Keras passes.
        elapsed: `[batch, time]`, the time since the previous step, not negative; used with `decay` only. Default: the
            state does not decay.
        return_state: As in the constructor, for this call.

    Returns:
        `[batch, units]`, with `return_sequences` `[batch, time, units]`; with `return_state` a tuple with `h` and `c`.

    Raises:
        ValueError: An argument of `keras.layers.LSTM` has a value that only that layer computes.

    Weights: kernel `[dim, 4 * units]` and recurrent_kernel `[units, 4 * units]`, columns in the order i, f, g, o, bias
    `[4 * units]` and, with `decay`, decay_rate `[units]`. `keras.layers.LSTM` has the same weights but for decay_rate;
    PyTorch's `weight_ih` and `weight_hh` are the transposed kernels, and its two biases add up to `bias`.

    Example:
        >>> lstm = LSTM(64, return_sequences=True, return_state=True)
        >>> outputs, h, c = lstm(tf.random.normal([2, 10, 32]))
        >>> more, h, c = lstm(tf.random.normal([2, 5, 32]), initial_state=[h, c])
    """

    stateful, states = False, None  # `keras.layers.Bidirectional` asks

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        reverse: bool = False,
        zero_output_for_mask: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        seed: int | None = None,
        layer_norm: bool = False,
        decay: bool = False,
        xla: bool = False,
        unit_forget_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        refuse_other_cells(kwargs)
        weight_options = take_options(kwargs)
        super().__init__(**kwargs)
        self.input_spec = keras.InputSpec(ndim=3)
        check_positive(units=units)
        if go_backwards and reverse:
            raise ValueError(f"Expected one of `go_backwards` and `reverse`. Received: {go_backwards=}, {reverse=}")
        self.units, self.seed = units, seed
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.reverse = go_backwards, reverse
        self.zero_output_for_mask = zero_output_for_mask
        self.layer_norm, self.decay, self.xla = layer_norm, decay, xla
        self.unit_forget_bias = unit_forget_bias
        self._weight_options = weight_options
        policy = self.dtype_policy
        self.input_dropout, self.recurrent_dropout, self.weight_drop = (
            Dropout(rate, None if seed is None else seed + place, name=name, dtype=policy)
            for place, (name, rate) in enumerate(
                {"input_dropout": dropout, "recurrent_dropout": recurrent_dropout, "weight_drop": weight_drop}.items()
            )
        )
        norms = ("input_norm", "recurrent_norm", "cell_norm") if layer_norm else ()
        self._norms = {name: LayerNormalization(name=name, dtype=policy) for name in norms}

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        gates = 4 * self.units
        kernel, recurrent_kernel, bias = self._weight_options.values()
        if self.unit_forget_bias:
            bias = {**bias, "initializer": open_forget_gate(bias["initializer"])}
        self.kernel = self.add_weight(name="kernel", shape=[x_shape[-1], gates], **kernel)
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=[self.units, gates], **recurrent_kernel)
        self.bias = self.add_weight(name="bias", shape=[gates], **bias)
        if self.decay:  # half of the state is left after 38 units of time
            initializer = keras.initializers.Constant(-4.0)
            self.decay_rate = self.add_weight(name="decay_rate", shape=[self.units], initializer=initializer)
        for name, norm in self._norms.items():
            norm.build((None, self.units if name == "cell_norm" else gates))
        for dropout in (self.input_dropout, self.recurrent_dropout, self.weight_drop):
            dropout.build(x_shape)  # not called outside of training, and `fit` rebuilds layers that are not built

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        initial_state: State | None = None,
        mask: tf.Tensor | None = None,
        training: bool | None = None,
        *,
        sequence_mask: tf.Tensor | None = None,
        x_mask: tf.Tensor | None = None,
        elapsed: tf.Tensor | None = None,
        return_state: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        mask = masks.of_steps(x, sequence_mask, mask, x_mask)
        elapsed = elapsed if self.decay else None
        rows = tf.shape(x)[0]
        state = _checked(initial_state) or (tf.zeros([rows, self.units], x.dtype),) * 2
        if training and self.input_dropout.rate:
            x *= self.input_dropout(tf.ones_like(x[:, :1]), training=True)
        kernel = self.weight_drop(tf.cast(tf.convert_to_tensor(self.recurrent_kernel), x.dtype), training=training)
        kept = None
        if training and self.recurrent_dropout.rate:
            kept = self.recurrent_dropout(tf.ones([rows, self.units], x.dtype), training=True)
        # Eager gradients cannot enter a function compiled by XLA.
        compiled = training and self.xla and not self._norms and elapsed is None and tf.inside_function()
        loop = self._compiled_loop if compiled else self._loop

        def run(x: tf.Tensor, mask: tf.Tensor | None, state: State, kept: tf.Tensor | None, elapsed: Any) -> Any:
            remaining = () if elapsed is None else (self._remaining(elapsed),)
            outputs, state = loop(self._project(x), mask, state, kernel, kept, *remaining)
            return tf.transpose(outputs, [1, 0, 2]), state

        arguments = (x, mask, state, kept, elapsed)
        outputs, (h, c) = in_batch_parts(run, *arguments) if training else run(*arguments)
        shown = None
        if mask is not None:
            mask = tf.reverse(mask, [1]) if self.go_backwards else mask
            shown = shown_steps(mask, self.zero_output_for_mask, initial_state is not None, self.reverse)
        outputs.set_shape([*x.shape[:2], self.units])
        output = outputs if self.return_sequences else h
        if shown is not None and not self.return_sequences:
            shown = shown[:, 0 if self.reverse else -1]
        if shown is not None:
            output = tf.where(shown[..., tf.newaxis], output, tf.zeros([], output.dtype))
        for tensor in (h, c):
            tensor.set_shape([x.shape[0], self.units])
        return (output, h, c) if (self.return_state if return_state is None else return_state) else output

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, x_shape: tuple) -> Any:  # noqa: D102
        batch, time = x_shape[:2]
        output = (batch, time, self.units) if self.return_sequences else (batch, self.units)
        return (output, (batch, self.units), (batch, self.units)) if self.return_state else output

    def compute_mask(self, x: tf.Tensor, previous_mask: tf.Tensor | None) -> tf.Tensor | None:  # noqa: D102
        if previous_mask is None or not self.return_sequences:
            return None
        return keras.ops.flip(previous_mask, axis=1) if self.go_backwards else previous_mask

    def _project(self, x: tf.Tensor) -> tf.Tensor:
        """The contribution of the inputs to the gates of all steps, in one product: `[time, batch, 4 units]`."""
        x = tf.transpose(x, [1, 0, 2])
        flat = tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), tf.cast(tf.convert_to_tensor(self.kernel), x.dtype))
        flat = self._norm("input_norm", flat)
        flat = tf.nn.bias_add(flat, tf.cast(tf.convert_to_tensor(self.bias), x.dtype))
        return tf.reshape(flat, [*tf.unstack(tf.shape(x)[:2]), 4 * self.units])

    def _remaining(self, elapsed: tf.Tensor) -> tf.Tensor:
        """The factor by which the state has decayed before each step, `[time, batch, units]`."""
        rate = tf.nn.softplus(tf.cast(tf.convert_to_tensor(self.decay_rate), elapsed.dtype))
        return tf.exp(-tf.transpose(elapsed)[:, :, tf.newaxis] * rate)

    def _loop(
        self,
        inputs: tf.Tensor,
        mask: tf.Tensor | None,
        state: State,
        kernel: tf.Tensor,
        kept: tf.Tensor | None,
        remaining: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, State]:
        time = tf.shape(inputs)[0]
        # At least one step, written before the loop: an empty array cannot be stacked.
        buffer = tf.TensorArray(inputs.dtype, tf.maximum(time, 1), clear_after_read=False)
        buffer = buffer.write(0, tf.zeros_like(state[0]))
        steps = tf.TensorArray(inputs.dtype, time, element_shape=[None, 4 * self.units]).unstack(inputs)
        unmasked = None if mask is None else tf.transpose(mask)[:, :, tf.newaxis]  # [time, batch, 1]

        def advance(count: tf.Tensor, h: tf.Tensor, c: tf.Tensor, outputs: tf.TensorArray) -> tuple:
            step = time - 1 - count if self.reverse or self.go_backwards else count
            old_h, old_c = (h, c) if remaining is None else (h * remaining[step], c * remaining[step])
            new_h, new_c = self._cell(steps.read(step), old_h if kept is None else old_h * kept, old_c, kernel)
            if unmasked is not None:
                new_h, new_c = tf.where(unmasked[step], new_h, h), tf.where(unmasked[step], new_c, c)
            new_h.set_shape(h.shape)  # reading a step from the array loses the batch size
            new_c.set_shape(c.shape)
            return count + 1, new_h, new_c, outputs.write(count if self.go_backwards else step, new_h)

        _, h, c, buffer = tf.while_loop(
            lambda count, *_: count < time, advance, (0, *state, buffer), maximum_iterations=time
        )
        return buffer.stack()[:time], (h, c)

    def _compiled_loop(
        self, inputs: tf.Tensor, mask: tf.Tensor | None, state: State, kernel: tf.Tensor, kept: tf.Tensor | None
    ) -> tuple[tf.Tensor, State]:
        unmasked = tf.ones_like(inputs[..., :1], tf.bool) if mask is None else tf.transpose(mask)[:, :, tf.newaxis]
        if self.reverse or self.go_backwards:
            inputs, unmasked = tf.reverse(inputs, [0]), tf.reverse(unmasked, [0])
        kept = tf.ones_like(state[0]) if kept is None else kept
        outputs, state = compiled_lstm(inputs, unmasked, state, kernel, kept)
        return tf.reverse(outputs, [0]) if self.reverse else outputs, state

    def _cell(self, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor, kernel: tf.Tensor) -> State:
        gates = inputs + self._norm("recurrent_norm", tf.matmul(h, kernel))
        i, f, g, o = tf.split(gates, 4, axis=-1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(self._norm("cell_norm", c)), c

    def _norm(self, name: str, x: tf.Tensor) -> tf.Tensor:
        return self._norms[name](x) if self._norms else x

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in _ATTRIBUTES},
            "dropout": self.input_dropout.rate,
            "recurrent_dropout": self.recurrent_dropout.rate,
            "weight_drop": self.weight_drop.rate,
            **weight_configs(self._weight_options),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Makes the layer; one saved before there was `return_sequences` returns them, with zeros at masked steps."""
        old = "reverse" in config and "return_sequences" not in config
        return super().from_config(
            {**config, "return_sequences": True, "zero_output_for_mask": True} if old else config
        )


def _checked(state: State | None) -> State | None:
    if state is None or (isinstance(state, (list, tuple)) and len(state) == 2):
        return state
    raise ValueError(f"Expected `initial_state` to be [h, c]. Received: initial_state={state}")
