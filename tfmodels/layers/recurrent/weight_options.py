"""The arguments of `keras.layers.LSTM` for its weights, and those that this package leaves to it."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

_KINDS = {"initializer": keras.initializers, "regularizer": keras.regularizers, "constraint": keras.constraints}
_INITIALIZERS = {"kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": "zeros"}
_FIXED: dict[str, tuple] = {
    "activation": ("tanh",),
    "recurrent_activation": ("sigmoid",),
    "use_bias": (True,),
    "stateful": (False,),
    "unroll": (False,),
    "use_cudnn": ("auto", False),
}


def take_options(arguments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Takes initializers, regularizers and constraints out of the arguments of a layer.

    Args:
        arguments: By name, such as `kernel_initializer`; what is taken is removed.

    Returns:
        For `kernel`, `recurrent` and `bias` the arguments of `add_weight`, Keras' defaults where nothing is given.

    Example:
        `take_options({"kernel_initializer": "zeros", "name": "lstm"})`
    """
    defaults = {"regularizer": None, "constraint": None}
    return {
        weight: {
            kind: _KINDS[kind].get(arguments.pop(f"{weight}_{kind}", default))
            for kind, default in ({"initializer": initializer, **defaults}).items()
        }
        for weight, initializer in _INITIALIZERS.items()
    }


def weight_configs(options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The configurations of what `take_options` returned, by the names that it takes."""
    return {
        f"{weight}_{kind}": _KINDS[kind].serialize(value)
        for weight, of in options.items()
        for kind, value in of.items()
    }


def open_forget_gate(initializer: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    """An initializer of a bias of the gates i, f, g, o: 1 at the forget gate, else that of another initializer."""

    def initialize(shape: tuple, dtype: str | None = None) -> tf.Tensor:
        bias = initializer(shape, dtype)
        forget = tf.repeat(tf.constant([False, True, False, False]), shape[0] // 4)
        return tf.where(forget, tf.ones_like(bias), bias)

    return initialize


def refuse_other_cells(arguments: dict[str, Any]) -> None:
    """Removes what `keras.layers.LSTM` can be told and this package's cannot, if it has the one value that is computed.

    Raises:
        ValueError: It has another value.
    """
    for name, allowed in _FIXED.items():
        value = arguments.pop(name, allowed[0])
        if getattr(value, "__name__", value) not in allowed:
            expected = " or ".join(map(repr, allowed))
            raise ValueError(
                f"Expected `{name}` to be {expected}: `keras.layers.LSTM` takes others and has the same weights. "
                f"Received: {name}={value!r}"
            )
