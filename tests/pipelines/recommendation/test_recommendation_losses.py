import numpy as np
import pytest
import tensorflow as tf

from pipelines.recommendation import objective
from pipelines.recommendation.config import Config
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
    expected = objective.cross_entropy(TARGETS, tf.constant(LOGITS))
    np.testing.assert_allclose(made.validation_loss(TARGETS, tf.constant(LOGITS)), expected)
    assert made.loss(TARGETS, each_item_drawn(1) if loss != "full" else tf.constant(LOGITS)).shape == TARGETS.shape


def test_the_right_item_is_among_the_first_ten_or_not():
    logits = tf.constant(np.tile(np.arange(20.0, 0, -1, dtype=np.float32), [3, 1]))
    (hits,) = objective.make(Config(), 20).metrics.values()
    assert hits(tf.constant([1, 10, 11]), logits).numpy().tolist() == [1, 1, 0]
    assert hits(tf.constant([1]), tf.zeros([1, 19])).numpy().tolist() == [1]  # the mean rank of 19 is 10
    assert hits(tf.constant([1]), tf.zeros([1, 20])).numpy().tolist() == [0]
