"""Every public layer by every manner of a Keras user; a new layer is added by a line in the table."""

import keras
import numpy as np
import pytest
from keras_manners import MANNERS, SLOW, Subject, assert_on_page, outcome

from tfmodels import layers

ROWS, TIME, SOURCE, DIM = 4, 5, 6, 8
NO_XLA = {"jit_compile": "Model doesn't support `jit_compile=True`. Proceeding with `jit_compile=False`."}
random = np.random.default_rng(0)


def floats(*shape):
    return random.normal(size=(ROWS, *shape)).astype("float32")


def ids(*shape):
    return random.integers(1, 11, (ROWS, *shape)).astype("int32")


def same(mask):
    return mask


def subject(layer, *args, inputs, masked=None, refuses=(), **options):
    """A layer made with some arguments; `masked` as in `Subject`, or the input whose mask is passed on."""
    masked = (masked, None, None) if isinstance(masked, str) else masked
    return Subject(lambda **kwargs: layer(*args, **options, **kwargs), inputs, dict(refuses), masked=masked)


X, RAW, IDS = floats(TIME, DIM), {"raw": floats(TIME, 2, 3)}, ids(TIME)
STEPS, QUERY = {"x": X}, {"query": X}
CROSS = {"query": X, "memory": floats(SOURCE, DIM)}
VALUES = {"values": floats(TIME, 2)}
SIZES = {"d_model": DIM, "num_heads": 4, "feed_forward_dim": 12}
STATE = {"state": floats(DIM)}
SELF_MASK = ("query", "attention_mask", layers.masks.key_mask)
MEMORY_MASK = ("memory", "attention_mask", layers.masks.key_mask)
STEP_MASK = ("x", "sequence_mask", same)
SUBJECTS = {
    "AdditiveAttention": subject(layers.AdditiveAttention, 7, inputs=QUERY, masked=SELF_MASK),
    "AdditiveAttention to a memory": subject(layers.AdditiveAttention, 7, inputs=CROSS, masked=MEMORY_MASK),
    "AttentionPooling": subject(
        layers.AttentionPooling, DIM, inputs={"states": X}, masked=("states", "sequence_mask", same)
    ),
    "BoostedTrees": subject(layers.BoostedTrees, 3, 4, 2, inputs={"values": floats(3)}),
    "BidirectionalLSTM": subject(layers.BidirectionalLSTM, 6, inputs=STEPS, masked=STEP_MASK),
    "BidirectionalLSTM, all steps": subject(
        layers.BidirectionalLSTM, 6, return_sequences=True, inputs=STEPS, masked=STEP_MASK
    ),
    "ChannelStandardization": subject(
        layers.ChannelStandardization, [1.0, 2.0], [3.0, 4.0], inputs=VALUES, masked=("values", "mask", same)
    ),
    "Coattention": subject(
        layers.Coattention, inputs={"x": X, "memory": floats(SOURCE, DIM)}, masked=("memory", "memory_mask", same)
    ),
    "ConformalCorrection": subject(
        layers.ConformalCorrection,
        [0.1, 0.5, 0.9],
        TIME,
        inputs={"quantiles": floats(TIME, 2, 3), "scale": floats(1, 2)},
    ),
    "Dense": subject(layers.Dense, 6, "relu", inputs={"inputs": X}, masked="inputs"),
    "DirectionHead": subject(layers.DirectionHead, inputs={"raw": floats(TIME, 2, 1)}),
    "DotProductAttention": subject(layers.DotProductAttention, inputs=QUERY, masked=SELF_MASK),
    "DotProductAttention to a memory": subject(layers.DotProductAttention, "general", inputs=CROSS, masked=MEMORY_MASK),
    "Dropout": subject(layers.Dropout, 0.5, inputs={"inputs": X}, masked="inputs"),
    "EmbeddingDropout": subject(layers.EmbeddingDropout, 0.5, inputs={"ids": IDS}),
    "FeatureTower": subject(layers.FeatureTower, 11, DIM, 3, inputs={"ids": IDS, "numbers": floats(3)}),
    "FeedForward": subject(layers.FeedForward, 12, inputs=STEPS, masked="x"),
    "HorizonDecoder": subject(layers.HorizonDecoder, TIME, 2, inputs=STATE),
    "HorizonDecoder with covariates": subject(
        layers.HorizonDecoder, TIME, 2, inputs={**STATE, "future": floats(TIME, 3)}
    ),
    "LayerNormalization": subject(layers.LayerNormalization, inputs={"inputs": X}, masked="inputs"),
    "LearnedPositions": subject(layers.LearnedPositions, TIME, inputs=STEPS, masked="x"),
    "LogitMixture": subject(layers.LogitMixture, inputs={"first": floats(4), "second": floats(4)}),
    "LSTM": subject(layers.LSTM, 6, inputs=STEPS, masked=STEP_MASK),
    "LSTM, all steps": subject(layers.LSTM, 6, return_sequences=True, inputs=STEPS, masked=STEP_MASK),
    "LSTM, backwards": subject(
        layers.LSTM, 6, go_backwards=True, return_sequences=True, inputs=STEPS, masked=STEP_MASK
    ),
    "LSTMStack": subject(layers.LSTMStack, 6, 2, True, inputs=STEPS, masked=STEP_MASK),
    "LSTMStack, all steps": subject(layers.LSTMStack, DIM, return_sequences=True, inputs=STEPS, masked=STEP_MASK),
    "MultiHeadAttention": subject(layers.MultiHeadAttention, 4, 2, rotary=True, inputs=QUERY, masked=SELF_MASK),
    "MultiHeadAttention in chunks": subject(
        layers.MultiHeadAttention, 4, 2, query_chunk=2, inputs=QUERY, masked=SELF_MASK, refuses=NO_XLA
    ),
    "MultiHeadAttention to a memory": subject(
        layers.MultiHeadAttention, 4, 2, num_kv_heads=2, inputs=CROSS, masked=MEMORY_MASK
    ),
    "NegativeBinomialHead": subject(layers.NegativeBinomialHead, inputs={"raw": floats(TIME, 2, 2)}),
    "NGramRegression": subject(
        layers.NGramRegression, 4, 40, inputs={"words": IDS, "characters": ids(7)}, refuses=NO_XLA
    ),
    "NGramScores": subject(layers.NGramScores, 3, buckets=5, inputs={"ids": IDS}),
    "NextItemRegression": subject(layers.NextItemRegression, 11, 3, decay=0.7, inputs={"ids": IDS}),
    "PiecewiseLinear": subject(layers.PiecewiseLinear, 3, 2, inputs={"values": floats(3), "known": floats(3)}),
    "TabularEnsemble": subject(layers.TabularEnsemble, 3, 4, 2, inputs={"values": floats(3), "known": floats(3)}),
    "PointHead": subject(layers.PointHead, inputs={"raw": floats(TIME, 2, 1)}),
    "QuantileHead": subject(layers.QuantileHead, [0.1, 0.5, 0.9], inputs=RAW),
    "ReversibleInstanceNorm": subject(layers.ReversibleInstanceNorm, inputs=VALUES, masked=("values", "mask", same)),
    "RotaryPositions": subject(layers.RotaryPositions, inputs={"x": floats(2, TIME, DIM)}),
    "SeasonalAttention": subject(layers.SeasonalAttention, [2, 3], inputs={"query": X, "values": floats(7)}),
    "SinusoidalPositions": subject(layers.SinusoidalPositions, inputs=STEPS, masked="x"),
    "SpanHead": subject(layers.SpanHead, 3, inputs={"states": X}, masked=("states", "sequence_mask", same)),
    "SpellingScores": subject(layers.SpellingScores, 11, 3, width=4, buckets=5, inputs={"ids": IDS}),
    "StepDecoder": subject(layers.StepDecoder, TIME, 3, 6, inputs=STATE),
    "StepDecoder with seasons": subject(
        layers.StepDecoder, TIME, 3, 6, seasons=[2, 3], inputs={**STATE, "future": floats(TIME, 3), "values": floats(7)}
    ),
    "StudentTHead": subject(layers.StudentTHead, inputs=RAW),
    "TemperatureScaling": subject(layers.TemperatureScaling, inputs={"logits": floats(4)}),
    "TokenEmbedding": subject(layers.TokenEmbedding, 11, DIM, inputs={"inputs": IDS}),
    "TransformerDecoderLayer": subject(
        layers.TransformerDecoderLayer,
        **SIZES,
        inputs={"x": X, "memory": floats(SOURCE, DIM)},
        masked=("memory", "cross_attention_mask", layers.masks.key_mask),
    ),
    "TransformerEncoderLayer": subject(
        layers.TransformerEncoderLayer, **SIZES, inputs=STEPS, masked=("x", "attention_mask", layers.masks.key_mask)
    ),
    "WordDropout": subject(layers.WordDropout, 0.5, inputs={"ids": IDS}),
}


