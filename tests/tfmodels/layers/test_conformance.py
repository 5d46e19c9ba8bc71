"""What every public layer must satisfy; a new layer is added by a line in the table."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers

BATCH, TIME, SOURCE, DIM = 4, 5, 4, 8


class Case(NamedTuple):
    make: Callable[..., keras.layers.Layer]
    inputs: dict[str, Callable]  # call argument -> how to draw it
    hidden: str | None = None  # the argument whose last step the masks hide
    keeps_type: bool = False  # the output has the type of the input, whatever the policy


def floats(*shape):
    return lambda random: random.normal(size=shape).astype("float32")


def below(bound, *shape):
    return lambda random: random.integers(0, bound, shape).astype("int32")


def hides_last(*shape):
    return lambda random: np.broadcast_to(np.arange(shape[-1]) < shape[-1] - 1, shape)


def causal(random):
    return np.tril(np.ones([BATCH, 1, TIME, TIME], bool))


def durations(random):
    return random.exponential(size=[BATCH, TIME]).astype("float32")


X, MEMORY = floats(BATCH, TIME, DIM), floats(BATCH, SOURCE, DIM)
SELF_MASK, MEMORY_MASK = hides_last(BATCH, 1, 1, TIME), hides_last(BATCH, 1, 1, SOURCE)
POSITIONS = below(TIME, BATCH, TIME)
TRANSFORMER = {"d_model": DIM, "num_heads": 4, "feed_forward_dim": 12, "dropout": 0.5}
LSTM = {"return_sequences": True, "dropout": 0.5, "recurrent_dropout": 0.5, "weight_drop": 0.5}
RAW = {"raw": floats(BATCH, TIME, 2, 3)}
SEQUENCES = {"x": X, "sequence_mask": hides_last(BATCH, TIME)}
STATES = {"states": X, "sequence_mask": hides_last(BATCH, TIME)}
CROSS = {"query": X, "memory": MEMORY, "attention_mask": MEMORY_MASK}
CASES = {
    "AdditiveAttention": Case(
        lambda **kwargs: layers.AdditiveAttention(7, 0.5, **kwargs),
        {**CROSS, "memory": floats(BATCH, SOURCE, 6)},
        hidden="memory",
    ),
    "AttentionPooling": Case(
        lambda **kwargs: layers.AttentionPooling(DIM, dropout=0.5, **kwargs), STATES, hidden="states"
    ),
    "AttentionPooling_general": Case(
        lambda **kwargs: layers.AttentionPooling(DIM, "general", dropout=0.5, **kwargs), STATES, hidden="states"
    ),
    "AttentionPooling_multi_head": Case(
        lambda **kwargs: layers.AttentionPooling(DIM, "multi_head", 4, 0.5, **kwargs), STATES, hidden="states"
    ),
    "BidirectionalLSTM": Case(lambda **kwargs: layers.BidirectionalLSTM(6, **LSTM, **kwargs), SEQUENCES, hidden="x"),
    "Coattention": Case(
        lambda **kwargs: layers.Coattention(0.5, **kwargs),
        {"x": X, "memory": MEMORY, "memory_mask": hides_last(BATCH, SOURCE)},
        hidden="memory",
    ),
    "Coattention_masked": Case(
        lambda **kwargs: layers.Coattention(0.5, **kwargs), {**SEQUENCES, "memory": MEMORY}, "x"
    ),
    "ConformalCorrection": Case(
        lambda **kwargs: layers.ConformalCorrection([0.1, 0.5, 0.6], TIME, **kwargs),
        {"quantiles": floats(BATCH, TIME, 2, 3), "scale": floats(BATCH, 1, 2)},
        keeps_type=True,
    ),
    "Dense": Case(lambda **kwargs: layers.Dense(6, "relu", **kwargs), {"inputs": X}),
    "DotProductAttention": Case(lambda **kwargs: layers.DotProductAttention("dot", 0.5, **kwargs), CROSS, "memory"),
    "DotProductAttention_general": Case(
        lambda **kwargs: layers.DotProductAttention("general", 0.5, **kwargs),
        {**CROSS, "memory": floats(BATCH, SOURCE, 6)},
        hidden="memory",
    ),
    "DotProductAttention_scaled_self": Case(
        lambda **kwargs: layers.DotProductAttention("scaled", 0.5, **kwargs),
        {"query": X, "attention_mask": SELF_MASK},
        hidden="query",
    ),
    "Dropout": Case(lambda **kwargs: layers.Dropout(0.5, **kwargs), {"inputs": X}),
    "FeatureTower": Case(
        lambda **kwargs: layers.FeatureTower(11, DIM, 3, **kwargs),
        {"ids": below(11, BATCH, TIME), "numbers": floats(BATCH, 3)},
    ),
    "FeedForward": Case(lambda **kwargs: layers.FeedForward(12, "gelu", 0.5, **kwargs), {"x": X}),
    "FeedForward_swiglu": Case(lambda **kwargs: layers.FeedForward(12, "swiglu", 0.5, **kwargs), {"x": X}),
    "HorizonDecoder": Case(
        lambda **kwargs: layers.HorizonDecoder(TIME, 2, 7, 0.5, **kwargs),
        {"state": floats(BATCH, DIM), "future": floats(BATCH, TIME, 3)},
    ),
    "HorizonDecoder_affine": Case(
        lambda **kwargs: layers.HorizonDecoder(TIME, 2, 7, 0.5, **kwargs), {"state": floats(BATCH, DIM)}
    ),
    "LSTM": Case(lambda **kwargs: layers.LSTM(6, **LSTM, **kwargs), SEQUENCES),
    "LSTM_decay": Case(
        lambda **kwargs: layers.LSTM(6, **LSTM, decay=True, **kwargs), {**SEQUENCES, "elapsed": durations}
    ),
    "LSTM_reverse_layer_norm": Case(
        lambda **kwargs: layers.LSTM(6, **LSTM, layer_norm=True, reverse=True, **kwargs), SEQUENCES, hidden="x"
    ),
    "LSTMStack": Case(lambda **kwargs: layers.LSTMStack(DIM, **LSTM, **kwargs), SEQUENCES),
    "LSTMStack_decay": Case(
        lambda **kwargs: layers.LSTMStack(DIM, **LSTM, decay=True, **kwargs), {**SEQUENCES, "elapsed": durations}
    ),
    "LSTMStack_bidirectional": Case(
        lambda **kwargs: layers.LSTMStack(4, bidirectional=True, **LSTM, **kwargs),
        SEQUENCES,
        hidden="x",
    ),
    "LayerNormalization": Case(lambda **kwargs: layers.LayerNormalization(**kwargs), {"inputs": X}),
    "LearnedPositions": Case(
        lambda **kwargs: layers.LearnedPositions(TIME, **kwargs), {"x": X, "positions": POSITIONS}
    ),
    "MultiHeadAttention": Case(
        lambda **kwargs: layers.MultiHeadAttention(4, 3, dropout=0.5, **kwargs),
        {"query": X, "attention_mask": SELF_MASK},
        hidden="query",
    ),
    "MultiHeadAttention_chunked": Case(
        lambda **kwargs: layers.MultiHeadAttention(4, 3, num_kv_heads=2, query_chunk=2, **kwargs),
        {"query": X, "attention_mask": SELF_MASK},
        hidden="query",
    ),
    "MultiHeadAttention_cross": Case(
        lambda **kwargs: layers.MultiHeadAttention(4, 3, dropout=0.5, use_bias=False, **kwargs),
        {"query": X, "memory": floats(BATCH, SOURCE, 6), "attention_mask": MEMORY_MASK},
        hidden="memory",
    ),
    "MultiHeadAttention_grouped_rotary": Case(
        lambda **kwargs: layers.MultiHeadAttention(4, 2, num_kv_heads=2, dropout=0.5, rotary=True, **kwargs),
        {"query": X, "attention_mask": SELF_MASK},
        hidden="query",
    ),
    "NGramScores": Case(
        lambda **kwargs: layers.NGramScores(3, 2, buckets=5, **kwargs), {"ids": below(11, BATCH, TIME)}
    ),
    "NegativeBinomialHead": Case(
        lambda **kwargs: layers.NegativeBinomialHead(**kwargs), {"raw": floats(BATCH, TIME, 2, 2)}
    ),
    "PointHead": Case(lambda **kwargs: layers.PointHead("huber", 0.5, **kwargs), {"raw": floats(BATCH, TIME, 2, 1)}),
    "DirectionHead": Case(layers.DirectionHead, {"raw": floats(BATCH, TIME, 2, 1)}),
    "QuantileHead": Case(lambda **kwargs: layers.QuantileHead([0.1, 0.5, 0.6], **kwargs), RAW),
    "ChannelStandardization": Case(
        lambda **kwargs: layers.ChannelStandardization([1.0, 2.0], [3.0, 4.0], **kwargs),
        {"values": floats(BATCH, TIME, 2)},
    ),
    "ReversibleInstanceNorm": Case(
        lambda **kwargs: layers.ReversibleInstanceNorm("last", **kwargs), {"values": floats(BATCH, TIME, 2)}
    ),
    "RotaryPositions": Case(
        lambda **kwargs: layers.RotaryPositions(100.0, **kwargs),
        {"x": floats(BATCH, 2, TIME, DIM), "positions": below(TIME, 1, TIME)},
    ),
    "LogitMixture": Case(layers.LogitMixture, {"first": floats(BATCH, 4), "second": floats(BATCH, 4)}),
    "NGramRegression": Case(
        lambda **kwargs: layers.NGramRegression(4, 40, **kwargs),
        {"words": below(5, BATCH, TIME), "characters": below(5, BATCH, 7)},
    ),
    "NextItemRegression": Case(
        lambda **kwargs: layers.NextItemRegression(11, 3, decay=0.7, **kwargs), {"ids": below(11, BATCH, TIME)}
    ),
    "PiecewiseLinear": Case(
        lambda **kwargs: layers.PiecewiseLinear(3, 2, **kwargs), {"values": floats(BATCH, 3), "known": floats(BATCH, 3)}
    ),
    "TabularEnsemble": Case(
        lambda **kwargs: layers.TabularEnsemble(3, 4, 2, **kwargs),
        {"values": floats(BATCH, 3), "known": floats(BATCH, 3)},
    ),
    "BoostedTrees": Case(lambda **kwargs: layers.BoostedTrees(6, 4, 2, **kwargs), {"values": floats(BATCH, 6)}),
    "SpellingScores": Case(
        lambda **kwargs: layers.SpellingScores(11, 3, width=4, buckets=5, **kwargs), {"ids": below(11, BATCH, TIME)}
    ),
    "SeasonalAttention": Case(
        lambda **kwargs: layers.SeasonalAttention([2, 3], **kwargs),
        {"query": X, "values": floats(BATCH, 7), "sequence_mask": hides_last(BATCH, 7)},
    ),
    "SpanHead": Case(lambda **kwargs: layers.SpanHead(3, **kwargs), STATES, keeps_type=True),
    "SpanHead_asked": Case(
        lambda **kwargs: layers.SpanHead(3, inside=True, **kwargs),
        {**STATES, "query": floats(BATCH, 5)},
        keeps_type=True,
    ),
    "StepDecoder": Case(
        lambda **kwargs: layers.StepDecoder(TIME, 3, 6, dropout=0.5, **kwargs), {"state": floats(BATCH, DIM)}
    ),
    "StepDecoder_seasonal": Case(
        lambda **kwargs: layers.StepDecoder(TIME, 3, 6, 1, 0.5, [2, 3], location=1, **kwargs),
        {
            "state": floats(BATCH, DIM),
            "future": floats(BATCH, TIME, 3),
            "values": floats(BATCH, 7),
            "sequence_mask": hides_last(BATCH, 7),
        },
    ),
    "SinusoidalPositions": Case(
        lambda **kwargs: layers.SinusoidalPositions(100.0, **kwargs), {"x": X, "positions": POSITIONS}
    ),
    "StudentTHead": Case(lambda **kwargs: layers.StudentTHead(**kwargs), RAW),
    "TemperatureScaling": Case(
        lambda **kwargs: layers.TemperatureScaling(True, **kwargs), {"logits": floats(BATCH, 4)}
    ),
    "TokenEmbedding": Case(
        lambda **kwargs: layers.TokenEmbedding(11, DIM, **kwargs), {"inputs": below(11, BATCH, TIME)}
    ),
    "TransformerEncoderLayer": Case(
        lambda **kwargs: layers.TransformerEncoderLayer(**TRANSFORMER, **kwargs),
        {"x": X, "attention_mask": SELF_MASK},
        hidden="x",
    ),
    "TransformerEncoderLayer_pre_norm": Case(
        lambda **kwargs: layers.TransformerEncoderLayer(
            **TRANSFORMER, activation="swiglu", norm_first=True, num_kv_heads=2, rotary=True, **kwargs
        ),
        {"x": X, "attention_mask": SELF_MASK},
        hidden="x",
    ),
    "TransformerEncoderLayer_chunked": Case(
        lambda **kwargs: layers.TransformerEncoderLayer(**TRANSFORMER, attention_dropout=0.0, query_chunk=2, **kwargs),
        {"x": X, "attention_mask": SELF_MASK},
        hidden="x",
    ),
    "TransformerDecoderLayer": Case(
        lambda **kwargs: layers.TransformerDecoderLayer(**TRANSFORMER, **kwargs),
        {"x": X, "memory": MEMORY, "self_attention_mask": causal, "cross_attention_mask": MEMORY_MASK},
        hidden="memory",
    ),
    "TransformerDecoderLayer_pre_norm": Case(
        lambda **kwargs: layers.TransformerDecoderLayer(
            **TRANSFORMER, activation="gelu", norm_first=True, num_kv_heads=2, rotary=True, **kwargs
        ),
        {"x": X, "memory": MEMORY, "self_attention_mask": causal, "cross_attention_mask": MEMORY_MASK},
        hidden="x",
    ),
    "TransformerDecoderLayer_chunked": Case(
        lambda **kwargs: layers.TransformerDecoderLayer(**TRANSFORMER, attention_dropout=0.0, query_chunk=2, **kwargs),
        {"x": X, "memory": MEMORY, "self_attention_mask": causal, "cross_attention_mask": MEMORY_MASK},
        hidden="memory",
    ),
    "EmbeddingDropout": Case(lambda **kwargs: layers.EmbeddingDropout(0.5, **kwargs), {"ids": below(11, BATCH, TIME)}),
    "WordDropout": Case(lambda **kwargs: layers.WordDropout(0.5, **kwargs), {"ids": below(11, BATCH, TIME)}),
}
MASKED = {name: case for name, case in CASES.items() if case.hidden}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def inputs(case):
    random = np.random.default_rng(0)
    return {name: draw(random) for name, draw in case.inputs.items()}


@pytest.fixture(scope="module")
def layer(case, inputs):
    layer = case.make()
    layer(**inputs)
    random = np.random.default_rng(1)
    layer.set_weights(
        [
            random.integers(5, size=weight.shape) if "int" in weight.dtype else random.normal(0, 0.3, weight.shape)
            for weight in layer.weights
        ]
    )
    return layer


@pytest.fixture(scope="module")
def output(layer, inputs):
    return layer(**inputs).numpy()


def test_every_public_layer_is_in_the_table():
    public = {name for name in dir(layers) if isinstance(getattr(layers, name), type)}
    assert public == {name.split("_")[0] for name in CASES}
    assert all(issubclass(getattr(layers, name), keras.layers.Layer) for name in public)


def test_config_makes_the_same_layer(layer, inputs, output):
    copy = type(layer).from_config(layer.get_config())
    copy(**inputs)
    assert copy.get_config() == layer.get_config()
    assert [v.path.split("/")[1:] for v in copy.variables] == [v.path.split("/")[1:] for v in layer.variables]
    copy.set_weights(layer.get_weights())
    np.testing.assert_array_equal(copy(**inputs), output)


def test_symbolic_call_and_keras_file(case, layer, inputs, output, tmp_path):
    fresh = case.make()
    symbolic = {name: keras.Input(value.shape[1:], dtype=str(value.dtype), name=name) for name, value in inputs.items()}
    model = keras.Model(symbolic, fresh(**symbolic))
    assert model.output.shape == (None, *output.shape[1:])
    assert model.output.dtype == output.dtype
    fresh.set_weights(layer.get_weights())
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(inputs), output)


def test_one_graph_for_all_lengths(layer, inputs, output):
    specs = {
        name: tf.TensorSpec(
            [None] * (value.ndim - 1) + [value.shape[-1] if value.dtype == "float32" else None], value.dtype
        )
        for name, value in inputs.items()
    }
    traced = tf.function(lambda arguments: layer(**arguments), input_signature=[specs], autograph=False)
    np.testing.assert_allclose(traced(inputs), output, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", MASKED.values(), ids=MASKED, indirect=True, scope="module")
def test_hidden_steps_change_nothing(case, layer, inputs, output):
    changed = {**inputs, case.hidden: inputs[case.hidden].copy()}
    changed[case.hidden][:, -1] *= -1.0
    seen = slice(None) if case.hidden == "memory" else slice(-1)
    np.testing.assert_array_equal(layer(**changed)[:, seen], output[:, seen])
    without_mask, changed_without_mask = (
        layer(**{name: np.ones_like(value) if name.endswith("mask") else value for name, value in values.items()})[
            :, seen
        ]
        for values in (inputs, changed)
    )
    assert np.abs(changed_without_mask - without_mask).max() > 1e-3


@pytest.mark.parametrize(("policy", "tolerance"), [("float64", 1e-5), ("mixed_bfloat16", 0.1)])
def test_dtype_policy(case, layer, inputs, output, policy, tolerance):
    policy = keras.DTypePolicy(policy)
    other = case.make(dtype=policy)
    other(**inputs)
    other.set_weights(layer.get_weights())
    other_output = other(**inputs)
    follows = output.dtype == "float32" and not case.keeps_type
    assert other_output.dtype == (policy.compute_dtype if follows else output.dtype)
    assert {weight.dtype for weight in other.weights if "int" not in weight.dtype} <= {policy.variable_dtype}
    np.testing.assert_allclose(tf.cast(other_output, tf.float32), output, rtol=tolerance, atol=tolerance)


def test_gradient_reaches_every_weight(layer, inputs, output):
    weights = layer.trainable_weights
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(
            tf.cast(layer(**inputs), tf.float32) * np.cos(np.arange(output.size)).reshape(output.shape)
        )
    for weight, gradient in zip(weights, tape.gradient(loss, [weight.value for weight in weights]), strict=True):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), weight.path
        # A bias of the keys shifts all logits of a query equally, so without rotary positions its gradient is zero.
        assert np.any(gradient) or weight.name == "key_bias", weight.path


def test_empty_batch(layer, inputs, output):
    empty = {name: value[:0] if len(value) == BATCH else value for name, value in inputs.items()}
    assert layer(**empty).shape == (0, *output.shape[1:])


def test_random_in_training_only(layer, inputs, output):
    np.testing.assert_array_equal(layer(**inputs, training=False), output)
    if any("seed" in variable.path for variable in layer.non_trainable_variables):  # the layer has random seeds
        assert np.any(layer(**inputs, training=True) != layer(**inputs, training=True))
