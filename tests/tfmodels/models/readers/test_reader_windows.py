import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.models.readers import windows


@given(st.data())
def test_cut_and_joined_are_the_sequence(data):
    size = data.draw(st.integers(2, 9))
    overlap = data.draw(st.integers(0, size - 1))
    lengths = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=4))
    time = max(*lengths, 1)
    values = np.arange(1, len(lengths) * time + 1).reshape(len(lengths), time)
    values[np.arange(time) >= np.array(lengths)[:, np.newaxis]] = 0
    laid = windows.over(tf.constant(lengths), time, size, overlap)
    cut = laid.cut(tf.constant(values))
    joined = laid.joined(cut[:, :, tf.newaxis], tf.constant(time))[:, :, 0].numpy()
    inside = np.arange(time) < np.array(lengths)[:, np.newaxis]
    np.testing.assert_array_equal(joined[inside], values[inside])


def test_a_step_belongs_to_the_window_in_which_it_is_furthest_from_a_cut():
    laid = windows.over(tf.constant([12]), 12, size=6, overlap=2)
    np.testing.assert_array_equal(laid.start, [0, 4, 8])
    number = tf.repeat(tf.range(3)[:, tf.newaxis, tf.newaxis], 6, axis=1)
    np.testing.assert_array_equal(laid.joined(number, tf.constant(12))[0, :, 0], [0] * 5 + [1] * 4 + [2] * 3)


def test_chosen_windows_are_those_of_all():
    values, laid = tf.reshape(tf.range(30), [2, 15]), windows.over(tf.constant([15, 7]), 15, 5, 2)
    np.testing.assert_array_equal(laid.cut(values, tf.constant([1, 4])), laid.cut(values).numpy()[[1, 4]])


def test_an_overlap_of_a_whole_window_is_refused():
    with pytest.raises(ValueError, match=r"from 0 to below the window, 4\. Received: overlap=4"):
        windows.over(tf.constant([3]), 3, 4, 4)
