"""Long short-term memory over a batch of sequences."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.dropout import Dropout
from tfmodels.layers.layer_normalization import LayerNormalization
from tfmodels.layers.recurrent.batch_parts import in_batch_parts
from tfmodels.layers.recurrent.compiled_lstm import compiled_lstm

State = tuple[tf.Tensor, tf.Tensor]


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

    A masked step leaves `h` and `c` unchanged, and its output is zero. The loop is TensorFlow's own on every device, so
    that an export contains no `CudnnRNN` operation.

    With `decay`, for irregularly spaced steps, the state decays with time: before each step `h` and `c` are multiplied
    by `exp(-softplus(r) * elapsed)`, with one learned rate `r` per unit (Che et al., 2018, eq. 10, with a diagonal
    matrix).

    Args:
        units: Width of `h` and `c`.
        dropout: Dropout rate on the inputs, with the same mask at all steps (variational dropout; Gal and Ghahramani,
            2016).
        recurrent_dropout: Dropout rate on `h`, with the same mask at all steps.
        weight_drop: Dropout rate on the elements of `U`, with the same mask for the batch (Merity et al., 2018).
        layer_norm: Normalise `x W`, `h U` and, inside the last tanh, `c` (Ba et al., 2016, eq. 20 to 22).
        reverse: Process the sequence from its end.
        decay: Whether the state decays with the time between steps.
        xla: In training, let XLA compile the loop and its gradient, see `compiled_lstm`. Has no effect with
            `layer_norm`, with `elapsed` or in eager training.

    Call arguments:
        x: `[batch, time, dim]`.
        sequence_mask: bool `[batch, time]`, False at padding. Default: no padding.
        initial_state: `(h, c)`, each `[batch, units]`. Default: zeros.
        elapsed: `[batch, time]`, the time since the previous step, not negative; used with `decay` only. Default: the
            state does not decay.
        return_state: Also return the state after the last step.

    Returns:
        `[batch, time, units]`; with `return_state` a tuple with `(h, c)`.

    Weights: kernel `[dim, 4 * units]` and recurrent_kernel `[units, 4 * units]`, columns in the order i, f, g, o, bias
        `[4 * units]` (1 at the forget gate; Jozefowicz et al., 2015) and, with `decay`, decay_rate `[units]`.
        `keras.layers.LSTM` has the same weights but for decay_rate; PyTorch's `weight_ih` and `weight_hh` are the
        transposed kernels, and its two biases add up to `bias`.

    Example:
        >>> lstm = LSTM(64)
        >>> outputs, (h, c) = lstm(tf.random.normal([2, 10, 32]), return_state=True)
        >>> more = lstm(tf.random.normal([2, 5, 32]), initial_state=(h, c))
    """

    def __init__(
        self,
        units: int,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        reverse: bool = False,
        decay: bool = False,
        xla: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.layer_norm = layer_norm
        self.reverse = reverse
        self.decay = decay
        self.xla = xla
        policy = self.dtype_policy
        self.input_dropout = Dropout(dropout, name="input_dropout", dtype=policy)
        self.recurrent_dropout = Dropout(recurrent_dropout, name="recurrent_dropout", dtype=policy)
        self.weight_drop = Dropout(weight_drop, name="weight_drop", dtype=policy)
        norms = ("input_norm", "recurrent_norm", "cell_norm") if layer_norm else ()
        self._norms = {name: LayerNormalization(name=name, dtype=policy) for name in norms}

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        gates = 4 * self.units
        self.kernel = self.add_weight(name="kernel", shape=[x_shape[-1], gates], initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=[self.units, gates], initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=[gates], initializer=self._open_forget_gate)
        if self.decay:  # half of the state is left after 38 units of time
            initializer = keras.initializers.Constant(-4.0)
            self.decay_rate = self.add_weight(name="decay_rate", shape=[self.units], initializer=initializer)
        for name, norm in self._norms.items():
            norm.build((None, self.units if name == "cell_norm" else gates))
        for dropout in (self.input_dropout, self.recurrent_dropout, self.weight_drop):
            dropout.build(x_shape)  # not called outside of training, and `fit` rebuilds layers that are not built

    def _open_forget_gate(self, shape: tuple, dtype: str | None = None) -> tf.Tensor:
        return tf.repeat(tf.constant([0.0, 1.0, 0.0, 0.0], dtype), self.units)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        sequence_mask: tf.Tensor | None = None,
        initial_state: State | None = None,
        elapsed: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, State]:
        rows = tf.shape(x)[0]
        if initial_state is None:
            initial_state = (tf.zeros([rows, self.units], x.dtype), tf.zeros([rows, self.units], x.dtype))
        if training and self.input_dropout.rate:
            x *= self.input_dropout(tf.ones_like(x[:, :1]), training=True)
        kernel = self.weight_drop(tf.cast(tf.convert_to_tensor(self.recurrent_kernel), x.dtype), training=training)
        kept = None
        if training and self.recurrent_dropout.rate:
            kept = self.recurrent_dropout(tf.ones([rows, self.units], x.dtype), training=True)
        # Eager gradients cannot enter a function compiled by XLA.
        compiled = training and self.xla and not self._norms and not self._decays(elapsed) and tf.inside_function()
        loop = self._compiled_loop if compiled else self._loop

        def run(x: tf.Tensor, mask: tf.Tensor | None, state: State, kept: tf.Tensor | None, elapsed: Any) -> Any:
            remaining = (self._remaining(elapsed),) if self._decays(elapsed) else ()
            outputs, state = loop(self._project(x), mask, state, kernel, kept, *remaining)
            return tf.transpose(outputs, [1, 0, 2]), state

        arguments = (x, sequence_mask, initial_state, kept, elapsed)
        outputs, state = in_batch_parts(run, *arguments) if training else run(*arguments)
        if sequence_mask is not None:
            outputs = tf.where(sequence_mask[:, :, tf.newaxis], outputs, tf.zeros([], outputs.dtype))
        outputs = tf.ensure_shape(outputs, [None, None, self.units])
        return (outputs, state) if return_state else outputs

    def _project(self, x: tf.Tensor) -> tf.Tensor:
        """The contribution of the inputs to the gates of all steps, in one product: `[time, batch, 4 units]`."""
        x = tf.transpose(x, [1, 0, 2])
        flat = tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), tf.cast(tf.convert_to_tensor(self.kernel), x.dtype))
        flat = self._norm("input_norm", flat)
        flat = tf.nn.bias_add(flat, tf.cast(tf.convert_to_tensor(self.bias), x.dtype))
        return tf.reshape(flat, [*tf.unstack(tf.shape(x)[:2]), 4 * self.units])

    def _decays(self, elapsed: tf.Tensor | None) -> bool:
        return elapsed is not None and self.decay

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
            step = time - 1 - count if self.reverse else count
            old_h, old_c = (h, c) if remaining is None else (h * remaining[step], c * remaining[step])
            new_h, new_c = self._cell(steps.read(step), old_h if kept is None else old_h * kept, old_c, kernel)
            if unmasked is not None:
                new_h, new_c = tf.where(unmasked[step], new_h, h), tf.where(unmasked[step], new_c, c)
            new_h.set_shape(h.shape)  # reading a step from the array loses the batch size
            new_c.set_shape(c.shape)
            return count + 1, new_h, new_c, outputs.write(step, new_h)

        _, h, c, buffer = tf.while_loop(
            lambda count, *_: count < time, advance, (0, *state, buffer), maximum_iterations=time
        )
        return buffer.stack()[:time], (h, c)

    def _compiled_loop(
        self, inputs: tf.Tensor, mask: tf.Tensor | None, state: State, kernel: tf.Tensor, kept: tf.Tensor | None
    ) -> tuple[tf.Tensor, State]:
        unmasked = tf.ones_like(inputs[..., :1], tf.bool) if mask is None else tf.transpose(mask)[:, :, tf.newaxis]
        if self.reverse:
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
            "units": self.units,
            "dropout": self.input_dropout.rate,
            "recurrent_dropout": self.recurrent_dropout.rate,
            "weight_drop": self.weight_drop.rate,
            "layer_norm": self.layer_norm,
            "reverse": self.reverse,
            "decay": self.decay,
            "xla": self.xla,
        }
