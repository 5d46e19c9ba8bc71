import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import Dropout

X = np.random.default_rng(0).normal(size=[100, 100]).astype("float32")


@pytest.mark.parametrize(("rate", "training"), [(0.0, True), (0.5, False), (0.5, None)])
def test_changes_nothing_outside_training_or_at_rate_zero(rate, training):
    np.testing.assert_array_equal(Dropout(rate)(X, training=training), X)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_zeroes_a_fraction_and_scales_the_rest(rate):
    output = Dropout(rate)(X, training=True).numpy()
    kept = output != 0
    assert np.mean(kept) == pytest.approx(1 - rate, abs=0.02)
    np.testing.assert_allclose(output[kept], X[kept] / (1 - rate), rtol=1e-5)


def test_gradient_passes_where_values_pass():
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = Dropout(0.5)(x, training=True)
    np.testing.assert_array_equal(tape.gradient(output, x), np.where(output != 0, 2.0, 0.0))


def test_masks_depend_on_the_seed_and_the_number_of_calls():
    one, same, other = Dropout(0.5, seed=1), Dropout(0.5, seed=1), Dropout(0.5, seed=2)
    first, second = one(X, training=True), one(X, training=True)
    assert np.any(first != second)
    np.testing.assert_array_equal(same(X, training=True), first)
    np.testing.assert_array_equal(same(X, training=True), second)
    assert np.any(other(X, training=True) != first)


def test_layers_without_a_seed_have_different_masks():
    assert np.any(Dropout(0.5)(X, training=True) != Dropout(0.5)(X, training=True))


def test_a_restored_layer_continues_with_the_next_mask():
    layer, restored = Dropout(0.5, seed=1), Dropout(0.5, seed=2)
    layer(X, training=True)
    for variable, value in zip(restored.non_trainable_variables, layer.non_trainable_variables, strict=True):
        variable.assign(value)
    np.testing.assert_array_equal(restored(X, training=True), layer(X, training=True))


def test_replicas_have_different_but_reproducible_masks(two_replicas):
    def outputs():
        with two_replicas.scope():
            layer = Dropout(0.5, seed=1)
        run = tf.function(lambda: two_replicas.run(lambda: layer(tf.constant(X), training=True)))
        return [two_replicas.experimental_local_results(run()) for _ in range(2)]

    steps = outputs()
    draws = [replica.numpy() for step in steps for replica in step]
    assert len(draws) == 4
    for i in range(4):
        for j in range(i):
            assert np.any(draws[i] != draws[j]), (i, j)
    for draw, again in zip(draws, [replica for step in outputs() for replica in step], strict=True):
        np.testing.assert_array_equal(draw, again)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_rates_outside_zero_to_one_are_refused(rate):
    with pytest.raises(ValueError, match=rf"in \[0, 1\)\. Received: rate={rate}"):
        Dropout(rate)
