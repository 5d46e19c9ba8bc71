"""Training in less memory by computing activations twice."""

import keras


def recompute_activations(network: keras.Model) -> None:
    """Lets every layer of a Transformer keep its input only; see `layers.TransformerEncoderLayer`.

    Args:
        network: Before its train step is traced.

    Raises:
        ValueError: If none of its layers can.

    Example:
        `recompute_activations(models.TransformerClassifier(8000, classes=2))`
    """
    layers = [layer for layer in network.layers if hasattr(layer, "recompute")]
    if not layers:
        raise ValueError(
            "Expected training.recompute with a Transformer: what other networks keep is not computed again. "
            f"Received: training.recompute=True, network={type(network).__name__}"
        )
    for layer in layers:
        layer.recompute = True
