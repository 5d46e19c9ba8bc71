import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.layers import AdditiveAttention, DotProductAttention, attend, make_attention
from tfmodels.layers.attention.cross_attention import KINDS

BATCH, QUERY, KEY, DIM = 3, 5, 4, 6
MASK = np.arange(KEY) < np.array([4, 1, 3])[:, None]
RANDOM = np.random.default_rng(0)
QUERIES, MEMORY = (RANDOM.normal(size=(BATCH, steps, DIM)).astype("float32") for steps in (QUERY, KEY))
ALL_KINDS = pytest.mark.parametrize("kind", KINDS)


def made(kind):
    layer = make_attention(kind, DIM, num_heads=2, dropout=0.0, dtype=keras.DTypePolicy("float32"))
    layer.build(QUERIES.shape, MEMORY.shape)
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(scale=0.5, size=weight.shape) for weight in layer.weights])
    return layer


LOGITS = {
    "additive": lambda q, m, w: w["score_kernel"] @ np.tanh(q @ w["query_kernel"] + m @ w["key_kernel"]),
    "dot": lambda q, m, w: q @ m,
    "general": lambda q, m, w: q @ (w["kernel"].T @ m),
    "scaled": lambda q, m, w: q @ m / np.sqrt(DIM),
}


@pytest.mark.parametrize("kind", LOGITS)
def test_equals_the_papers_equations(kind):
    layer = made(kind)
    weights = {weight.name: weight.numpy().astype("float64") for weight in layer.weights}
    output, scores = layer(QUERIES, memory=MEMORY, attention_mask=MASK[:, None, None], return_scores=True)
    for row in range(BATCH):
        seen = MEMORY[row, MASK[row]].astype("float64")
        for step in range(QUERY):
            logits = np.array([LOGITS[kind](QUERIES[row, step].astype("float64"), m, weights) for m in seen])
            expected = np.exp(logits - logits.max())
            expected /= expected.sum()
            np.testing.assert_allclose(scores[row, 0, step, : len(seen)], expected, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(output[row, step], expected @ seen, rtol=1e-5, atol=1e-6)


@ALL_KINDS
def test_a_projected_memory_equals_the_memory(kind):
    layer = made(kind)
    mask = MASK[:, None, None]
    once = layer(QUERIES, memory=layer.project_memory(tf.constant(MEMORY)), attention_mask=mask, return_scores=True)
    for one, other in zip(once, layer(QUERIES, memory=MEMORY, attention_mask=mask, return_scores=True), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert once[1].shape == (BATCH, 2 if kind == "multi_head" else 1, QUERY, KEY)


@ALL_KINDS
def test_rows_that_share_a_memory_get_what_each_gets_alone(kind):
    layer = made(kind)
    rows = np.concatenate([QUERIES, -QUERIES], axis=1).reshape(2 * BATCH, QUERY, DIM)
    shared, _ = attend(layer, tf.constant(rows), tf.constant(MEMORY), MASK[:, None, None], training=False)
    repeated, _ = attend(
        layer,
        tf.constant(rows),
        layer.project_memory(tf.repeat(MEMORY, 2, axis=0)),
        tf.repeat(MASK, 2, axis=0)[:, None, None],
        training=False,
    )
    np.testing.assert_allclose(shared, repeated, rtol=1e-5, atol=1e-6)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`attention` to be one of .*'additive'.*Received: attention='hard'"):
        made("hard")
    with pytest.raises(ValueError, match=r"`form` to be one of .*Received: form='concat'"):
        DotProductAttention("concat")
    with pytest.raises(ValueError, match=r"query width 6, memory width 3"):
        DotProductAttention("dot").build((None, None, 6), (None, None, 3))
    AdditiveAttention(4).build((None, None, 6), (None, None, 3))


@ALL_KINDS
@settings(max_examples=10, deadline=None)
@given(rows=st.integers(1, 12), queries=st.integers(1, 3), keys=st.integers(1, 9))
def test_rows_of_any_size_equal_single_rows_in_float64(kind, rows, queries, keys):
    random = np.random.default_rng(rows)
    x, memory = (random.normal(size=(rows, steps, DIM)) for steps in (queries, keys))
    layer = made(kind)
    exact = make_attention(kind, DIM, num_heads=2, dropout=0.0, dtype=keras.DTypePolicy("float64"))
    exact.build(QUERIES.shape, MEMORY.shape)
    exact.set_weights(layer.get_weights())
    expected = [exact(x[row : row + 1], memory=memory[row : row + 1])[0] for row in range(rows)]
    output = layer(x.astype("float32"), memory=memory.astype("float32"))
    np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)
