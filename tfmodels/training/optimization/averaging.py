"""Weight decay and weight averaging for any optimizer."""

from typing import Any

import keras
import tensorflow as tf


class Averaging(keras.optimizers.Optimizer):
    """Mixin that adds decoupled weight decay and a moving average of the weights to an optimizer.

    It must come before the optimizer among the bases of a class.

    Args:
        *args: Arguments of the optimizer.
        weight_decay: Decoupled, relative to the learning rate: `w -= learning_rate * weight_decay * w` (Loshchilov and
            Hutter, 2019). Vectors (biases, norms) are not decayed.
        average_decay: Decay of an exponential moving average of the weights; 0 keeps no average. In the first steps the
            decay is at most `(1 + step) / (10 + step)`, so that the initial weights soon lose their influence.
        **kwargs: Arguments of the optimizer.

    Attributes:
        averages: The averaged weights, in the order of the trainable variables.

    Example:
        ```python
        class Momentum(Averaging, keras.optimizers.SGD):
            ...

        Momentum(0.1, momentum=0.9, average_decay=0.999)
        ```
    """

    def __init__(self, *args: Any, weight_decay: float = 0.0, average_decay: float = 0.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decay = weight_decay
        self.average_decay = average_decay

    def build(self, variables: list[keras.Variable]) -> None:  # noqa: D102
        if self.built:
            return
        super().build(variables)
        self.averages = []
        if self.average_decay:
            self.averages = self.add_optimizer_variables(variables, "average")
            for average, variable in zip(self.averages, variables, strict=True):
                average.assign(variable)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:  # noqa: D102
        dtype = variable.dtype
        if self.decay and variable.shape.rank > 1:
            variable.assign_sub(variable * tf.cast(learning_rate, dtype) * tf.cast(self.decay, dtype))
        super().update_step(gradient, variable, learning_rate)
        if self.averages:
            step = tf.cast(self.iterations, dtype) + 1.0
            keep = tf.minimum(tf.cast(self.average_decay, dtype), step / (9.0 + step))
            average = self.averages[self._get_variable_index(variable)].value
            average.assign_add((1.0 - keep) * (variable - average))

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "weight_decay": self.decay, "average_decay": self.average_decay}
