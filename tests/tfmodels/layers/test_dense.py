import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import Dense


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (2, 3, 5, 4)])
def test_equals_keras(shape, use_bias):
    x = tf.constant(np.random.default_rng(0).normal(size=shape))
    layer, reference = (kind(6, "tanh", use_bias, dtype="float64") for kind in (Dense, keras.layers.Dense))
    layer.build(shape)
    reference.build(shape)
    reference.set_weights(layer.get_weights())
    results = []
    for one in (layer, reference):
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = one(x)
            loss = tf.reduce_sum(output**2)
        results.append([output, *tape.gradient(loss, [x, *(weight.value for weight in one.trainable_weights)])])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)
