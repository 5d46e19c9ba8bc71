import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tfmodels.layers import ReversibleInstanceNorm

# Multiples of 1/64, so that float32 represents all differences exactly.
VALUES = st.integers(-640_000, 640_000).map(lambda number: number / 64)
WINDOWS = arrays("float32", (2, 6, 2), elements=VALUES | st.just(np.nan))


@given(WINDOWS, st.sampled_from(["mean", "last", "zero"]))
def test_statistics_are_those_of_the_observed_values(values, center):
    normalised, (centers, scales) = ReversibleInstanceNorm(center)(values, return_statistics=True)
    assert np.isfinite(normalised).all()
    for row in range(2):
        for channel in range(2):
            window = values[row, :, channel].astype("float64")
            observed = window[np.isfinite(window)]
            middle = 0
            if observed.size and center != "zero":
                middle = observed.mean() if center == "mean" else observed[-1]
            spread = observed.std() if observed.size else 0
            if not spread:
                spread = abs(observed[-1]) if observed.size and observed[-1] else 1
            found = centers[row, 0, channel], scales[row, 0, channel]
            np.testing.assert_allclose(found, (middle, spread), rtol=1e-4, atol=1e-3)
            back = found[0] + found[1] * normalised[row, :, channel]
            expected = np.where(np.isfinite(window), window, middle)
            np.testing.assert_allclose(back, expected, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("level", [0.0, 1e-30, -7.3, 123_456.78, 3e38])
@pytest.mark.parametrize("center", ["mean", "last"])
def test_equal_values_are_exactly_zero(level, center):
    values = tf.constant([[[np.nan], [level], [np.nan], [level], [level]]], tf.float32)
    normalised, (centers, scales) = ReversibleInstanceNorm(center)(values, return_statistics=True)
    np.testing.assert_array_equal(normalised, np.zeros([1, 5, 1]))
    assert centers[0, 0, 0] == np.float32(level)
    assert scales[0, 0, 0] == np.float32(abs(level) or 1)


@pytest.mark.parametrize("unit", [1e-30, 1e-3, 1e30])
def test_no_unit_is_too_small_or_too_large(unit):
    values = tf.constant([[[1.0], [2.0], [4.0]]])
    norm = ReversibleInstanceNorm()
    np.testing.assert_allclose(norm(values * unit), norm(values), rtol=1e-4)


def test_gradient_is_finite_for_equal_values():
    values = tf.constant([[[1.0, 0.0, np.nan], [1.0, 0.0, np.nan]]])
    with tf.GradientTape() as tape:
        tape.watch(values)
        normalised, statistics = ReversibleInstanceNorm()(values, return_statistics=True)
        total = tf.reduce_sum(normalised) + sum(tf.reduce_sum(x) for x in statistics)
    assert np.isfinite(tape.gradient(total, values)).all()


def test_statistics_keep_their_precision_in_bfloat16():
    values = tf.constant([[[100_001.0], [100_002.0], [100_003.0]]])
    normalised, (center, _) = ReversibleInstanceNorm(dtype="mixed_bfloat16")(values, return_statistics=True)
    assert (normalised.dtype, center.dtype) == (tf.bfloat16, tf.float32)
    assert center[0, 0, 0] == 100_002
    np.testing.assert_allclose(tf.cast(normalised, tf.float32)[0, :, 0], np.array([-1, 0, 1]) * 1.5**0.5, rtol=0.01)


def test_unknown_center_is_refused():
    with pytest.raises(ValueError, match=r"`center` to be one of .*Received: center='median'"):
        ReversibleInstanceNorm("median")
