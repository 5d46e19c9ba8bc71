import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models import FeatureSizes, LSTMRecommender, TransformerRecommender
from tfmodels.models.recommenders import recommender
from tfmodels.models.row_pieces import in_pieces

ITEMS, FURTHER = 11, 3
ROWS = np.array([[3, 7, 1, 5], [9, 2, 0, 0]], np.int32)


@pytest.fixture(params=[(TransformerRecommender, 0.0), (TransformerRecommender, 0.1), (LSTMRecommender, 0.0)])
def made(request, monkeypatch):
    """A network, and the features of its items and of further ones."""
    monkeypatch.setattr(recommender, "_TOWER_ROWS", 4)
    family, temperature = request.param
    options = family.options_type(d_model=8, temperature=temperature, dropout=0.0)
    network = family(ITEMS, options, max_length=6, features=FeatureSizes(5, 3, 2), negatives=4, id_dropout=0.5)
    network.build()
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    features = random.integers(0, 6, [ITEMS + FURTHER, 3]), random.normal(size=[ITEMS + FURTHER, 2])
    network.set_features(*(of[:ITEMS] for of in features))
    return network, features


def test_further_items_change_no_logits_and_are_told_by_their_features(made):
    network, features = made
    longer = network.with_items(*(of[ITEMS:] for of in features))
    whole, found = network(ROWS).numpy(), longer(ROWS).numpy()
    assert longer.tower is None and found.shape == (2, 4, ITEMS + FURTHER)
    np.testing.assert_allclose(found[..., :ITEMS], whole, atol=1e-5)
    # An item of the same features whose id adds nothing has the same logits.
    network.embedding.vectors.assign(tf.tensor_scatter_nd_update(network.embedding.vectors, [[4]], tf.zeros([1, 8])))
    network.set_features(*(np.concatenate([of[:3], of[ITEMS : ITEMS + 1], of[4:ITEMS]]) for of in features))
    np.testing.assert_allclose(network(ROWS)[..., 3], found[..., ITEMS], atol=1e-5)


def test_ids_are_dropped_in_training_alone(made):
    network, _ = made
    first, second = (network({"items": ROWS}, training=True).numpy() for _ in range(2))
    assert not np.allclose(first, second)
    np.testing.assert_allclose(network(ROWS), network(ROWS), atol=1e-6)
    sampled = network({"items": ROWS, "targets": ROWS}, training=True)
    assert sampled.right.shape == ROWS.shape and np.isfinite(sampled.drawn.numpy()).all()


def test_a_network_is_made_again_of_its_config(made):
    network, _ = made
    again = type(network).from_config(network.get_config())
    assert again.features == FeatureSizes(5, 3, 2) and again.id_dropout == 0.5


@pytest.mark.parametrize("rows", [0, 1, 5, 6, 7])
def test_pieces_of_rows_are_the_whole(rows):
    texts, numbers = tf.constant([f"row {row}" for row in range(rows)], tf.string), tf.range(rows)

    def function(texts, numbers):
        return {"text": tf.strings.join([texts, "!"]), "square": tf.stack([numbers, numbers**2], axis=1)}

    expected, found = function(texts, numbers), in_pieces(function, [texts, numbers], 3)
    for name in expected:
        assert found[name].shape == expected[name].shape and (found[name].numpy() == expected[name].numpy()).all()


def test_pieces_hold_few_rows():
    seen = []

    def function(numbers):
        tf.py_function(lambda some: seen.append(len(some)), [numbers], [])
        return numbers + 1

    in_pieces(function, [tf.range(10)], 4)
    assert max(seen) == 4 and sum(seen) <= 12
