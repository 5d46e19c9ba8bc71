import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.training import sigmoid_divergence, softmax_divergence


def both_ways(p, q):
    """The mean of the two Kullback-Leibler divergences, by their definition, in double precision."""
    return ((p * np.log(p / q)).sum(axis=-1) + (q * np.log(q / p)).sum(axis=-1)) / 2


def softmax(logits):
    powers = np.exp(logits.astype("float64") - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def draw(classes, scale, seed):
    return np.random.default_rng(seed).normal(scale=scale, size=[2, 5, classes]).astype("float32")


case = given(classes=st.integers(2, 9), scale=st.sampled_from([0.1, 1.0, 10.0]), seed=st.integers(0, 99))


@case
def test_of_softmax_is_the_divergence_by_its_definition(classes, scale, seed):
    first, second = draw(classes, scale, seed)
    expected = both_ways(softmax(first), softmax(second))
    np.testing.assert_allclose(softmax_divergence(first, second), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(softmax_divergence(first, second), softmax_divergence(second, first))


@settings(deadline=None, max_examples=10)
@case
def test_of_sigmoid_is_that_of_softmax_over_yes_and_no(classes, scale, seed):
    first, second = draw(classes, scale, seed)
    pairs = [np.stack([logits, np.zeros_like(logits)], axis=-1) for logits in (first, second)]
    np.testing.assert_allclose(sigmoid_divergence(first, second), softmax_divergence(*pairs), rtol=1e-3, atol=1e-6)


def test_very_sure_predictions_stay_finite():
    sure = np.array([[1e4, -1e4]], "float32")
    for divergence in (softmax_divergence, sigmoid_divergence):
        assert np.isfinite(divergence(sure, -sure)).all()
        assert divergence(sure, sure).numpy().sum() == pytest.approx(0)
