import numpy as np
import pytest
import tensorflow as tf

from pipelines.question_answering.reader_ensemble import ReaderEnsemble
from tfmodels.models import LSTMReader, LSTMReaderOptions, TransformerReader, TransformerReaderOptions

SHARED = {"max_answer_length": 3, "window": 8, "overlap": 3}


@pytest.fixture(scope="module")
def members():
    found = [
        LSTMReader(30, LSTMReaderOptions(d_model=8, num_layers=1), **SHARED),
        TransformerReader(30, TransformerReaderOptions(d_model=8, num_heads=2, feed_forward_dim=8), **SHARED),
    ]
    random = np.random.default_rng(0)
    for reader in found:
        reader.build()
        for weight in reader.trainable_weights:
            weight.assign(random.normal(0, 0.3, weight.shape))
    return found


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(1)
    ids = {"question": random.integers(4, 30, [4, 5]), "context": random.integers(4, 30, [4, 19])}
    ids["context"][1, 7:] = 0
    ids["question"][2, 1:] = 0
    return {name: tf.constant(values, tf.int32) for name, values in ids.items()}


def test_probabilities_are_the_mean_of_the_calibrated_ones(members, inputs):
    temperatures = [0.7, 1.9]
    found = ReaderEnsemble(members, temperatures)(inputs)
    own = [
        tf.nn.softmax(member(inputs, training=False) / temperature)
        for member, temperature in zip(members, temperatures, strict=True)
    ]
    assert np.abs(own[0] - own[1]).max() > 1e-3
    np.testing.assert_allclose(tf.exp(found), np.mean(own, axis=0), atol=1e-6)


def test_one_reader_twice_is_the_reader(members, inputs):
    alone = tf.nn.log_softmax(members[0](inputs, training=False))
    found, maps = ReaderEnsemble([members[0]] * 2, [1.0, 1.0])(inputs, intermediates=True)
    np.testing.assert_allclose(found, alone, atol=1e-5)
    attention = members[0](inputs, intermediates=True, training=False)[1]["coattention"]
    np.testing.assert_allclose(maps["coattention"], attention, atol=1e-6)


def test_its_members_are_not_trained(members, inputs):
    with pytest.raises(ValueError, match="Received: training=True"):
        ReaderEnsemble(members, [1.0, 1.0])(inputs, training=True)
