import numpy as np
import pytest
import toy_task

from tfmodels.models import TransformerOptions, TransformerSeq2Seq
from tfmodels.training import Trainer, copy_weights, smoothed_cross_entropy, weights_by_name


def narrow(vocabulary=toy_task.VOCABULARY, num_layers=1, d_model=8, feed_forward_dim=16):
    options = TransformerOptions(
        num_layers=num_layers, d_model=d_model, num_heads=2, feed_forward_dim=feed_forward_dim, norm_first=True
    )
    return TransformerSeq2Seq(vocabulary, options)


def arrays(network):
    return {name: weight.numpy() for name, weight in weights_by_name(network).items()}


def same(one, other, names):
    return all(np.array_equal(one[name], other[name]) for name in names)


def random_weights(make, **arguments):
    network = make(**arguments)
    network.build()
    return network


@pytest.mark.parametrize("family", toy_task.FAMILIES)
def test_a_network_of_the_same_shape_is_copied_whole(family):
    origin, network = (random_weights(toy_task.FAMILIES[family]) for _ in range(2))
    assert not same(arrays(origin), arrays(network), arrays(origin))
    copied, fresh = copy_weights(origin, network)
    assert not fresh
    assert sorted(copied) == sorted(arrays(network))
    assert same(arrays(origin), arrays(network), copied)


def test_names_do_not_depend_on_what_the_network_is_built_in():
    alone = random_weights(toy_task.transformer)
    inside = toy_task.transformer()
    ids = np.ones([1, 2], "int32")
    Trainer(inside, smoothed_cross_entropy)({"source": ids, "target": ids})
    assert weights_by_name(alone).keys() == weights_by_name(inside).keys()
    assert "embedding/vectors" in weights_by_name(inside)
    assert all(name.count("/") > 0 and "seq2" not in name for name in weights_by_name(inside))


def test_what_has_another_shape_or_is_not_there_stays():
    origin, network = random_weights(narrow), random_weights(narrow, num_layers=2, feed_forward_dim=24)
    before, expected = arrays(network), arrays(origin)
    copied, fresh = copy_weights(origin, network)
    after = arrays(network)
    assert set(copied) | set(fresh) == set(after) and not set(copied) & set(fresh)
    assert fresh["encoder_0/feed_forward/inner/kernel"] == "(8, 16) -> (8, 24)"
    assert fresh["decoder_1/self_attention/query_kernel"] == "not there"
    assert "encoder_0/attention/query_kernel" in copied
    assert same(before, after, fresh)
    assert same(expected, after, copied)


def test_rows_are_taken_as_they_are_mapped():
    origin, network = random_weights(narrow), random_weights(narrow, vocabulary=6)
    before = arrays(network)["embedding/vectors"]
    rows = np.array([0, -1, 12, 3, -1, 3])
    copied, fresh = copy_weights(origin, network, {"embedding/vectors": rows})
    assert "embedding/vectors" in copied and not fresh
    after, old = arrays(network)["embedding/vectors"], arrays(origin)["embedding/vectors"]
    for row, place in enumerate(rows):
        np.testing.assert_array_equal(after[row], before[row] if place < 0 else old[place])


def test_rows_of_another_width_stay():
    origin = random_weights(narrow)
    network = random_weights(narrow, vocabulary=6, d_model=12)
    _, fresh = copy_weights(origin, network, {"embedding/vectors": np.zeros(6, int)})
    assert fresh["embedding/vectors"] == "(13, 8) -> (6, 12)"


def test_a_table_without_a_row_in_common_stays():
    origin, network = random_weights(narrow), random_weights(narrow)
    before = arrays(network)["embedding/vectors"]
    copied, fresh = copy_weights(origin, network, {"embedding/vectors": np.full(13, -1)})
    assert "embedding/vectors" not in copied and fresh["embedding/vectors"] == "no row in common"
    np.testing.assert_array_equal(arrays(network)["embedding/vectors"], before)


def test_networks_without_a_weight_in_common_are_refused():
    with pytest.raises(ValueError, match="Received: TransformerSeq2Seq and Bigrams without any"):
        copy_weights(random_weights(toy_task.transformer), toy_task.Bigrams())
