import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.recommendation import batches, objective
from pipelines.recommendation.config import Config
from tfmodels import metrics
from tfmodels.metrics.next_items import item_ranking
from tfmodels.metrics.next_items.histories import Histories
from tfmodels.models.recommenders.sampled_logits import SampledLogits

TARGETS = np.array([[2, 5, 0], [1, 3, 4]], np.int32)
random = np.random.default_rng(0)
LOGITS = random.normal(size=(2, 3, 5)).astype("float32")


def each_item_drawn(times):
    """As if each item but the right one was drawn so often, and expected to be."""
    right = tf.gather(LOGITS, tf.maximum(TARGETS - 1, 0), batch_dims=2)
    items = tf.repeat(tf.range(1, 6), times)
    drawn = tf.where(TARGETS[..., tf.newaxis] == items, -1e9, tf.gather(LOGITS, items - 1, axis=2))
    frequency = tf.math.log(float(times))
    return SampledLogits(right, drawn, tf.fill([2, 3], frequency), tf.fill([5 * times], frequency))


@pytest.mark.parametrize("times", [1, 3])
def test_the_sampled_loss_is_the_full_one_where_all_items_are_drawn(times):
    full = objective.cross_entropy(TARGETS, tf.constant(LOGITS)).numpy()
    sampled = objective.sampled_cross_entropy(TARGETS, each_item_drawn(times)).numpy()
    there = TARGETS > 0
    np.testing.assert_allclose(sampled[there], full[there], rtol=1e-5)


def test_gbce_is_a_sum_of_binary_cross_entropies_by_its_power():
    logits = each_item_drawn(1)
    found = objective.calibrated_binary(TARGETS, logits, 0.3).numpy()
    probabilities = 1 / (1 + np.exp(-LOGITS))
    for row, step in ((0, 0), (1, 2)):
        right = TARGETS[row, step] - 1
        others = np.delete(probabilities[row, step], right)
        expected = -0.3 * np.log(probabilities[row, step, right]) - np.log(1 - others).sum()
        assert found[row, step] == pytest.approx(expected, rel=1e-4)


def test_the_power_of_gbce_goes_from_one_to_the_share_of_drawn_items():
    assert objective.positive_share(0.0, 100, 1001) == pytest.approx(1.0)
    assert objective.positive_share(1.0, 100, 1001) == pytest.approx(0.1)
    assert objective.positive_share(0.5, 5000, 1001) == pytest.approx(1.0)


@pytest.mark.parametrize("loss", ["full", "sampled", "gbce"])
def test_validation_is_over_all_items_whatever_is_trained_on(loss):
    made = objective.make(Config(loss=loss), 5)
    logits = tf.constant(LOGITS)
    np.testing.assert_allclose(made.metrics["nats"](TARGETS, logits), objective.cross_entropy(TARGETS, logits))
    assert made.validation_loss(TARGETS, logits).shape == TARGETS.shape
    assert made.loss(TARGETS, each_item_drawn(1) if loss != "full" else tf.constant(LOGITS)).shape == TARGETS.shape


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_validation_scores_ranks_as_reports_do(seed, exclude_seen):
    random = np.random.default_rng(seed)
    items = random.integers(0, 31, [6, 4]).astype("int32")
    items[:, 0] = random.integers(1, 31, 6)
    items = -np.sort(-items)  # padding is behind
    targets = random.integers(1, 31, [6, 1]).astype("int32")
    logits = random.integers(0, 9, [6, 30]).astype("float32")  # with ties
    _, validated, _ = batches.last_step(items, targets, exclude_seen=exclude_seen)
    histories = Histories(items.ravel() - 1, np.arange(0, 24, 4), np.arange(0, 24, 4) + (items > 0).sum(axis=1))
    ranking = item_ranking.rank(lambda _: logits, histories, targets[:, 0] - 1, 30, exclude_seen=exclude_seen)
    expected = metrics.ranking_scores(ranking.ranks)
    made = objective.make(Config(), 30)
    loss = made.validation_loss(tf.constant(validated), tf.constant(logits))
    np.testing.assert_allclose(1 - loss, expected["ndcg@10"], atol=1e-6)
    hits = made.metrics["hr10"](tf.constant(validated), tf.constant(logits))
    np.testing.assert_allclose(hits, expected["hr@10"])


def test_each_step_of_training_data_is_ranked_among_all_items():
    found = 1 - objective.make(Config(), 5).validation_loss(TARGETS, tf.constant(LOGITS)).numpy()
    for row, step in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2)):
        rank = (LOGITS[row, step] >= LOGITS[row, step, TARGETS[row, step] - 1]).sum()
        assert found[row, step] == pytest.approx(1 / np.log2(1 + rank), rel=1e-5)
