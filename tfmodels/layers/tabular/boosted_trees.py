"""Fitted boosted trees as a layer."""

from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class BoostedTrees(keras.layers.Layer):
    """The logit of gradient-boosted trees (Friedman, 2001) that scikit-learn has fitted: `assign`.

    A tree is kept as a complete one, whose nodes are numbered level by level; what would be below a leaf leads to it.
    As in `PiecewiseLinear` there may be models beside the first that were each fitted without a fold of the rows.

    Args:
        columns: Number of columns of a row.
        trees: Number of trees of a model.
        depth: Most decisions of a tree.
        folds: Number of models without a fold.

    Call arguments:
        values: float32 `[batch, columns]`, finite.
        left_out: int32 `[batch]`, from 1 on, the fold that the model of each row was fitted without; 0 = without none,
            which is the default.

    Returns:
        Logits, `[batch, 1]`; 0 before `assign`.

    Weights, none of them trainable: column and threshold `[folds + 1, trees, 2**depth - 1]`, value
    `[folds + 1, trees, 2**(depth + 1) - 1]`, bias `[folds + 1]`. A value above `threshold` goes to the right.

    Example:
        >>> layer = BoostedTrees(columns=30, trees=100, depth=3, dtype="float32")
        >>> layer.assign([GradientBoostingClassifier(n_estimators=100, max_depth=3).fit(rows, labels)])
        >>> tf.sigmoid(layer(rows))
    """

    def __init__(self, columns: int, trees: int, depth: int, folds: int = 0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(columns=columns, trees=trees, depth=depth)
        if folds < 0:
            raise ValueError(f"Expected a number of folds. Received: folds={folds}")
        self.columns, self.trees, self.depth, self.folds = columns, trees, depth, folds

    def build(self, *shapes: object) -> None:  # noqa: D102
        inner = [self.folds + 1, self.trees, 2**self.depth - 1]
        sizes: dict[str, tuple[list[int], str]] = {
            "column": (inner, "int32"),
            "threshold": (inner, self.variable_dtype),
            "value": ([self.folds + 1, self.trees, 2 ** (self.depth + 1) - 1], self.variable_dtype),
            "bias": ([self.folds + 1], self.variable_dtype),
        }
        for name, (shape, dtype) in sizes.items():
            weight = self.add_weight(
                name=name, shape=shape, dtype=dtype, initializer="zeros", trainable=False, autocast=False
            )
            setattr(self, name, weight)

    def assign(self, models: list[Any]) -> None:
        """Sets the weights by fitted models of two classes, that of all rows first.

        Args:
            models: `GradientBoostingClassifier` of scikit-learn.

        Raises:
            ValueError: Their number or sizes are others.
        """
        sizes = {(len(model.estimators_), model.n_features_in_) for model in models}
        if len(models) != self.folds + 1 or sizes != {(self.trees, self.columns)}:
            raise ValueError(
                f"Expected {self.folds + 1} models of {self.trees} trees and {self.columns} columns. Received: "
                f"{len(models)} of {sorted(sizes)}"
            )
        if not self.built:
            self.build()
        for weight, found in zip((self.column, self.threshold, self.value), self._complete(models), strict=True):
            weight.assign(found)
        shares = [model.init_.class_prior_[1] for model in models]
        self.bias.assign([np.log(share / (1 - share)) for share in shares])

    def _complete(self, models: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        column = np.zeros(self.column.shape, np.int32)
        threshold = np.full(self.threshold.shape, np.inf, np.float32)
        value = np.zeros(self.value.shape, np.float32)
        for model, fitted in enumerate(models):
            for number, estimator in enumerate(fitted.estimators_[:, 0]):
                tree, place = estimator.tree_, (model, number)
                if tree.max_depth > self.depth:
                    raise ValueError(f"Expected trees of depth {self.depth}. Received: one of depth {tree.max_depth}")
                means = fitted.learning_rate * _means(tree)
                _fill(tree, means, (column[place], threshold[place], value[place]))
        return column, threshold, value

    def call(self, values: tf.Tensor, left_out: tf.Tensor | None = None) -> tf.Tensor:  # noqa: D102
        models = 1 if left_out is None else self.folds + 1
        values = tf.cast(values, self.variable_dtype)
        leaf = self._places(values, models)[-1][0]
        of_tree = tf.reshape(tf.gather(tf.reshape(self.value, [-1]), leaf), [-1, models, self.trees])
        logits = tf.reduce_sum(of_tree, axis=2) + tf.convert_to_tensor(self.bias)[:models]
        if left_out is None:
            return tf.cast(logits, self.compute_dtype)
        chosen = tf.gather(logits, tf.cast(left_out, tf.int32), batch_dims=1)
        return tf.cast(chosen[:, tf.newaxis], self.compute_dtype)

    def contributions(self, values: tf.Tensor) -> tf.Tensor:
        """What each column adds to the logit of the mean row, `[batch, columns]`, by the decisions on a row's way.

        What changes between a node's mean and that of the next one is the column's that decides there (Saabas, 2014).
        """
        values = tf.cast(values, self.variable_dtype)
        way, value = self._places(values, 1), tf.reshape(self.value, [-1])
        rows = tf.shape(values)[0]
        added = tf.zeros([rows * self.columns], self.variable_dtype)
        for (place, column), (below, _) in pairwise(way):
            change = tf.gather(value, below) - tf.gather(value, place)
            cell = tf.range(rows)[:, tf.newaxis] * self.columns + column
            added += tf.math.unsorted_segment_sum(tf.reshape(change, [-1]), tf.reshape(cell, [-1]), rows * self.columns)
        return tf.reshape(added, [rows, self.columns])

    def mean_logit(self) -> tf.Tensor:
        """The logit of the mean row, a scalar, which `contributions` are added to."""
        return tf.convert_to_tensor(self.bias)[0] + tf.reduce_sum(tf.convert_to_tensor(self.value)[0, :, 0])

    def _places(self, values: tf.Tensor, models: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """From each root to its leaf: places among all values, and the columns that decide there; `[batch, trees]`."""
        trees = tf.range(models * self.trees)[tf.newaxis]
        inner, nodes = 2**self.depth - 1, 2 ** (self.depth + 1) - 1
        columns, thresholds = tf.reshape(self.column, [-1]), tf.reshape(self.threshold, [-1])
        node = tf.zeros([tf.shape(values)[0], models * self.trees], tf.int32)
        way = []
        for _ in range(self.depth):
            column = tf.gather(columns, trees * inner + node)
            way.append((trees * nodes + node, column))
            right = tf.gather(values, column, batch_dims=1) > tf.gather(thresholds, trees * inner + node)
            node = 2 * node + 1 + tf.cast(right, tf.int32)
        return [*way, (trees * nodes + node, node)]

    def compute_output_shape(self, values_shape: tuple, *others: object) -> tuple:  # noqa: D102
        return (values_shape[0], 1)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        own = {"columns": self.columns, "trees": self.trees, "depth": self.depth, "folds": self.folds}
        return {**super().get_config(), **own}


def _means(tree: Any) -> np.ndarray:
    """The mean of each node's leaves, weighted by the rows in them; children come after their parents."""
    means, weight = tree.value[:, 0, 0].copy(), tree.weighted_n_node_samples
    for node in np.flatnonzero(tree.children_left >= 0)[::-1]:
        children = [tree.children_left[node], tree.children_right[node]]
        means[node] = np.average(means[children], weights=weight[children])
    return means


def _fill(tree: Any, means: np.ndarray, arrays: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    column, threshold, value = arrays
    waiting = [(0, 0)]
    while waiting:
        node, place = waiting.pop()
        value[place] = means[node]
        if place >= len(column):
            continue
        if tree.children_left[node] < 0:
            waiting.append((node, 2 * place + 1))
            continue
        column[place] = tree.feature[node]
        rounded = np.float32(tree.threshold[node])  # not above it, so that no float32 value comes to the other side
        threshold[place] = rounded if rounded <= tree.threshold[node] else np.nextafter(rounded, np.float32(-np.inf))
        waiting += [(tree.children_left[node], 2 * place + 1), (tree.children_right[node], 2 * place + 2)]
