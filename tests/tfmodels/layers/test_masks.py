import numpy as np
import tensorflow as tf

from tfmodels.layers import masks


def test_padding_is_hidden_from_every_query():
    mask = masks.padding_mask(tf.constant([[5, 3, 0], [3, 0, 0]]))
    np.testing.assert_array_equal(mask, [[True, True, False], [True, False, False]])
    np.testing.assert_array_equal(masks.key_mask(mask)[:, 0, 0], mask)


def test_causal_mask_of_all_positions_is_the_lower_triangle():
    np.testing.assert_array_equal(masks.causal_mask(tf.range(4)[None], 4)[0, 0], np.tril(np.ones([4, 4], bool)))


def test_causal_mask_of_a_step_follows_each_row_s_position():
    mask = masks.causal_mask(tf.constant([[2], [0]]), 4)
    np.testing.assert_array_equal(mask[:, 0, 0], [[True, True, True, False], [True, False, False, False]])
