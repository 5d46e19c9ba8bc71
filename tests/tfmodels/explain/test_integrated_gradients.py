import numpy as np
import pytest
import tensorflow as tf

from tfmodels import explain
from tfmodels.models import (
    HierarchicalClassifier,
    LSTMClassifier,
    LSTMOptions,
    TransformerClassifier,
    TransformerClassifierOptions,
)

IDS = np.array([[5, 9, 4, 3, 0], [8, 3, 0, 0, 0]], "int32")
DOCUMENTS = np.array([[[5, 9, 4], [8, 6, 0]], [[7, 0, 0], [0, 0, 0]]], "int32")
LSTM = LSTMOptions(num_layers=1, d_model=8)
MODELS = {
    "transformer": (
        TransformerClassifier,
        TransformerClassifierOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12),
        IDS,
    ),
    "lstm": (LSTMClassifier, LSTM, IDS),
    "hierarchical": (HierarchicalClassifier, LSTM, DOCUMENTS),
}


def make(name, **kwargs):
    family, options, ids = MODELS[name]
    model = family(17, 3, options, **kwargs)
    model.build()
    random = np.random.default_rng(0)
    model.set_weights([random.normal(scale=0.5, size=weight.shape) for weight in model.weights])
    return model, ids


@pytest.mark.parametrize("multi_label", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", MODELS)
def test_scores_add_up_to_what_the_tokens_changed(name, multi_label):
    model, ids = make(name)
    found = explain.integrated_gradients(model, ids, multi_label=multi_label)
    activation = tf.sigmoid if multi_label else tf.nn.softmax
    whole = activation(model(ids)).numpy()
    nothing = activation(model.classify(0 * model.embed(ids), ids)).numpy()
    np.testing.assert_array_equal(found.targets, whole.argmax(axis=1))
    rows = np.arange(2)
    np.testing.assert_allclose(found.probabilities, whole[rows, found.targets], rtol=1e-5)
    sums = found.scores.reshape(2, -1).sum(axis=1)
    difference = (whole - nothing)[rows, found.targets]
    assert np.abs(found.scores).max() > 0.01
    np.testing.assert_allclose(sums, difference, atol=1e-3)
    np.testing.assert_allclose(found.gap, sums - difference, atol=1e-6)
    assert found.scores.shape == ids.shape
    np.testing.assert_array_equal(found.scores != 0, ids != 0)


class Linear:
    """The second of two logits is 1 at id 5, 2 at id 6 and so on, summed over the tokens."""

    def embed(self, ids):
        return tf.cast(ids - 4, tf.float32)[..., tf.newaxis]

    def classify(self, vectors, ids):
        total = tf.reduce_sum(vectors[..., 0] * tf.cast(ids != 0, tf.float32), axis=1)
        return tf.stack([tf.zeros_like(total), total], axis=1)


def test_shares_of_a_linear_model_are_those_of_its_terms():
    found = explain.integrated_gradients(Linear(), np.array([[5, 6, 0]]), targets=np.array([1]))
    rise = 1 / (1 + np.exp(-3)) - 0.5
    np.testing.assert_allclose(found.scores, [[rise / 3, 2 * rise / 3, 0]], rtol=1e-5)
    against = explain.integrated_gradients(Linear(), np.array([[5, 6, 0]]), targets=np.array([0]))
    np.testing.assert_allclose(against.scores, -found.scores, rtol=1e-5)


def test_more_steps_leave_a_smaller_gap():
    model, ids = make("transformer")
    few, many = (np.abs(explain.integrated_gradients(model, ids, steps=steps).gap).max() for steps in (1, 32))
    assert many < few / 3


def test_mixed_precision_is_close():
    model, ids = make("lstm")
    mixed, _ = make("lstm", dtype="mixed_bfloat16")
    exact, rough = (explain.integrated_gradients(one, ids, targets=np.array([0, 1])) for one in (model, mixed))
    np.testing.assert_allclose(rough.scores, exact.scores, atol=0.03)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`steps` to be at least 1. Received: steps=0"):
        explain.integrated_gradients(Linear(), IDS, steps=0)
    with pytest.raises(ValueError, match=r"each of 2 rows. Received: shape \(1,\)"):
        explain.integrated_gradients(Linear(), IDS, targets=np.array([0]))
