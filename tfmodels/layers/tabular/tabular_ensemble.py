"""The mean of two fitted models of a row of numbers."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.tabular.boosted_trees import BoostedTrees
from tfmodels.layers.tabular.piecewise_linear import PiecewiseLinear


@keras.saving.register_keras_serializable("tfmodels")
class TabularEnsemble(keras.layers.Layer):
    """The mean logit of a piecewise linear model and of boosted trees, both fitted elsewhere.

    The one knows what single numbers tell, the other what they tell together; they err otherwise.

    Args:
        fields: Number of numbers of a row.
        trees: Number of trees.
        depth: Most decisions of a tree.
        folds: Number of models of each kind that were fitted without a fold of the rows.

    Call arguments:
        values: float32 `[batch, fields]`; 0 where a number is not known.
        known: float32 `[batch, fields]`, 1 where a number is known, 0 where it is not. The trees see both, beside each
            other.
        left_out: int32 `[batch]`, the fold that the models of each row were fitted without, from 1 on; 0 = none, the
            default.

    Returns:
        Logits, `[batch, 1]`.

    Example:
        >>> layer = TabularEnsemble(fields=20, trees=100, depth=4, dtype="float32")
        >>> layer.linear.assign(kernel, bias)
        >>> layer.trees.assign([fitted])
    """

    def __init__(self, fields: int, trees: int, depth: int, folds: int = 0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.fields, self.folds = fields, folds
        self.linear = PiecewiseLinear(fields, 1, folds=folds, dtype=self.dtype_policy, name="linear")
        self.trees = BoostedTrees(2 * fields, trees, depth, folds=folds, dtype=self.dtype_policy, name="trees")

    def build(self, *shapes: object) -> None:  # noqa: D102
        self.linear.build()
        self.trees.build()

    def call(self, values: tf.Tensor, known: tf.Tensor, left_out: tf.Tensor | None = None) -> tf.Tensor:  # noqa: D102
        columns = tf.concat([values, tf.cast(known, values.dtype)], axis=1)
        of_trees = self.trees(columns, left_out)
        return tf.cast((self.linear(values, known, left_out) + of_trees) / 2, self.compute_dtype)

    def contributions(self, values: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
        """What each number adds to `base`, `[batch, fields]`."""
        of_values, of_known = tf.split(self.trees.contributions(tf.concat([values, known], axis=1)), 2, axis=1)
        return (self.linear.contributions(values, known)[:, :, 0] + of_values + of_known) / 2

    def base(self) -> tf.Tensor:
        """The logit that contributions are added to, a scalar: nothing is known, and for the trees the mean row."""
        unknown = tf.zeros([1, self.fields], self.variable_dtype)
        return (tf.cast(self.linear(unknown, unknown)[0, 0], self.variable_dtype) + self.trees.mean_logit()) / 2

    def compute_output_shape(self, values_shape: tuple, *others: object) -> tuple:  # noqa: D102
        return (values_shape[0], 1)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        own = {"fields": self.fields, "trees": self.trees.trees, "depth": self.trees.depth, "folds": self.folds}
        return {**super().get_config(), **own}
