"""The stack of bidirectional LSTMs that encodes a text."""

import keras

from tfmodels.layers import LSTMStack
from tfmodels.models.lstm_options import RecurrentOptions


def bidirectional_stack(
    options: RecurrentOptions, policy: keras.DTypePolicy, name: str, right_padded: bool = False
) -> LSTMStack:
    """Makes the layers that options describe, each direction half as wide as the states.

    Args:
        options: Their options.
        policy: Their dtype policy.
        name: Of the stack.
        right_padded: Whether masks are False only behind the last step of a row, see `BidirectionalLSTM`.

    Returns:
        The stack, not built.

    Example:
        `bidirectional_stack(LSTMOptions(d_model=64), keras.DTypePolicy("float32"), "encoder")`
    """
    return LSTMStack(
        options.d_model // 2,
        options.num_layers,
        bidirectional=True,
        right_padded=right_padded,
        return_sequences=True,
        dropout=options.dropout,
        recurrent_dropout=options.recurrent_dropout,
        weight_drop=options.weight_drop,
        layer_norm=options.layer_norm,
        dtype=policy,
        name=name,
    )
