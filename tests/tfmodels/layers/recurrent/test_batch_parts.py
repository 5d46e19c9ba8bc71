"""A batch that is split gives the results of the whole batch."""

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import LSTM
from tfmodels.layers.recurrent import batch_parts


@pytest.fixture(params=[1, 2, 3])
def cores(request, monkeypatch):
    monkeypatch.setattr(batch_parts, "usable_cores", lambda: request.param)
    return request.param


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_parts_are_joined_in_order(cores, rows):
    sizes = []

    @tf.function(autograph=False)
    def run(x, pair):
        def function(x, nothing, pair):
            sizes.append(x)
            assert nothing is None
            return {"x": 2 * x, "pair": (pair[0] + x, pair[1])}

        return batch_parts.in_batch_parts(function, x, None, pair)

    x, words = tf.range(3 * rows), tf.as_string(tf.range(rows))
    x = tf.reshape(x, [rows, 3])
    answer = run(x, (x, words))
    assert len(sizes) == cores
    np.testing.assert_array_equal(answer["x"], 2 * x)
    np.testing.assert_array_equal(answer["pair"][0], 2 * x)
    np.testing.assert_array_equal(answer["pair"][1], words)


def test_no_part_is_made_outside_of_a_graph(cores):
    calls = []
    batch_parts.in_batch_parts(calls.append, tf.range(4))
    assert len(calls) == 1


@pytest.mark.parametrize(
    "options",
    [{}, *(pytest.param({name: True}, marks=pytest.mark.slow) for name in ("xla", "layer_norm")), {"decay": True}],
    ids=str,
)
def test_an_lstm_trains_the_same_in_parts(options, monkeypatch):
    layer = LSTM(6, return_sequences=True, return_state=True, **options)
    layer.build((None, None, 4))
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(size=[5, 7, 4]).astype("float32"))
    mask = tf.constant(random.random([5, 7]) < 0.7)
    elapsed = tf.constant(random.random([5, 7]).astype("float32")) if "decay" in options else None

    def step():
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs, h, c = layer(x, mask=mask, elapsed=elapsed, training=True)
            loss = tf.reduce_sum(outputs**2) + tf.reduce_sum(h * c)
        return outputs, h, c, tape.gradient(loss, [x, *layer.trainable_variables])

    def with_cores(cores):
        monkeypatch.setattr(batch_parts, "usable_cores", lambda: cores)
        return tf.nest.flatten(tf.function(step, autograph=False)())

    for one, other in zip(with_cores(1), with_cores(2), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