def cells(manners):
    return [(name, manner) for name in SUBJECTS for manner in manners]


@pytest.mark.parametrize(("name", "manner"), cells([manner for manner in MANNERS if manner not in SLOW]))
def test_layers_have_the_manners_of_keras(name, manner):
    outcome(SUBJECTS[name], manner)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "manner"), cells(SLOW))
def test_layers_train_in_half_precision_by_xla_and_on_two_replicas(name, manner, two_replicas):
    outcome(SUBJECTS[name], manner)


def test_the_page_says_what_is_tried():
    public = {name for name in dir(layers) if isinstance(getattr(layers, name), type)}
    assert public == {name.split(",")[0].split(" ")[0] for name in SUBJECTS}
    assert_on_page(SUBJECTS)


def test_an_embedding_of_tokens_masks_padding_if_told():
    values = np.array([[5, 2, 0, 0], [3, 1, 7, 0]])
    for mask_zero in (True, False):
        embedding, lstm = layers.TokenEmbedding(9, DIM, mask_zero=mask_zero), layers.LSTM(6)
        model = keras.Sequential([keras.Input([None], dtype="int32"), embedding, lstm])
        mask = values != 0 if mask_zero else None
        np.testing.assert_allclose(model(values), lstm(embedding(values), mask=mask), rtol=1e-6)


