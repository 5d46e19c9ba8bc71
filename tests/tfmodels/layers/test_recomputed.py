"""A recomputed layer gives the results of the plain one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers
from tfmodels.layers import masks

DIM = 8
SIZES = {"d_model": DIM, "num_heads": 2, "feed_forward_dim": 12, "dropout": 0.3}


def encoder(**kwargs):
    layer = layers.TransformerEncoderLayer(**SIZES, **kwargs)
    layer.build([None, None, DIM])
    return layer, lambda x, memory: layer(x, attention_mask=masks.key_mask(x[..., 0] < 2), training=True)


def decoder(**kwargs):
    layer = layers.TransformerDecoderLayer(**SIZES, **kwargs)
    layer.build([None, None, DIM], [None, None, DIM])
    causal = masks.causal_mask(tf.range(5)[tf.newaxis], 5)
    return layer, lambda x, memory: layer(x, memory, self_attention_mask=causal, training=True)


def trained(make, run, **kwargs):
    """Outputs and gradients of two steps, and the seeds after them."""
    keras.utils.set_random_seed(1)
    layer, call = make(**kwargs)
    random = np.random.default_rng(0)
    x, memory = (tf.constant(random.normal(size=[3, 5, DIM]), tf.float32) for _ in range(2))

    def step():
        with tf.GradientTape() as tape:
            tape.watch([x, memory])
            y = call(x, memory)
            loss = tf.reduce_sum(tf.cast(y, tf.float32) ** 2)
        return y, tape.gradient(loss, [x, memory, *layer.trainable_variables], unconnected_gradients="zero")

    step = run(step)
    first, second = step(), step()
    assert np.any(first[0] != second[0])  # dropout has a new mask
    return [first, second, list(map(tf.convert_to_tensor, layer.non_trainable_variables))]


@pytest.mark.parametrize("make", [encoder, decoder])
@pytest.mark.parametrize("run", [tf.function, lambda step: step], ids=["graph", "eager"])
@pytest.mark.parametrize("dtype", ["float32", pytest.param("mixed_bfloat16", marks=pytest.mark.slow)])
def test_gives_the_outputs_gradients_and_masks_of_the_plain_layer(make, run, dtype):
    plain = tf.nest.flatten(trained(make, run, dtype=dtype))
    again = tf.nest.flatten(trained(make, run, dtype=dtype, recompute=True))
    tolerance = 1e-5 if dtype == "float32" else 3e-2
    for one, other in zip(plain, again, strict=True):
        one, other = (np.asarray(tf.cast(tensor, tf.float32)) for tensor in (one, other))
        np.testing.assert_allclose(other, one, atol=tolerance * (1 + np.abs(one).max()))


def test_replicas_have_the_masks_of_the_plain_layer(two_replicas):
    def outputs(**kwargs):
        keras.utils.set_random_seed(1)
        with two_replicas.scope():
            _, call = encoder(**kwargs)
        x = tf.ones([2, 5, DIM])
        run = tf.function(lambda: two_replicas.run(lambda: call(x, x)))
        return [two_replicas.experimental_local_results(run()) for _ in range(2)]

    plain, again = np.array(outputs()), np.array(outputs(recompute=True))
    assert np.any(plain[0, 0] != plain[0, 1]) and np.any(plain[0] != plain[1])
    np.testing.assert_allclose(again, plain, atol=1e-5)
