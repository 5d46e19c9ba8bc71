import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import KBinsDiscretizer

from tfmodels.layers import PiecewiseLinear

BINS = 4
random = np.random.default_rng(0)


def of_training(values, outputs=1):
    layer = PiecewiseLinear(values.shape[1], outputs, BINS, dtype="float32")
    layer.adapt(values)
    return layer


def test_bins_have_equal_shares_of_the_training_rows():
    values = random.normal(size=[400, 2])
    edges = of_training(values).edges.numpy()
    discretizer = KBinsDiscretizer(BINS, strategy="quantile", quantile_method="linear").fit(values)
    np.testing.assert_allclose(edges, np.stack(discretizer.bin_edges_), rtol=1e-5)


def test_a_rising_kernel_interpolates_between_the_edges():
    values = random.normal(size=[100, 1])
    layer = of_training(values)
    edges = layer.edges.numpy()[0]
    layer.assign(np.array([[[1.0], [2.0], [0.0], [-5.0], [7.0]]]), np.array([[0.5]]))
    asked = np.linspace(edges[0] - 1, edges[-1] + 1, 50, dtype="float32")[:, None]
    expected = np.interp(asked, edges, [0.5, 1.5, 3.5, 3.5, -1.5])
    np.testing.assert_allclose(layer(asked, np.ones_like(asked)), expected, atol=1e-5)
    np.testing.assert_allclose(layer(asked, np.zeros_like(asked)), np.full_like(asked, 7.5), atol=1e-5)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, float("nan")]), min_size=1, max_size=12))
def test_few_distinct_or_no_values_are_finite_and_increasing(values):
    layer = of_training(np.array(values)[:, None])
    known = [value for value in values if value == value]
    found = layer.encode(np.array([[-1.0], [0.0], [1.0], [2.0], [3.0]], "float32"), np.ones([5, 1])).numpy()
    assert np.isfinite(found).all()
    assert (np.diff(found[:, :BINS], axis=0) >= 0).all()
    assert found[-1, :BINS].sum() == max(len(layer_edges(layer)) - 1, 0)
    assert (layer_edges(layer).min() >= min(known, default=0)) and (layer_edges(layer).max() <= max(known, default=0))


def layer_edges(layer):
    return np.unique(layer.edges.numpy())


def test_each_row_is_answered_by_the_model_without_its_fold():
    values, known = random.normal(size=[6, 3]).astype("float32"), random.integers(0, 2, [6, 3]).astype("float32")
    layer = PiecewiseLinear(3, 2, BINS, folds=2, dtype="float32")
    layer.adapt(values)
    kernel, bias = random.normal(size=layer.kernel.shape), random.normal(size=layer.bias.shape)
    layer.assign(kernel, bias)
    left_out = np.array([0, 1, 2, 0, 1, 2], "int32")
    alone = PiecewiseLinear(3, 2, BINS, dtype="float32")
    alone.adapt(values)
    found = layer(values, known, left_out).numpy()
    for fold in range(3):
        alone.assign(kernel[fold : fold + 1], bias[fold : fold + 1])
        rows = left_out == fold
        np.testing.assert_allclose(found[rows], alone(values[rows], known[rows]), rtol=1e-4, atol=1e-5)
        if not fold:
            np.testing.assert_allclose(layer(values, known), alone(values, known), rtol=1e-4, atol=1e-5)


def test_sizes_are_refused():
    with pytest.raises(ValueError, match="bins=0"):
        PiecewiseLinear(2, 1, 0)
