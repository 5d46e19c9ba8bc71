"""The loop of an LSTM and the loop of its gradient, each compiled by XLA. For training only."""

from collections.abc import Callable, Sequence
from functools import cache

import tensorflow as tf


def compiled_lstm(
    inputs: tf.Tensor,
    mask: tf.Tensor,
    state: Sequence[tf.Tensor],
    kernel: tf.Tensor,
    kept: tf.Tensor,
) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
    """Runs the cell over all steps, with the results of the loop in `LSTM` and in about a fifth less time.

    The gates are kept for the gradient, which computes that of the weights in one product over all steps. Each new
    shape of `inputs` is compiled, which takes about a second.

    Args:
        inputs: Contribution of the inputs to the gates i, f, g, o, `[time, batch, 4 units]`.
        mask: bool `[time, batch, 1]`; False leaves the state unchanged.
        state: h and c before the first step, `[batch, units]` each.
        kernel: Recurrent weights, `[units, 4 units]`.
        kept: Dropout mask that multiplies h before the recurrent weights, `[batch, units]`; gets no gradient.

    Returns:
        h of each step, `[time, batch, units]`, and the final h and c.

    Example:
        `compiled_lstm(gates, tf.ones([10, 2, 1], tf.bool), (zeros, zeros), recurrent_kernel, tf.ones([2, 32]))`
    """
    forward, backward = _functions(kernel.shape[0], kernel.dtype)

    @tf.custom_gradient
    def run(inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor, kernel: tf.Tensor) -> tuple[tuple, Callable]:
        outputs, cells, gates = forward(inputs, mask, h, c, kernel, kept)

        def gradient(of_outputs: tf.Tensor, of_cells: tf.Tensor) -> tuple[tf.Tensor, ...]:
            before = [tf.concat([first[tf.newaxis], after], axis=0)[:-1] for first, after in ((h, outputs), (c, cells))]
            # XLA is twice as fast with a kernel that has been transposed beforehand.
            return backward(gates, mask, *before, cells, tf.transpose(kernel), kept, of_outputs, of_cells)

        return (outputs, cells), gradient

    h, c = state
    outputs, cells = run(inputs, h, c, kernel)
    # Without any step the final state is the initial one.
    final = (tf.concat([first[tf.newaxis], after], axis=0)[-1] for first, after in ((h, outputs), (c, cells)))
    return outputs, tuple(final)


@cache
def _functions(units: int, dtype: tf.DType) -> tuple[Callable, Callable]:
    """The two functions, traced once for all lengths and batch sizes; XLA compiles them for each shape."""
    steps, gates = tf.TensorSpec([None, None, units], dtype), tf.TensorSpec([None, None, 4 * units], dtype)
    state, kernel = tf.TensorSpec([None, units], dtype), tf.TensorSpec([units, 4 * units], dtype)
    transposed, mask = tf.TensorSpec([4 * units, units], dtype), tf.TensorSpec([None, None, 1], tf.bool)
    forward = tf.function(_forward, [gates, mask, state, state, kernel, state], jit_compile=True, autograph=False)
    backward = tf.function(
        _backward,
        [gates, mask, steps, steps, steps, transposed, state, steps, steps],
        jit_compile=True,
        autograph=False,
    )
    return forward, backward


def _forward(
    inputs: tf.Tensor, mask: tf.Tensor, h: tf.Tensor, c: tf.Tensor, kernel: tf.Tensor, kept: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """h, c and the gates of each step."""
    # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: one tanh for all gates, which XLA compiles to one loop over a row.
    scale, shift = (
        tf.repeat(tf.constant(values, h.dtype), kernel.shape[0]) for values in ([0.5, 0.5, 1, 0.5], [0.5, 0.5, 0, 0.5])
    )

    def advance(step: tf.Tensor, h: tf.Tensor, c: tf.Tensor, *arrays: tf.TensorArray) -> tuple:
        gates = tf.tanh((inputs[step] + tf.matmul(h * kept, kernel)) * scale) * scale + shift
        i, f, g, o = tf.split(gates, 4, axis=-1)
        c = tf.where(mask[step], f * c + i * g, c)
        h = tf.where(mask[step], o * tf.tanh(c), h)
        return step + 1, h, c, *(array.write(step, value) for array, value in zip(arrays, (h, c, gates), strict=True))

    time = tf.shape(inputs)[0]
    arrays = [tf.TensorArray(h.dtype, time, element_shape=shape) for shape in (h.shape, c.shape, inputs.shape[1:])]
    _, _, _, *arrays = tf.while_loop(lambda step, *_: step < time, advance, (0, h, c, *arrays), maximum_iterations=time)
    return tuple(array.stack() for array in arrays)


def _backward(
    gates: tf.Tensor,
    mask: tf.Tensor,
    h_before: tf.Tensor,
    c_before: tf.Tensor,
    c_after: tf.Tensor,
    transposed_kernel: tf.Tensor,
    kept: tf.Tensor,
    of_h: tf.Tensor,
    of_c: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gradients of inputs, first h, first c and kernel (Hochreiter and Schmidhuber, 1997, without truncation)."""
    time = tf.shape(gates)[0]
    # What does not depend on later steps is computed for all steps at once.
    i, f, g, o = tf.split(gates, 4, axis=-1)
    squashed = tf.tanh(c_after)
    c_by_h = o * (1 - squashed * squashed)
    gates_by_state = tf.concat(
        [g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g), squashed * o * (1 - o)], axis=-1
    )

    def advance(count: tf.Tensor, dh: tf.Tensor, dc: tf.Tensor, array: tf.TensorArray) -> tuple:
        step = time - 1 - count
        dh, dc = dh + of_h[step], dc + of_c[step]
        zeros = tf.zeros_like(dh)
        new_dh, new_dc = tf.where(mask[step], dh, zeros), tf.where(mask[step], dc, zeros)
        new_dc += new_dh * c_by_h[step]
        of_gates = tf.concat([new_dc, new_dc, new_dc, new_dh], axis=-1) * gates_by_state[step]
        dh = tf.matmul(of_gates, transposed_kernel) * kept + dh - new_dh
        return count + 1, dh, new_dc * f[step] + tf.where(mask[step], zeros, dc), array.write(step, of_gates)

    array = tf.TensorArray(gates.dtype, time, element_shape=gates.shape[1:])
    state = tf.zeros_like(kept)
    _, dh, dc, array = tf.while_loop(
        lambda count, *_: count < time, advance, (0, state, state, array), maximum_iterations=time
    )
    of_inputs = array.stack()
    units, gates_width = kept.shape[1], gates.shape[2]
    h_dropped = tf.reshape(h_before * kept, [-1, units])
    return of_inputs, dh, dc, tf.matmul(h_dropped, tf.reshape(of_inputs, [-1, gates_width]), transpose_a=True)
