import numpy as np
import pytest
import tensorflow as tf
from sklearn.preprocessing import normalize

from tfmodels.layers import NGramRegression

KNOWN, CLASSES = np.array([3, 8, 11, 40]), 3
KINDS = (
    [[8, 8, 3], [], [7, 9], [40, 11, 11, 11, 8]],  # 7 and 9 are not known
    [[40], [3, 3], [], [100]],
)


@pytest.fixture
def layer():
    random = np.random.default_rng(0)
    regression = NGramRegression(CLASSES, len(KNOWN), dtype="float32")
    shapes = ([len(KNOWN)], [len(KNOWN), CLASSES], [CLASSES])
    regression.assign(KNOWN, *(random.uniform(1, 2, shape) for shape in shapes))
    return regression


def padded(kinds):
    return [tf.ragged.constant(rows, tf.int32, ragged_rank=1).to_tensor(-1) for rows in kinds]


def expected(layer, kinds):
    frequencies, weight, bias = layer.frequencies.numpy(), layer.weight.numpy(), layer.bias.numpy()
    features = np.zeros([len(kinds[0]), len(KNOWN)])
    for rows in kinds:
        counts = np.array([[row.count(one) for one in KNOWN] for row in rows])
        with np.errstate(divide="ignore"):
            features += normalize(np.where(counts, 1 + np.log(counts), 0) * frequencies)
    return features @ weight + bias


def test_the_logits_are_those_of_scikit_learns_features(layer):
    found = layer(*padded(KINDS))
    np.testing.assert_allclose(found, expected(layer, KINDS), rtol=1e-5)
    for row in range(len(KINDS[0])):
        alone = layer(*padded([[rows[row]] for rows in KINDS]))
        np.testing.assert_allclose(alone[0], found[row], rtol=1e-6)


def test_texts_without_a_known_ngram_get_the_bias(layer):
    np.testing.assert_array_equal(layer(*padded([[[7]], [[]]])), layer.bias.numpy()[np.newaxis])
    assert layer(tf.zeros([0, 0], tf.int32), tf.zeros([0, 4], tf.int32)).shape == (0, CLASSES)


def test_config_and_refusals(layer):
    again = NGramRegression.from_config(layer.get_config())
    assert (again.classes, again.ngrams) == (CLASSES, len(KNOWN))
    with pytest.raises(ValueError, match="`known` to be ascending"):
        layer.assign(KNOWN[::-1], layer.frequencies, layer.weight, layer.bias)
    with pytest.raises(ValueError, match="ngrams=0"):
        NGramRegression(2, 0)
