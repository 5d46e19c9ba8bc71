"""The loop compiled by XLA gives the results of the plain one."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import LSTM

BATCH, TIME, DIM, UNITS = 3, 5, 4, 6
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=[BATCH, TIME, DIM]).astype("float32")
STATE = tuple(RANDOM.normal(size=[2, BATCH, UNITS]).astype("float32"))
MASKS = {"all": None, "some": np.arange(TIME) < [[5], [2], [0]], "holes": RANDOM.random([BATCH, TIME]) < 0.5}


def has_compiled(graph):
    return any(function.attr["_XlaMustCompile"].b for function in graph.as_graph_def().library.function)


def trained(x=X, mask=None, steps=2, **kwargs):
    """Outputs, state and gradients of some steps with different values everywhere."""
    keras.utils.set_random_seed(1)
    layer = LSTM(UNITS, return_sequences=True, return_state=True, zero_output_for_mask=True, **kwargs)
    layer.build((None, None, DIM))
    layer.bias.assign(tf.random.normal(layer.bias.shape))

    @tf.function
    def step(x, h, c):
        with tf.GradientTape() as tape:
            tape.watch([x, h, c])
            y, last_h, last_c = layer(x, mask=mask, initial_state=(h, c), training=True)
            places = tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), y.dtype)
            loss = tf.reduce_sum(tf.sin(places) * y) + tf.reduce_sum(last_h**2) + tf.reduce_sum(tf.exp(last_c))
        gradients = tape.gradient(loss, [x, h, c, *layer.trainable_variables])
        return y, last_h, last_c, *gradients

    arguments = tuple(map(tf.constant, (x, *STATE)))
    return [step(*arguments) for _ in range(steps)], step.get_concrete_function(*arguments).graph


def _combination(dropout, mask, order):
    fast = (dropout, mask, order) in [(0.0, "all", None), (0.0, "some", "reverse"), (0.4, "holes", "go_backwards")]
    return pytest.param(dropout, mask, order, id=f"{dropout}-{mask}-{order}", marks=[] if fast else pytest.mark.slow)


@pytest.mark.parametrize(
    ("dropout", "mask", "order"),
    [_combination(*values) for values in itertools.product([0.0, 0.4], MASKS, [None, "reverse", "go_backwards"])],
)
def test_equals_the_plain_loop_and_its_gradient(dropout, mask, order):
    options = {"mask": MASKS[mask]}
    options |= {} if order is None else {order: True}
    options |= {"dropout": dropout, "recurrent_dropout": dropout, "weight_drop": dropout}
    plain, _ = trained(**options)
    compiled, graph = trained(**options, xla=True)
    assert has_compiled(graph)
    for one, other in zip(tf.nest.flatten(plain), tf.nest.flatten(compiled), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


def test_a_single_step():
    plain, _ = trained(X[:, :1], steps=1)
    compiled, _ = trained(X[:, :1], steps=1, xla=True)
    for one, other in zip(tf.nest.flatten(plain), tf.nest.flatten(compiled), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


def test_nothing_is_compiled_outside_of_training():
    layer = LSTM(UNITS, xla=True)
    layer.build((None, None, DIM))
    assert not has_compiled(tf.function(layer).get_concrete_function(X).graph)


def test_without_a_graph_the_plain_loop_runs():
    layer = LSTM(UNITS, xla=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(X, training=True))
    assert all(gradient is not None for gradient in tape.gradient(loss, layer.trainable_variables))


def test_replicas_run_it(two_replicas):
    with two_replicas.scope():
        layer = LSTM(UNITS, xla=True)
        layer.build((None, None, DIM))

    def gradient():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(X, training=True) ** 2)
        return tape.gradient(loss, layer.recurrent_kernel.value)

    one, other = two_replicas.experimental_local_results(tf.function(lambda: two_replicas.run(gradient))())
    assert np.abs(one).max() > 0
    np.testing.assert_allclose(one, other, rtol=1e-5)
