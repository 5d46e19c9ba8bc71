"""The share of the linear part in the logits of a run, chosen on the validation split."""

import math

import numpy as np
import tensorflow as tf

from pipelines.recommendation import batches, objective
from pipelines.recommendation.config import Config
from pipelines.recommendation.item_recommender import ItemRecommender
from pipelines.recommendation.linear import linear_part
from pipelines.runs import Run

_SHARES = np.linspace(0, 1, 11)
_SCALED, _CHOSEN = 1 << 25, 1 << 30  # logits that the temperatures and the share are chosen on
_RANGE, _BISECTIONS = (1 / 50, 500.0), 20  # of one divided by a temperature

Part = tuple[tf.Tensor, tf.Tensor, tf.Tensor]  # targets, logits of the network, scores of the linear model


def learn(config: Config, run: Run, recommender: ItemRecommender) -> None:
    """Chooses the factors of a recommender's linear part on the validation split and writes them into the run.

    Network and linear model are each divided by the temperature with the least cross-entropy, and mixed by the share
    with the highest NDCG@10. A share of 1 is the linear model alone, so that both are no worse there than it.

    Args:
        config: The options.
        run: The run.
        recommender: Its recommender, trained; its answers are mixed by these factors from now on. Nothing is done where
            it has no linear part.
    """
    if recommender.linear is None:
        return
    scales, gains, rows = (1.0, 1.0), np.zeros(len(_SHARES)), 0
    validation = batches.make(config, run)["validation"]
    each = validation.rows_per_epoch / validation.steps_per_epoch * recommender.network.num_items
    some, most = (max(1, math.ceil(logits / each)) for logits in (_SCALED, _CHOSEN))
    parts = [_part(recommender, *element) for element in validation.one_epoch().take(some)]
    scales = tuple(_inverse([(part[0], part[which]) for part in parts]) for which in (1, 2))
    for element in validation.one_epoch().take(most):
        targets, network, linear = _part(recommender, *element)
        rows += len(targets)
        for place, share in enumerate(_SHARES):
            mixed = (1 - share) * scales[0] * network + share * scales[1] * linear
            gains[place] += float(tf.reduce_sum(objective.gain(targets, mixed)))
    share = float(_SHARES[gains.argmax()])
    recommender.linear.factors = (1 - share) * scales[0], share * scales[1]
    linear_part.write_factors(run, recommender.linear)
    network_gain, linear_gain, both = gains[[0, -1, int(gains.argmax())]] / rows
    print(
        f"NDCG@10 on {rows:,} events of the validation split: network {network_gain:.4f}, linear part "
        f"{linear_gain:.4f}, both {both:.4f}, with a share of {share:.1f} for the linear part"
    )


def _part(recommender: ItemRecommender, inputs: dict[str, tf.Tensor], targets: tf.Tensor, weights: tf.Tensor) -> Part:
    assert recommender.linear is not None
    there = weights > 0
    network, linear = recommender.network(inputs, training=False), recommender.linear.regression(inputs["items"])
    return targets[there], network[there], linear[there]


def _inverse(parts: list[tuple[tf.Tensor, tf.Tensor]]) -> float:
    """One divided by the temperature of the least cross-entropy, by bisection: the loss is convex in it."""
    low, high = _RANGE
    for _ in range(_BISECTIONS):
        middle = math.sqrt(low * high)
        slope = 0.0
        for targets, logits in parts:
            expected = tf.reduce_sum(tf.nn.softmax(middle * logits) * logits, axis=1)
            slope += float(tf.reduce_sum(expected - tf.gather(logits, targets[:, 0] - 1, batch_dims=1)))
        low, high = (low, middle) if slope > 0 else (middle, high)
    return math.sqrt(low * high)


def note(recommender: ItemRecommender) -> str:
    """What a report says of the share.

    Args:
        recommender: A recommender with a linear part.

    Returns:
        A sentence.
    """
    assert recommender.linear is not None
    of_network, of_linear = recommender.linear.factors
    return (
        f"logits: {of_network:.3g} of the network's and {of_linear:.3g} of the linear part's "
        f"({recommender.linear.weights:,} weights), the best NDCG@10 on the validation split, no worse there than the "
        "linear part alone"
    )
