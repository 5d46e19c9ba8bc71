"""R-Drop: two passes with different dropout are trained to agree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf


@dataclass(frozen=True)
class RDrop:
    """The loss of R-Drop (Liang et al., 2021, "R-Drop: Regularized Dropout for Neural Networks").

    Each row is predicted twice, with different dropout, and the loss is the mean of both losses plus half of `weight`
    times the mean of the divergences of each prediction from the other. That is half of the paper's, so that its
    weights fit and a weight of 0 would be the loss of one pass.

    Both passes are one batch of twice the rows: it takes about twice the time and memory of one pass.

    Args:
        weight: Weight of the divergence, the paper's alpha; 1 to 5 there.
        divergence: `divergence(targets, first, second)` of the outputs of the two passes, for each weighted element.

    Example:
        `Trainer(network, smoothed_cross_entropy, r_drop=RDrop(5.0, lambda _, *both: softmax_divergence(*both)))`
    """

    weight: float
    divergence: Callable[[Any, Any, Any], tf.Tensor]

    def losses(
        self, network: keras.Model, loss: Callable[[Any, Any], tf.Tensor], inputs: Any, targets: Any
    ) -> tf.Tensor:
        """The loss of each element in training.

        Args:
            network: Maps inputs to outputs.
            loss: `loss(targets, outputs)` for each weighted element.
            inputs: Of the network; tensors whose first axis is the row.
            targets: Likewise.

        Returns:
            float32, as `loss` returns them for the rows.
        """
        outputs = network(tf.nest.map_structure(_twice, inputs), training=True)
        both = tf.reduce_mean(_halves(loss(tf.nest.map_structure(_twice, targets), outputs)), axis=0)
        halves = tf.nest.map_structure(_halves, outputs)
        first, second = (tf.nest.map_structure(lambda half, which=which: half[which], halves) for which in (0, 1))
        return both + self.weight / 2 * self.divergence(targets, first, second)


def _twice(rows: tf.Tensor) -> tf.Tensor:
    return tf.concat([rows, rows], axis=0)


def _halves(rows: tf.Tensor) -> tf.Tensor:
    """`[2 * n, ...]` -> `[2, n, ...]`."""
    return tf.reshape(rows, tf.concat([[2, -1], tf.shape(rows)[1:]], axis=0))
