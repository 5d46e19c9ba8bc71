import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tfmodels.layers import ChannelStandardization

VALUES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])


@given(arrays("float32", (2, 5, 2), elements=VALUES), st.sampled_from(["float32", "float64"]))
def test_statistics_map_back_to_the_values(values, dtype):
    norm = ChannelStandardization([30.0, -2.0], [4.0, 0.5])
    normalised, (center, scale) = norm(tf.constant(values, dtype), return_statistics=True)
    assert normalised.dtype == "float32"
    assert center.dtype == scale.dtype == dtype
    np.testing.assert_array_equal(center, np.full([2, 1, 2], [30.0, -2.0]))
    np.testing.assert_array_equal(scale, np.full([2, 1, 2], [4.0, 0.5]))
    expected = np.where(np.isfinite(values), values, [30.0, -2.0])
    np.testing.assert_allclose(center + scale * tf.cast(normalised, dtype), expected, rtol=1e-5, atol=1e-3)
    np.testing.assert_array_equal(norm(values), normalised if dtype == "float32" else norm(values))


def test_large_values_keep_their_digits():
    norm = ChannelStandardization([1e9], [0.25])
    values = tf.constant([[[1e9 + 0.25], [1e9 - 0.5]]], tf.float64)
    np.testing.assert_array_equal(norm(values), [[[1.0], [-2.0]]])


@pytest.mark.parametrize(
    ("center", "scale", "words"),
    [
        ([1.0], [], "a center and a scale of each channel"),
        ([], [], "a center and a scale of each channel"),
        ([1.0], [0.0], "scales above 0"),
        ([1.0], [-1.0], "scales above 0"),
        ([float("nan")], [1.0], "finite numbers"),
    ],
)
def test_wrong_numbers_are_refused(center, scale, words):
    with pytest.raises(ValueError, match=words):
        ChannelStandardization(center, scale)


def test_values_of_other_channels_are_refused():
    with pytest.raises(ValueError, match="Expected values of 2 channels"):
        ChannelStandardization([1.0, 2.0], [1.0, 1.0])(tf.zeros([1, 3, 3]))
