import math

import numpy as np
import pytest

from tfmodels.layers import FeedForward

ACTIVATION = {
    "relu": lambda h: np.maximum(h, 0.0),
    "gelu": lambda h: h * 0.5 * (1.0 + np.vectorize(math.erf)(h / 2**0.5)),
    "swiglu": lambda h: h[..., :7] / (1.0 + np.exp(-h[..., :7])) * h[..., 7:],
}


@pytest.mark.parametrize("activation", ACTIVATION)
def test_is_the_formula(activation):
    layer = FeedForward(7, activation, dtype="float64")
    random = np.random.default_rng(0)
    x = random.normal(size=[2, 3, 4])
    layer.build(x.shape)
    weights = [random.normal(size=weight.shape) for weight in layer.weights]
    layer.set_weights(weights)
    inner, inner_bias, outer, outer_bias = weights
    expected = ACTIVATION[activation](x @ inner + inner_bias) @ outer + outer_bias
    np.testing.assert_allclose(layer(x), expected, rtol=1e-6, atol=1e-7)


def test_dropout_applies_to_the_hidden_layer():
    layer = FeedForward(7, dropout=0.5)
    x = np.ones([1, 1, 4], "float32")
    layer.build(x.shape)
    kernel, bias = np.ones([4, 7]), np.zeros([7])
    layer.set_weights([kernel, bias, np.ones([7, 4]), np.zeros([4])])
    output = layer(x, training=True).numpy().ravel()  # each kept hidden value is 4 / (1 - 0.5)
    assert np.ptp(output) == 0.0
    assert output[0] % 8.0 == 0.0


def test_unknown_activation_is_refused():
    with pytest.raises(ValueError, match=r"`activation` to be one of .*'swiglu'.*Received: activation='tanh'"):
        FeedForward(7, "tanh")
