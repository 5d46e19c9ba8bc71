"""The head of a forecaster and the loss that its training minimises."""

import keras
import tensorflow as tf

from pipelines.forecasting import quantile_levels
from pipelines.forecasting.forecast_options import ForecastOptions
from tfmodels import layers
from tfmodels.training import Objective

_IN_UNITS = ("point", "quantiles")  # whose parameters are values of the series


def head(config: ForecastOptions) -> keras.layers.Layer:
    """The head that `config.head` names."""
    heads = {
        "point": lambda: layers.PointHead(config.point_loss),
        "quantiles": lambda: layers.QuantileHead(quantile_levels.parse(config.levels)),
        "student_t": layers.StudentTHead,
        "negative_binomial": layers.NegativeBinomialHead,
        "direction": layers.DirectionHead,
    }
    return heads[config.head]()


def make(config: ForecastOptions) -> Objective:
    """The head's loss, in the unit of each series (see `series_batches.training_scale`).

    Args:
        config: Options of the run.

    Returns:
        The objective, with the absolute error in those units as its metric; of directions, with their accuracy.
    """
    made = head(config)

    def loss(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        values, scale = targets["values"], targets["scale"]
        if config.head in _IN_UNITS:
            return made.loss(values / scale, parameters / scale[..., tf.newaxis])
        nats = made.loss(values, parameters)
        return nats - tf.math.log(scale) if config.head == "student_t" else nats

    def absolute_error(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        return tf.abs(targets["values"] - made.quantiles(parameters, (0.5,))[..., 0]) / targets["scale"]

    def right(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        return tf.cast((targets["values"] > parameters[..., 1]) == (parameters[..., 0] > 0), tf.float32)

    unit = {"spread": "MAE/std", "season": "MASE"}[config.unit]
    if config.head == "direction":
        return Objective(loss, loss, {"accuracy": right}, columns=(("accuracy", 8, "val_accuracy", ".2%"),))
    return Objective(loss, loss, {"scaled_mae": absolute_error}, columns=((unit, 8, "val_scaled_mae", ".4f"),))
