"""What the SavedModel takes that Keras' `export` makes of a model."""

from collections.abc import Mapping, Sequence

import keras


def ids_signature(*names: str, rank: int = 2) -> list:
    """The signature of a model of token ids: texts of any length, not only of that of the first call.

    Args:
        *names: Of the inputs; none for a model that takes one tensor.
        rank: Of the ids, rows included.

    Returns:
        The argument `input_signature` of `keras.Model.export`.

    Example:
        `ids_signature("source", "target")`
    """
    shape = (None,) * rank
    if not names:
        return [keras.InputSpec("int32", shape, name="ids")]
    return [{name: keras.InputSpec("int32", shape, name=name) for name in names}]


def series_signature(inputs: Mapping[str, Sequence[int]]) -> list:
    """The signature of a forecaster: float32 in every dtype policy, since bfloat16 loses the digits of a history.

    Args:
        inputs: Shape of each input, without the batch axis.

    Returns:
        The argument `input_signature` of `keras.Model.export`.

    Example:
        `series_signature(ForecastShape(channels=7, context=336, horizon=96).inputs)`
    """
    return [{name: keras.InputSpec("float32", (None, *shape), name=name) for name, shape in inputs.items()}]
