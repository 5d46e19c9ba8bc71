import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import TransformerDecoderLayer, TransformerEncoderLayer

SIZES = {"d_model": 8, "num_heads": 2, "feed_forward_dim": 12}
X, MEMORY = (np.random.default_rng(i).normal(size=[3, time, 8]).astype("float32") for i, time in enumerate((5, 4)))
CAUSAL = np.tril(np.ones([1, 1, 5, 5], bool))
INPUTS = {
    TransformerEncoderLayer: {"x": X, "attention_mask": CAUSAL},
    TransformerDecoderLayer: {"x": X, "memory": MEMORY, "self_attention_mask": CAUSAL},
}


@pytest.fixture(params=INPUTS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


def outputs_and_gradients(layer, inputs):
    with tf.GradientTape() as tape:
        output = layer(**inputs, training=True)
        loss = tf.reduce_sum(output * np.arange(8, dtype="float32"))
    return [output, *tape.gradient(loss, [weight.value for weight in layer.trainable_weights])]


def test_chunks_of_queries_train_like_all_queries_at_once(kind):
    plain, chunked = kind(**SIZES, dropout=0.0), kind(**SIZES, dropout=0.0, query_chunk=2)
    for layer in (plain, chunked):
        layer(**INPUTS[kind])
    chunked.set_weights(plain.get_weights())
    results = (outputs_and_gradients(layer, INPUTS[kind]) for layer in (plain, chunked))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_the_attention_weights_have_a_dropout_of_their_own(kind):
    for rate, expected in ((None, 0.5), (0.0, 0.0), (0.2, 0.2)):
        layer = kind(**SIZES, dropout=0.5, attention_dropout=rate)
        attentions = [part for name, part in vars(layer).items() if name.endswith("attention")]
        assert [part.dropout_rate for part in attentions] == [expected] * len(attentions)
        assert attentions
        assert layer.dropout.rate == layer.feed_forward.dropout_rate == 0.5


def test_the_activations_have_a_dropout_of_their_own(kind):
    for rate, expected in ((None, 0.5), (0.0, 0.0), (0.2, 0.2)):
        layer = kind(**SIZES, dropout=0.5, activation_dropout=rate)
        assert layer.feed_forward.dropout_rate == expected
        attention = layer.attention if kind is TransformerEncoderLayer else layer.self_attention
        assert layer.dropout.rate == attention.dropout_rate == 0.5
        assert kind.from_config(layer.get_config()).feed_forward.dropout_rate == expected


def test_chunks_with_attention_dropout_are_refused(kind):
    with pytest.raises(ValueError, match=r"without `dropout`.*query_chunk=2, dropout=0\.1"):
        kind(**SIZES, dropout=0.1, query_chunk=2)


def test_a_cache_needs_a_position():
    layer = TransformerDecoderLayer(**SIZES)
    cache = layer.self_attention.start_cache(3, 5)
    with pytest.raises(ValueError, match=r"Expected `position` together with `cache`"):
        layer(X[:, :1], MEMORY, cache=cache)
