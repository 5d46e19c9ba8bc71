import keras
import numpy as np
import pytest
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


@pytest.mark.parametrize("length", [4, None], ids=["fixed", "any"])
def test_masks_of_a_functional_model_are_those_of_its_inputs(length, tmp_path):
    ids = keras.Input([length], dtype="int32")
    positions = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    padding, causal = masks.padding_mask(ids), masks.causal_mask(positions)
    outputs = [padding, masks.key_mask(padding), causal, masks.causal_mask(positions, 4)]
    assert [tuple(output.shape) for output in outputs[:3]] == [
        (None, length),
        (None, 1, 1, length),
        (None, 1, length, length),
    ]
    keras.Model(ids, outputs).save(tmp_path / "masks.keras")
    values = np.array([[5, 3, 0, 0], [3, 0, 0, 0]], "int32")
    found = keras.models.load_model(tmp_path / "masks.keras")(values)
    positions = tf.range(4)[tf.newaxis]
    expected = [masks.padding_mask(values), masks.key_mask(values != 0), *[masks.causal_mask(positions)] * 2]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, np.broadcast_to(other, one.shape))


def test_the_first_mask_given_counts():
    x = tf.zeros([1, 2, 3])
    assert masks.of_steps(x, None, None) is None
    found = masks.of_steps(x, None, tf.constant([[1, 0]]), tf.constant([[False, False]]))
    np.testing.assert_array_equal(found, [[True, False]])
