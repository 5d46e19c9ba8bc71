"""The stack of bidirectional LSTMs that encodes a text."""

import keras

from tfmodels.layers import LSTMStack
from tfmodels.models.lstm_options import RecurrentOptions


def bidirectional_stack(options: RecurrentOptions, policy: keras.DTypePolicy, name: str) -> LSTMStack:
    """Makes the layers that options describe, each direction half as wide as the states.

    Args:
        options: Their options.
        policy: Their dtype policy.
        name: Of the stack.

    Returns:
        The stack, not built.

    Example:
        `bidirectional_stack(LSTMOptions(d_model=64), keras.DTypePolicy("float32"), "encoder")`
    """
    return LSTMStack(
        options.d_model // 2,
        options.num_layers,
        bidirectional=True,
        return_sequences=True,
        dropout=options.dropout,
        recurrent_dropout=options.recurrent_dropout,
        weight_drop=options.weight_drop,
        layer_norm=options.layer_norm,
        dtype=policy,
        name=name,
    )
