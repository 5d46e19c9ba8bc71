"""Models that are loaded and compiled as they were saved."""

from typing import Any

import keras


def compile_again(model: keras.Model, config: dict[str, Any], **replaced: Any) -> None:
    """Compiles a loaded model, which Keras leaves out where a model has a `compile` of its own.

    Args:
        model: The model, built.
        config: What its `get_compile_config` returned.
        **replaced: Arguments of `compile` in place of those in `config`.

    Example:
        `compile_again(model, config, loss=model.head.loss)`
    """
    model.compile(**{**keras.saving.deserialize_keras_object(config), **replaced})
    model.optimizer.build(model.trainable_variables)
