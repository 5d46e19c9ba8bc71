"""Adam with decoupled weight decay and an average of the weights."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class AdamW(keras.optimizers.Optimizer):
    """Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019), fused.

    Vectors (biases, norms) are not decayed. With `average_decay` an exponential moving average of the
    weights is kept in `averages`, in the order of the trainable variables.
    The update is that of `keras.optimizers.AdamW`.

    Args:
        learning_rate: Number or schedule.
        weight_decay: Relative to the learning rate: `w -= learning_rate * weight_decay * w`.
        beta_1: Decay of the first moment.
        beta_2: Decay of the second moment.
        epsilon: Added to the root of the second moment.
        average_decay: Decay of the average of the weights; 0 keeps none. In the first steps the decay is at most
            `(1 + step) / (10 + step)`, so that the initial weights are soon forgotten.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 1e-3,
        weight_decay: float = 0.0,
        beta_1: float = 0.9,
        beta_2: float = 0.98,
        epsilon: float = 1e-9,
        average_decay: float = 0.0,
        name: str = "adamw",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.decay = weight_decay
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.average_decay = average_decay

    def build(self, variables: list[keras.Variable]) -> None:  # noqa: D102
        if self.built:
            return
        super().build(variables)
        self.first_moments = self.add_optimizer_variables(variables, "first_moment")
        self.second_moments = self.add_optimizer_variables(variables, "second_moment")
        self.averages = []
        if self.average_decay:
            self.averages = self.add_optimizer_variables(variables, "average")
            for average, variable in zip(self.averages, variables, strict=True):
                average.assign(variable)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:  # noqa: D102
        index = self._get_variable_index(variable)
        dtype = variable.dtype
        step = tf.cast(self.iterations, dtype) + 1.0
        rate = tf.cast(learning_rate, dtype)
        if self.decay and variable.shape.rank > 1:
            variable.assign_sub(variable * (rate * tf.cast(self.decay, dtype)))
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self.first_moments[index].value.handle,
            v=self.second_moments[index].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, dtype), step),
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )
        if self.averages:
            keep = tf.minimum(tf.cast(self.average_decay, dtype), step / (9.0 + step))
            average = self.averages[index].value
            average.assign_add((1.0 - keep) * (variable - average))

    def get_config(self) -> dict:  # noqa: D102
        config = super().get_config()
        return {
            **{key: config[key] for key in ("name", "learning_rate")},
            "weight_decay": self.decay,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "average_decay": self.average_decay,
        }
