"""The losses of a recommender, and how high it ranks the right item."""

import math
from functools import partial

import tensorflow as tf

from pipelines.recommendation.config import Config
from tfmodels import training
from tfmodels.models.recommenders.sampled_logits import SampledLogits
from tfmodels.training.optimization import losses

_FIRST = 10


def make(config: Config, items: int) -> training.Objective:
    """The loss that a config names, and what is validated.

    Args:
        config: The options.
        items: Number of items.

    Returns:
        The loss. Validation has `1 - NDCG@10` in its place, since a network may rank ever better while its
        probabilities grow too sure; besides `hr10` and `nats`, the cross-entropy over all items.
    """
    chosen = {
        "full": partial(cross_entropy, smoothing=config.training.label_smoothing),
        "sampled": sampled_cross_entropy,
        "gbce": partial(calibrated_binary, positive=positive_share(config.calibration, config.negatives, items)),
    }
    return training.Objective(
        chosen[config.loss],
        lambda targets, logits: 1 - gain(targets, logits),
        metrics={
            "hr10": lambda targets, logits: tf.cast(_ranks(targets, logits) <= _FIRST, tf.float32),
            "nats": lambda targets, logits: cross_entropy(*_right(targets, logits)[:2]),
        },
        columns=(("HR@10", 8, "val_hr10", ".2%"), ("nats", 7, "val_nats", ".3f")),
        unit="1 - NDCG@10; in training nats per item",
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


def gain(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """NDCG@10 of each right item, ties counted at the mean of their ranks.

    Args:
        targets: int32 `[batch, time]` for logits `[batch, time, items]`; or `[batch, 1 + n]` for `[batch, items]`:
            behind the right item those that are no candidates, or 0.
        logits: float32.

    Returns:
        float32 `[batch, time]` or `[batch]`.
    """
    ranks = _ranks(targets, logits)
    return tf.where(ranks <= _FIRST, math.log(2) / tf.math.log(1 + ranks), 0.0)


def _right(targets: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
    """The right items, the logits, and what is no candidate: behind the right item where there is one a row."""
    if len(logits.shape) == len(targets.shape):
        return targets[:, 0], logits, targets[:, 1:]
    return targets, logits, None


def _ranks(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The rank of each right item, float32; of equal ones the mean, infinite of one that is no candidate."""
    right, logits, seen = _right(targets, logits)
    own = tf.gather(logits, tf.maximum(right - 1, 0), batch_dims=len(right.shape))[..., tf.newaxis]
    above, ties = _counted(logits > own), _counted(logits == own)
    if seen is None:
        return above + (ties + 1) / 2
    # They are taken off the counts: leaving them out of the logits would copy these.
    others = tf.gather(logits, tf.maximum(seen - 1, 0), batch_dims=1)
    earlier = tf.linalg.band_part(seen[:, :, tf.newaxis] == seen[:, tf.newaxis], -1, 0)
    counts = (seen > 0) & (_counted(earlier) == 1)  # each once
    above, ties = above - _counted(counts & (others > own)), ties - _counted(counts & (others == own))
    is_seen = tf.reduce_any(seen == right[:, tf.newaxis], axis=1)
    return tf.where(is_seen, float("inf"), above + (ties + 1) / 2)


def _counted(true: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(true, tf.float32), axis=-1)
