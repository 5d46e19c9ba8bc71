"""Exports whose weights are stored in fewer bits."""

import hypothesis.extra.numpy as arrays
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given
from hypothesis import strategies as st

from tfmodels import export
from tfmodels.export.graph.compact_weights import int8

INPUT = (tf.TensorSpec([None, 64], tf.float32, name="x"),)
X = np.random.default_rng(0).normal(size=[5, 64]).astype("float32")


def network():
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((64,)), keras.layers.Dense(256, "relu"), keras.layers.Dense(32)])
    made.layers[0].bias.assign(tf.random.normal([256]))
    return made


def save(made, folder, weights):
    endpoint = export.Endpoint("serving_default", INPUT, lambda x: {"y": made(x)})
    return export.save(folder, [endpoint], [made], {"serving_default": {"x": X}}, {"task": "toy"}, weights=weights)


def size(version):
    return sum(file.stat().st_size for file in (version / "variables").iterdir())


@given(
    arrays.arrays("float32", arrays.array_shapes(min_dims=2, max_dims=3), elements=st.floats(-1e6, 1e6, width=32)),
    st.integers(-20, 20),
)
@example(np.float32([[np.finfo("float32").tiny]]), 0)
@example(np.float32([[np.finfo("float32").tiny * 200, 1.0]]), 0)
def test_the_error_is_at_most_half_a_step(matrix, exponent):
    matrix = matrix * np.float32(2.0**exponent)
    whole, scale = (part.numpy().astype("float64") for part in int8(tf.constant(matrix)))
    assert np.abs(whole).max() <= 127
    assert np.all(np.abs(whole * scale - matrix) <= 0.501 * scale)


@pytest.mark.parametrize("axis", [0, 1])
def test_scales_are_per_row_or_per_column_whichever_fits(axis):
    steps = np.expand_dims(10.0 ** np.arange(4), 1 - axis).astype("float32")
    matrix = np.random.default_rng(0).normal(size=[4, 4]).astype("float32") * steps
    whole, scale = int8(tf.constant(matrix))
    assert scale.shape[axis] == 4
    error = np.abs(tf.cast(whole, tf.float32) * scale - matrix)
    assert np.all(error <= 0.005 * np.abs(matrix).max(axis=1 - axis, keepdims=True))


@pytest.mark.parametrize(("weights", "share", "error"), [("bfloat16", 0.55, 0.01), ("int8", 0.3, 0.02)])
def test_a_compact_export_is_smaller_and_nearly_equal(weights, share, error, tmp_path):
    whole = save(network(), tmp_path / "whole", "float32")
    made = network()
    version = save(made, tmp_path / weights, weights)
    assert size(version) < share * size(whole)
    # Both are loaded in one process: neither may use the other's weights.
    exact, rounded = (export.load(path).call("serving_default", x=X)["y"] for path in (whole, version))
    np.testing.assert_allclose(exact, network()(X), atol=1e-5)
    np.testing.assert_allclose(rounded, made(X), atol=1e-5)
    assert 0 < np.abs(rounded - exact).max() < error * np.abs(exact).max()
    np.testing.assert_array_equal(made.layers[0].bias, network().layers[0].bias)


def test_two_exports_of_one_model_keep_their_weights(tmp_path):
    first, second = network(), network()
    second.layers[1].kernel.assign(2 * second.layers[1].kernel)
    paths = [save(made, tmp_path / "toy", "int8") for made in (first, second)]
    loaded = [tf.saved_model.load(str(path)).signatures["serving_default"] for path in paths]
    once, twice = (function(x=tf.constant(X))["y"] for function in loaded)
    np.testing.assert_allclose(twice, 2 * once, atol=1e-4)
    assert np.abs(once).max() > 0.1


def test_a_model_built_under_two_replicas_is_rounded_too(two_replicas, tmp_path):
    with two_replicas.scope():
        made = network()
    version = save(made, tmp_path / "toy", "int8")
    np.testing.assert_allclose(export.load(version).call("serving_default", x=X)["y"], made(X), atol=1e-5)


def test_an_unknown_format_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match=r"one of float32, bfloat16, int8\. Received: weights='int4'"):
        save(network(), tmp_path / "toy", "int4")
    assert list((tmp_path / "toy").iterdir()) == []
