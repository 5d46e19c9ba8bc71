"""Switches for modes that some layers have: recomputing activations, compiling loops."""

from collections.abc import Iterator

import keras

from tfmodels.training.options import Options

_LAYERS = {"recompute": "Transformer layers", "xla": "LSTMs"}


def enable_modes(network: keras.Model, options: Options) -> None:
    """Enables the modes that `options` ask for in every layer that has them.

    Args:
        network: A built network whose train step is not yet traced.
        options: `recompute` (see `layers.TransformerEncoderLayer`) and `xla` (see `layers.LSTM`) are read.

    Raises:
        ValueError: No layer of the network has the mode.

    Example:
        `enable_modes(network, Options(recompute=True))`
    """
    for mode, layers in _LAYERS.items():
        if getattr(options, mode):
            _enable(network, mode, layers)


def _enable(network: keras.Model, mode: str, able: str) -> None:
    layers = [layer for layer in sublayers(network) if hasattr(layer, mode)]
    if not layers:
        raise ValueError(
            f"Expected training.{mode} with a network that has {able}. "
            f"Received: training.{mode}=True, network={type(network).__name__}"
        )
    for layer in layers:
        setattr(layer, mode, True)


def sublayers(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """Yields all layers inside a layer, at any depth.

    Args:
        layer: A layer or model.

    Yields:
        The layers. A layer that two attributes hold may come twice.

    Example:
        `[layer.name for layer in sublayers(network)]`
    """
    for value in vars(layer).values():
        for part in keras.tree.flatten(value):
            if isinstance(part, keras.layers.Layer):
                yield part
                yield from sublayers(part)
