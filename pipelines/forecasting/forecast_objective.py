"""The head of a forecaster and the loss that its training minimises."""

import keras
import tensorflow as tf

from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.runs.rows import quantile_levels
from tfmodels import layers
from tfmodels.training import Objective

_IN_UNITS = ("point", "quantiles")  # whose parameters are values of the series
_NATS = "nats per step"
_LARGEST = 1e15  # error, whose square is finite: that of a missing target, which is 0 with weight 0, is the level


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

    With a teacher, the loss of training is mixed with the distance to the teacher's forecasts: the absolute error,
    averaged over the quantiles; of directions the cross-entropy.

    Args:
        config: Options of the run.

    Returns:
        The objective, with the absolute error in those units as its metric; of directions, with their accuracy.
    """
    made = head(config)

    def loss(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        values, scale = targets["values"], targets["scale"]
        if config.head in _IN_UNITS:
            # Around the target, so that what is divided is as small as the errors are.
            errors = _in_units(parameters - values[..., tf.newaxis], scale[..., tf.newaxis])
            return made.loss(tf.zeros_like(values, tf.float32), errors)
        nats = tf.cast(made.loss(values, parameters), tf.float32)
        return nats - tf.cast(tf.math.log(scale), tf.float32) if config.head == "student_t" else nats

    def taught_loss(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        weight = config.teacher_weight
        return (1 - weight) * loss(targets, parameters) + weight * distance(targets, parameters)

    def distance(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        """How far the forecasts are from those of the teacher, in the same units."""
        taught = targets["beside"]
        if config.head == "direction":
            return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(taught, parameters.dtype), parameters[..., 0])
        if config.head == "point":
            return tf.abs(_in_units(made.mean(parameters) - taught, targets["scale"]))
        errors = made.quantiles(parameters, quantile_levels.parse(config.levels)) - taught
        return tf.reduce_mean(tf.abs(_in_units(errors, targets["scale"][..., tf.newaxis])), axis=-1)

    def absolute_error(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        median = made.quantiles(parameters, (0.5,))[..., 0]
        return tf.abs(_in_units(median - targets["values"], targets["scale"]))

    def right(targets: dict, parameters: tf.Tensor) -> tf.Tensor:
        return tf.cast((targets["values"] > parameters[..., 1]) == (parameters[..., 0] > 0), tf.float32)

    learnt = taught_loss if config.teacher else loss
    unit = {"spread": "MAE/std", "season": "MASE"}[config.unit]
    if config.head == "direction":
        columns = (("accuracy", 8, "val_accuracy", ".2%"),)
        return Objective(learnt, loss, {"accuracy": right}, columns=columns, unit=_NATS)
    columns = ((unit, 8, "val_scaled_mae", ".4f"),)
    return Objective(learnt, loss, {"scaled_mae": absolute_error}, columns=columns, unit=_unit(config))


def _unit(config: ForecastOptions) -> str:
    """The unit of the loss."""
    if config.head not in _IN_UNITS:
        return _NATS
    scale = {"spread": "standard deviations of the series", "season": "mean seasonal differences"}[config.unit]
    return f"{scale}, squared" if (config.head, config.point_loss) == ("point", "mse") else scale


def _in_units(errors: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Errors divided by the scale, float32."""
    return tf.cast(tf.clip_by_value(errors / scale, -_LARGEST, _LARGEST), tf.float32)
