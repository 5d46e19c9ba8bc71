"""The optimizers, each with decoupled weight decay and a moving average of the weights."""

import keras

from tfmodels.training.optimization.adam import Adam
from tfmodels.training.optimization.averaging import Averaging
from tfmodels.training.options import Options


@keras.saving.register_keras_serializable("tfmodels")
class AdamW(Averaging, Adam):
    """Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019), fused.

    The update is that of `keras.optimizers.AdamW`, except that vectors are not decayed. Takes the arguments of `Adam`
    and `Averaging`.

    Example:
        `AdamW(1e-3, weight_decay=0.01, average_decay=0.999)`
    """


@keras.saving.register_keras_serializable("tfmodels")
# pyrefly: ignore[inconsistent-inheritance]  # Keras' optimizers give the argument of `build` different names
class RMSprop(Averaging, keras.optimizers.RMSprop):
    """RMSprop (Tieleman and Hinton, 2012), with the arguments of `keras.optimizers.RMSprop` and `Averaging`."""


@keras.saving.register_keras_serializable("tfmodels")
# pyrefly: ignore[inconsistent-inheritance]  # Keras' optimizers give the argument of `build` different names
class Adagrad(Averaging, keras.optimizers.Adagrad):
    """Adagrad (Duchi et al., 2011), with the arguments of `keras.optimizers.Adagrad` and `Averaging`."""


@keras.saving.register_keras_serializable("tfmodels")
class SGD(Averaging, keras.optimizers.SGD):
    """Gradient descent with momentum (Sutskever et al., 2013); arguments of `keras.optimizers.SGD` and `Averaging`."""


def optimizer(
    options: Options, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Makes the optimizer that `options` name.

    Args:
        options: How to train.
        learning_rate: Number or schedule.

    Returns:
        The optimizer.

    Example:
        `optimizer(Options(optimizer="sgd"), 0.1)`
    """
    shared = {
        "learning_rate": learning_rate,
        "weight_decay": options.weight_decay,
        "average_decay": options.ema_decay,
    }
    if options.optimizer in ("adam", "adamw"):
        return AdamW(**shared, beta_2=options.beta_2)
    if options.optimizer == "rmsprop":
        return RMSprop(**shared, momentum=options.momentum)
    if options.optimizer == "adagrad":
        return Adagrad(**shared)
    return SGD(**shared, momentum=options.momentum)
