"""The losses of a recommender, and how often the right item is among the first ten."""

from functools import partial

import tensorflow as tf

from pipelines.recommendation.config import Config
from tfmodels import training
from tfmodels.models.recommenders.sampled_logits import SampledLogits
from tfmodels.training.optimization import losses

_FIRST = 10


def make(config: Config, items: int) -> training.Objective:
    """The loss that a config names; validation has the cross-entropy over all items.

    Args:
        config: The options.
        items: Number of items.

    Returns:
        The loss, and `hr10`: whether the right item is among the first ten, those of the history counted.
    """
    chosen = {
        "full": partial(cross_entropy, smoothing=config.training.label_smoothing),
        "sampled": sampled_cross_entropy,
        "gbce": partial(calibrated_binary, positive=positive_share(config.calibration, config.negatives, items)),
    }
    return training.Objective(
        chosen[config.loss],
        cross_entropy,
        metrics={"hr10": _among_the_first},
        columns=(("HR@10", 8, "val_hr10", ".2%"),),
        unit="nats per item",
    )


def cross_entropy(targets: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    """The negative log-probability of the right items.

    Args:
        targets: int32 ids, 1 and up; 0 at padding.
        logits: float32 `[..., items]`.
        smoothing: Share of the target distribution that is spread over all items.

    Returns:
        float32 of the shape of the targets, in nats.
    """
    return losses.smoothed_cross_entropy(tf.maximum(targets - 1, 0), logits, smoothing)


def sampled_cross_entropy(targets: tf.Tensor, logits: SampledLogits | tf.Tensor) -> tf.Tensor:
    """The same, estimated from drawn items: each counts by one over how often it is expected to be drawn.

    Args:
        targets: int32 `[batch, time]`.
        logits: Of the right and the drawn items; of all items it is the cross-entropy.

    Returns:
        float32 `[batch, time]`, in nats.
    """
    if not isinstance(logits, SampledLogits):
        return cross_entropy(targets, logits)
    others = logits.drawn - logits.drawn_frequency
    return tf.reduce_logsumexp(tf.concat([logits.right[..., tf.newaxis], others], axis=-1), axis=-1) - logits.right


def calibrated_binary(targets: tf.Tensor, logits: SampledLogits | tf.Tensor, positive: float) -> tf.Tensor:
    """Whether each item is right, the right one to the power of `positive` (gBCE; Petrov and Macdonald, 2023).

    Args:
        targets: int32 `[batch, time]`.
        logits: Of the right and the drawn items; of all items it is the cross-entropy.
        positive: See `positive_share`.

    Returns:
        float32 `[batch, time]`, in nats.
    """
    if not isinstance(logits, SampledLogits):
        return cross_entropy(targets, logits)
    return positive * tf.nn.softplus(-logits.right) + tf.reduce_sum(tf.nn.softplus(logits.drawn), axis=-1)


def positive_share(calibration: float, negatives: int, items: int) -> float:
    """The power of gBCE, which makes up for drawing only some of the items.

    Example:
        `positive_share(0.0, 256, 12_101)` -> `1.0`
    """
    share = min(negatives / max(items - 1, 1), 1.0)
    return share * (calibration * (1 - 1 / share) + 1 / share)


def _among_the_first(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    own = tf.gather(logits, tf.maximum(targets - 1, 0), batch_dims=targets.shape.rank)[..., tf.newaxis]
    above, ties = (tf.reduce_sum(tf.cast(one, tf.float32), axis=-1) for one in (logits > own, logits == own))
    return tf.cast(above + (ties + 1) / 2 <= _FIRST, tf.float32)
