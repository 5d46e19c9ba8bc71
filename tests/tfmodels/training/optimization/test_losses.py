import keras
import numpy as np
import tensorflow as tf
import toy_task
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.training import smoothed_cross_entropy

case = given(
    rows=st.integers(1, 3),
    time=st.integers(1, 4),
    vocabulary=st.integers(2, 9),
    smoothing=st.sampled_from([0.0, 0.1, 0.5, 0.95]),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
    seed=st.integers(0, 99),
)


def draw(rows, time, vocabulary, scale, seed):
    """Logits, targets and what each token's loss is multiplied by."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=scale, size=[rows, time, vocabulary]).astype("float32")
    targets = random.integers(0, vocabulary, [rows, time]).astype("int32")
    return logits, targets, random.normal(size=[rows, time]).astype("float32")


def value_and_gradient(loss, logits, upstream):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        values = loss(logits)
        total = tf.reduce_sum(values * upstream)
    return values.numpy(), tape.gradient(total, logits).numpy()


@case
def test_value_and_gradient_are_those_of_keras(rows, time, vocabulary, smoothing, scale, seed):
    logits, targets, upstream = draw(rows, time, vocabulary, scale, seed)
    labels = tf.one_hot(targets, vocabulary)
    peer = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    expected = value_and_gradient(lambda z: peer(labels, z), logits, upstream)
    actual = value_and_gradient(lambda z: smoothed_cross_entropy(targets, z, smoothing), logits, upstream)
    for one, other in zip(actual, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@case
def test_value_and_gradient_are_the_formula_in_double_precision(rows, time, vocabulary, smoothing, scale, seed):
    logits, targets, upstream = draw(rows, time, vocabulary, scale, seed)
    log_probabilities = toy_task.log_softmax(logits)
    labels = (1 - smoothing) * np.eye(vocabulary)[targets] + smoothing / vocabulary
    expected = -(labels * log_probabilities).sum(axis=-1)
    expected_gradient = (np.exp(log_probabilities) - labels) * upstream[..., np.newaxis]
    loss, gradient = value_and_gradient(lambda z: smoothed_cross_entropy(targets, z, smoothing), logits, upstream)
    np.testing.assert_allclose(loss, expected, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4, atol=1e-5)
