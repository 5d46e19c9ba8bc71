import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import EmbeddingDropout
from tfmodels.token_ids import END, UNK

IDS = np.tile(np.array([2, 17, 9, 17, 23, 9, 17, 1, 3, 0], "int32"), [2000, 1])


def test_ids_are_dropped_at_the_rate_and_nothing_else_changes():
    dropped = EmbeddingDropout(0.3, seed=1)(IDS, training=True).numpy()
    words = IDS > END
    np.testing.assert_array_equal(dropped[~words], IDS[~words])
    for word in (17, 9, 23):
        assert (dropped[word == IDS] == UNK).mean() == pytest.approx(0.3, abs=0.03)
    kept = dropped != UNK
    np.testing.assert_array_equal(dropped[kept], IDS[kept])


def test_an_id_is_dropped_everywhere_in_its_row_or_nowhere():
    dropped = EmbeddingDropout(0.5, seed=1)(IDS, training=True).numpy() == UNK
    of_one, of_other = dropped[:, [1, 3, 6]], dropped[:, [2, 5]]
    for places in (of_one, of_other):
        np.testing.assert_array_equal(places, np.broadcast_to(places[:, :1], places.shape))
    assert np.corrcoef(of_one[:, 0], of_other[:, 0])[0, 1] == pytest.approx(0, abs=0.08)  # ids by themselves
    assert np.corrcoef(of_one[:-1, 0], of_one[1:, 0])[0, 1] == pytest.approx(0, abs=0.08)  # rows, too


def test_padding_and_the_shape_of_a_row_change_nothing():
    plain = EmbeddingDropout(0.5, seed=1)(IDS, training=True).numpy()
    longer = EmbeddingDropout(0.5, seed=1)(np.pad(IDS, [[0, 0], [0, 3]]), training=True).numpy()
    np.testing.assert_array_equal(longer[:, :-3], plain)
    sentences = EmbeddingDropout(0.5, seed=1)(IDS.reshape([-1, 2, 5]), training=True).numpy()
    np.testing.assert_array_equal(sentences.reshape(IDS.shape), plain)


def test_masks_depend_on_the_seed_and_the_number_of_calls():
    one, other = EmbeddingDropout(0.5, seed=3), EmbeddingDropout(0.5, seed=3)
    first = one(IDS, training=True).numpy()
    np.testing.assert_array_equal(first, other(IDS, training=True))
    assert np.any(one(IDS, training=True) != first)
    assert np.any(EmbeddingDropout(0.5, seed=4)(IDS, training=True) != first)


def test_no_random_op_outside_of_training():
    layer = EmbeddingDropout(0.5)
    graph = tf.function(lambda ids: layer(ids, training=False)).get_concrete_function(tf.constant(IDS)).graph
    assert not [op.type for op in graph.get_operations() if "Random" in op.type or "Assign" in op.type]


def test_works_in_half_precision():
    layer = EmbeddingDropout(0.5, dtype=keras.DTypePolicy("mixed_bfloat16"))
    assert layer(IDS, training=True).dtype == tf.int32


def test_a_rate_of_one_is_refused():
    with pytest.raises(ValueError, match=r"rate in \[0, 1\). Received: rate=1"):
        EmbeddingDropout(1.0)
