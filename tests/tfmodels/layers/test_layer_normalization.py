import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equals_keras(dtype):
    random = np.random.default_rng(0)
    x = tf.constant(3 * random.normal(size=[4, 5, 16]) + 1, dtype)
    upstream = tf.constant(random.normal(size=[4, 5, 16]), dtype)
    results = []
    for norm in (layers.LayerNormalization(dtype=dtype), keras.layers.LayerNormalization(epsilon=1e-5, dtype=dtype)):
        norm.build(x.shape)
        norm.gamma.assign(np.linspace(0.5, 2, 16))
        norm.beta.assign(np.linspace(-1, 1, 16))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = norm(x)
        results.append([y, *tape.gradient(y, [x, norm.gamma.value, norm.beta.value], upstream)])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_constant_row_gives_the_shift():
    norm = layers.LayerNormalization()
    norm.build([2, 8])
    norm.beta.assign(np.arange(8))
    np.testing.assert_array_equal(norm(tf.fill([2, 8], 7.0)), np.tile(np.arange(8), [2, 1]))
