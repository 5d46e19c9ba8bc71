import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import WordDropout
from tfmodels.token_ids import END, UNK

IDS = np.tile(np.array([2, 17, 9, 1, 23, 3, 0], "int32"), [2000, 1])


def test_words_become_unknown_at_the_rate_and_nothing_else_changes():
    dropped = WordDropout(0.3, seed=1)(IDS, training=True).numpy()
    words = IDS > END
    np.testing.assert_array_equal(dropped[~words], IDS[~words])
    replaced = dropped[words] == UNK
    assert replaced.mean() == pytest.approx(0.3, abs=0.02)
    np.testing.assert_array_equal(dropped[words][~replaced], IDS[words][~replaced])


def test_masks_depend_on_the_seed_and_the_number_of_calls():
    one, other = WordDropout(0.5, seed=3), WordDropout(0.5, seed=3)
    first = one(IDS, training=True).numpy()
    np.testing.assert_array_equal(first, other(IDS, training=True))
    assert np.any(one(IDS, training=True) != first)
    assert np.any(WordDropout(0.5, seed=4)(IDS, training=True) != first)


def test_no_random_op_outside_of_training():
    layer = WordDropout(0.5)
    graph = tf.function(lambda ids: layer(ids, training=False)).get_concrete_function(tf.constant(IDS)).graph
    assert not [op.type for op in graph.get_operations() if "Random" in op.type or "Assign" in op.type]


def test_works_in_half_precision():
    layer = WordDropout(0.5, dtype=keras.DTypePolicy("mixed_bfloat16"))
    assert layer(IDS, training=True).dtype == tf.int32


def test_a_rate_of_one_is_refused():
    with pytest.raises(ValueError, match=r"rate in \[0, 1\). Received: rate=1"):
        WordDropout(1.0)
