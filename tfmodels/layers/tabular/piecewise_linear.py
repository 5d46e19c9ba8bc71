"""A fitted model of numbers that is linear between quantiles of each of them."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class PiecewiseLinear(keras.layers.Layer):
    """A sum of functions of single numbers, each linear between quantiles, of models that were fitted elsewhere.

    A number is one part for each of its bins: 0 below, 1 above, and how far it has come within (piecewise linear
    encoding; Gorishniy et al., 2022); and one for not being known. The parts are weighted and summed. All weights start
    at zero; see `assign`.

    What is trained on top of a fitted model should not meet rows of the training part as that model knows them, but as
    it will know new ones. So there may be models beside the first that were each fitted without a fold of the rows.

    Args:
        fields: Number of numbers.
        outputs: Number of outputs.
        bins: Most bins of a number: as many have the same number of training rows each.
        folds: Number of models without a fold.

    Call arguments:
        values: `[batch, fields]`; what is not known may be anything finite.
        known: `[batch, fields]`, 1 where a number is known, 0 where it is not; perhaps something between.
        left_out: int32 `[batch]`, from 1 on, the fold that the model of each row was fitted without; 0 = without none,
            which is the default.

    Returns:
        `[batch, outputs]`.

    Weights, none of them trainable: edges `[fields, bins + 1]`, kernel `[folds + 1, fields * (bins + 1), outputs]` and
    bias `[folds + 1, outputs]`.

    Example:
        >>> layer = PiecewiseLinear(fields=2, outputs=1, bins=8, dtype="float32")
        >>> layer.adapt(training_values)
        >>> layer.assign(*fitted_to(layer.encode(values, known)))
    """

    def __init__(self, fields: int, outputs: int, bins: int = 8, folds: int = 0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(fields=fields, outputs=outputs, bins=bins)
        if folds < 0:
            raise ValueError(f"Expected a number of folds. Received: folds={folds}")
        self.fields, self.outputs_count, self.bins, self.folds = fields, outputs, bins, folds

    def build(self, *shapes: object) -> None:  # noqa: D102
        models, width = self.folds + 1, self.fields * (self.bins + 1)
        sizes = {"edges": [self.fields, self.bins + 1], "kernel": [models, width, self.outputs_count]}
        for name, shape in {**sizes, "bias": [models, self.outputs_count]}.items():
            weight = self.add_weight(name=name, shape=shape, initializer="zeros", trainable=False, autocast=False)
            setattr(self, name, weight)

    def adapt(self, values: np.ndarray) -> None:
        """Sets the bins, by quantiles of training rows `[rows, fields]`; NaN does not count."""
        if not self.built:
            self.build()
        self.edges.assign(np.stack([_edges(column, self.bins) for column in np.asarray(values, np.float64).T]))

    def assign(self, kernel: np.ndarray, bias: np.ndarray) -> None:
        """Sets the weights of fitted models, that of all rows first; shapes as of the weights."""
        if not self.built:
            self.build()
        self.kernel.assign(kernel)
        self.bias.assign(bias)

    def encode(self, values: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
        """The parts that are weighted, `[batch, fields * (bins + 1)]`; see `call`."""
        edges = tf.convert_to_tensor(self.edges)
        low, width = edges[:, :-1], edges[:, 1:] - edges[:, :-1]
        values, known = (tf.cast(one, self.variable_dtype)[..., tf.newaxis] for one in (values, known))
        parts = tf.clip_by_value(tf.math.divide_no_nan(values - low, width), 0.0, 1.0)
        parts = tf.concat([parts * known, 1 - known], axis=-1)
        return tf.reshape(parts, [-1, self.fields * (self.bins + 1)])

    def contributions(self, values: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
        """What each number adds to the outputs of one that is not known, `[batch, fields, outputs]`; see `call`."""
        parts = tf.reshape(self.encode(values, known), [-1, self.fields, self.bins + 1])
        parts -= tf.one_hot(self.bins, self.bins + 1)
        kernel = tf.reshape(tf.convert_to_tensor(self.kernel)[0], [self.fields, self.bins + 1, -1])
        return tf.einsum("rfp,fpo->rfo", parts, kernel)

    def call(self, values: tf.Tensor, known: tf.Tensor, left_out: tf.Tensor | None = None) -> tf.Tensor:  # noqa: D102
        parts, kernel, bias = self.encode(values, known), *map(tf.convert_to_tensor, (self.kernel, self.bias))
        if left_out is None:
            return tf.cast(parts @ kernel[0] + bias[0], self.compute_dtype)
        sums = tf.einsum("rp,mpo->rmo", parts, kernel) + bias
        return tf.cast(tf.gather(sums, tf.cast(left_out, tf.int32), batch_dims=1), self.compute_dtype)

    def compute_output_shape(self, values_shape: tuple, *others: object) -> tuple:  # noqa: D102
        return (values_shape[0], self.outputs_count)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        own = {"fields": self.fields, "outputs": self.outputs_count, "bins": self.bins, "folds": self.folds}
        return {**super().get_config(), **own}


def _edges(values: np.ndarray, bins: int) -> np.ndarray:
    """The borders of bins, rising; the last ones are equal where there are fewer distinct quantiles."""
    values = values[np.isfinite(values)]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)).astype(np.float32)) if len(values) else [0.0]
    return np.pad(edges, [0, bins + 1 - len(edges)], mode="edge")
