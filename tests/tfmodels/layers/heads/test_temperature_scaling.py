import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import TemperatureScaling

ROWS, CLASSES, TRUE = 4000, 4, 2.5


def draw(multi_label):
    """Logits that are `TRUE` times too large for the labels drawn from them."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=1.5, size=[ROWS, CLASSES])
    if multi_label:
        return TRUE * logits, (random.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype("int32")
    return TRUE * logits, np.argmax(logits + random.gumbel(size=logits.shape), axis=1)


def nll(logits, labels, multi_label):
    if multi_label:
        return float(keras.ops.mean(keras.losses.binary_crossentropy(labels, logits, from_logits=True)))
    return float(keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)))


@pytest.mark.parametrize("multi_label", [False, True])
def test_finds_the_temperature_that_the_labels_were_drawn_with(multi_label):
    logits, labels = draw(multi_label)
    layer = TemperatureScaling(multi_label, dtype="float64")
    np.testing.assert_array_equal(layer(logits), logits)
    layer.learn(logits, labels)
    learnt = float(layer.temperature)
    assert learnt == pytest.approx(TRUE, rel=0.06)
    scaled = layer(logits).numpy()
    np.testing.assert_array_equal(scaled.argmax(axis=1), logits.argmax(axis=1))
    best = nll(scaled, labels, multi_label)
    assert best < nll(logits, labels, multi_label) - 0.01
    assert best <= min(nll(logits / near, labels, multi_label) for near in (learnt * 0.99, learnt * 1.01))


@pytest.mark.parametrize(("rows", "expected"), [(98, 0.99), (8, 0.9)])
def test_confidence_is_limited_by_the_number_of_predictions(rows, expected):
    logits = np.tile([[0.0, 6.0], [6.0, 0.0]], (rows // 2, 1))
    layer = TemperatureScaling()
    layer.learn(logits, np.tile([1, 0], rows // 2))
    np.testing.assert_allclose(tf.nn.softmax(layer(logits)).numpy().max(axis=1), expected, rtol=1e-5)
    several = TemperatureScaling(multi_label=True)
    several.learn(logits - 3, (logits > 3).astype("int32"))
    np.testing.assert_allclose(tf.sigmoid(several(logits - 3)).numpy().max(axis=1), expected, rtol=1e-5)


@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("sign", [1e-3, -1000])
def test_the_temperature_stays_in_its_range(multi_label, sign):
    labels = np.eye(3, dtype="int32")
    logits = sign * (2 * labels - 1.0)
    layer = TemperatureScaling(multi_label)
    layer.learn(logits, labels if multi_label else labels.argmax(axis=1))
    assert float(layer.temperature) == pytest.approx(0.1 if sign > 0 else 10, rel=1e-5)


def test_is_saved_with_its_model(tmp_path):
    layer = TemperatureScaling()
    inputs = keras.Input([CLASSES])
    model = keras.Model(inputs, layer(inputs))
    layer.learn(*draw(False))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(tf.ones([1, CLASSES])), 1 / layer.temperature * np.ones([1, CLASSES]))
    assert not loaded.trainable_weights


@pytest.mark.parametrize(
    ("logits", "labels", "expected"),
    [
        (np.zeros([0, 3]), np.zeros([0], int), r"at least one row.*Received: shapes \(0, 3\) and \(0,\)"),
        (np.zeros([2, 3]), np.zeros([2, 3], int), r"labels \[rows\]. Received: shapes \(2, 3\) and \(2, 3\)"),
        (np.full([1, 3], np.nan), np.zeros([1], int), r"finite logits. Received: 3"),
    ],
)
def test_wrong_data_are_refused(logits, labels, expected):
    with pytest.raises(ValueError, match=expected):
        TemperatureScaling().learn(logits, labels)