def test_a_decoder_layer_looks_at_no_later_step_and_at_no_padding():
    layer, memory = layers.TransformerDecoderLayer(**SIZES), floats(SOURCE, DIM)
    layer.build(X.shape, memory.shape)
    changed = np.concatenate([X[:, :3], -X[:, 3:]], axis=1)
    np.testing.assert_allclose(layer(changed, memory)[:, :3], layer(X, memory)[:, :3], rtol=1e-5, atol=1e-6)
    padded = np.concatenate([np.zeros_like(X[:, :2]), X], axis=1)  # on the left
    np.testing.assert_allclose(
        layer(keras.layers.Masking()(padded), memory)[:, 2:], layer(X, memory), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.LSTM(6)(X[0]), "expected ndim=3, found ndim=2"),
        (lambda: layers.AttentionPooling(4)(X), "Expected states of width 4, the layer's `dim`"),
        (lambda: layers.TransformerEncoderLayer()(X), "Expected x of width 512, the layer's `d_model`"),
        (lambda: layers.MultiHeadAttention(2, 4)(X, X, X), "Expected an attention mask of bool, True = attend; keys"),
        (lambda: layers.DotProductAttention()(X, X, X), "Expected an attention mask of bool, True = attend; keys"),
        (lambda: layers.LSTM(6)(X, mask=np.ones([ROWS, TIME + 1])), r"Expected a mask \[batch, time\], \(4, 5\) for x"),
        (lambda: layers.AttentionPooling(DIM)(X, X), r"Expected a mask \[batch, time\]"),
        (lambda: layers.ReversibleInstanceNorm()(X, mask=X[:, :1, 0]), r"Expected a mask \[batch, time\]"),
        (
            lambda: layers.MultiHeadAttention(2, 4)(X, attention_mask=X[0, :, 0] > 0),
            "Expected an attention mask.*key_m",
        ),
        (lambda: layers.LSTM(2.5), "Expected `units` to be an integer. Received: units=2.5"),
        (lambda: layers.TokenEmbedding("9", 4), "Expected `vocabulary_size` to be an integer"),
        (lambda: layers.TransformerEncoderLayer(8, 0), "Expected `num_heads` to be at least 1"),
    ],
    ids=[
        *("axes", "pooled_width", "width", "query_key_value", "single_head", "long_mask", "pooled_mask", "short_mask"),
        *("key_mask", "float_units", "vocabulary_of_text", "no_heads"),
    ],
)
def test_slips_of_keras_users_are_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_attention_mask_of_three_axes_has_the_batch_first_as_that_of_keras():
    mask = random.random([ROWS, TIME, TIME]) < 0.5  # as many heads as rows
    for make in (
        lambda: layers.MultiHeadAttention(ROWS, 2),
        lambda: layers.DotProductAttention(),
        lambda: layers.TransformerEncoderLayer(**SIZES),
    ):
        layer = make()
        np.testing.assert_array_equal(layer(X, attention_mask=mask), layer(X, attention_mask=mask[:, np.newaxis]))


@pytest.mark.parametrize(
    ("make", "width"),
    [
        (lambda: layers.LayerNormalization(), DIM),
        (lambda: layers.LearnedPositions(TIME), DIM),
        (lambda: layers.ChannelStandardization([1.0, 2.0], [3.0, 4.0]), 2),
    ],
    ids=["norm", "positions", "channels"],
)
def test_a_layer_refuses_a_width_that_its_weights_would_broadcast(make, width):
    layer = make()
    layer(X[..., :width])
    with pytest.raises(ValueError, match="is incompatible with the layer"):
        layer(X[..., :1])


@pytest.mark.parametrize("options", [{"axis": 1}, {"axis": [1, 2]}, {"scale": False}, {"center": False}])
def test_norms_of_other_axes_and_without_weights_are_those_of_keras(options):
    theirs = keras.layers.LayerNormalization(epsilon=1e-5, **options)
    np.testing.assert_allclose(layers.LayerNormalization(**options)(X), theirs(X), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int64", "bool"])
def test_ids_may_have_any_type_of_integers(dtype):
    layer, values = layers.TokenEmbedding(9, DIM), np.array([[1, 0]])
    np.testing.assert_array_equal(layer(values.astype(dtype)), layer(values))


@pytest.mark.parametrize("name", ["TokenEmbedding", "NGramScores", "SpellingScores", "WordDropout", "EmbeddingDropout"])
def test_ids_of_an_input_without_a_type_are_exact_in_half_precision(name):
    sizes = {"TokenEmbedding": (300, 2), "NGramScores": (2,), "SpellingScores": (300, 2, 3)}.get(name, (0.5,))
    layer, values = getattr(layers, name)(*sizes, dtype="mixed_bfloat16"), np.array([[257, 259]])
    layer(values)
    layer.set_weights([np.arange(weight.size).reshape(weight.shape) % 251 for weight in layer.get_weights()])
    np.testing.assert_array_equal(layer(values.astype("float32")), layer(values))
    assert layer(keras.Input([2])).dtype == layer(keras.Input([2], dtype="int32")).dtype
