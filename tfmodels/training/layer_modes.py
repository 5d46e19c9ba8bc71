"""Ways to train that some layers know: computing activations twice, compiling loops."""

from collections.abc import Iterator

import keras

from tfmodels.training.options import Options

_WHO_KNOWS = {"recompute": "a Transformer", "xla": "LSTMs"}


def set_modes(network: keras.Model, options: Options) -> None:
    """Switches on what `options` asks for in all layers that have such an attribute.

    Args:
        network: Built, before its train step is traced.
        options: `recompute` (see `layers.TransformerEncoderLayer`) and `xla` (see `layers.LSTM`) are read.

    Raises:
        ValueError: If none of its layers has it.

    Example:
        `set_modes(models.TransformerClassifier(8000, classes=2), Options(recompute=True))`
    """
    for mode, who in _WHO_KNOWS.items():
        if getattr(options, mode):
            _switch_on(network, mode, who)


def _switch_on(network: keras.Model, mode: str, who: str) -> None:
    layers = [layer for layer in sublayers(network) if hasattr(layer, mode)]
    if not layers:
        raise ValueError(
            f"Expected training.{mode} with {who} only. "
            f"Received: training.{mode}=True, network={type(network).__name__}"
        )
    for layer in layers:
        setattr(layer, mode, True)


def sublayers(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """All layers inside a layer, at any depth; one that is held twice may come twice.

    Args:
        layer: A layer or model.

    Yields:
        The layers.

    Example:
        `[layer.name for layer in sublayers(models.LSTMClassifier(8000, classes=2))]`
    """
    for value in vars(layer).values():
        for part in keras.tree.flatten(value):
            if isinstance(part, keras.layers.Layer):
                yield part
                yield from sublayers(part)
