import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.layers import MultiHeadAttention, beam_mask, masks, start_beam_indices, update_beam_indices
from tfmodels.layers.attention.multi_head_attention import head_dim

BATCH, QUERY, KEY, DIM, MEMORY_DIM = 2, 5, 7, 12, 6
OPTIONS = {
    "plain": {},
    "without_bias": {"use_bias": False},
    "grouped": {"num_kv_heads": 2},
    "one_key_head": {"num_kv_heads": 1},
    "rotary": {"rotary": True},
    "grouped_rotary": {"num_kv_heads": 2, "rotary": True},
}
CROSS = [name for name, options in OPTIONS.items() if "rotary" not in options]


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def attention(option="plain", memory_dim=None, dtype="float32"):
    layer = MultiHeadAttention(4, 6, dtype=dtype, **OPTIONS[option])
    layer.build((BATCH, QUERY, DIM), memory_dim and (BATCH, KEY, memory_dim))
    layer.set_weights([draw(*weight.shape, seed=i) * 0.3 for i, weight in enumerate(layer.weights)])
    return layer


def some_mask(key_length):
    mask = np.random.default_rng(3).random([BATCH, 4, QUERY, key_length]) < 0.6
    mask[..., 0] = True
    return mask


def rotated(heads):
    """Rotary positions as complex numbers: `[batch, time, heads, key_dim]`."""
    left, right = np.split(heads, 2, axis=-1)
    time, half = np.arange(heads.shape[1])[:, None, None], left.shape[-1]
    pairs = (left + 1j * right) * np.exp(1j * time * 10_000.0 ** (-np.arange(half) / half))
    return np.concatenate([pairs.real, pairs.imag], axis=-1)


def oracle(layer, query, memory, mask):
    weights = {weight.name: weight.numpy().astype("float64") for weight in layer.weights}

    def project(name, x):
        flat = x.astype("float64") @ weights[f"{name}_kernel"] + weights.get(f"{name}_bias", 0.0)
        return flat.reshape(*x.shape[:2], -1, layer.key_dim)

    queries, keys, values = project("query", query), project("key", memory), project("value", memory)
    if layer.rotary:
        queries, keys = rotated(queries), rotated(keys)
    keys, values = (np.repeat(x, layer.num_heads // layer.num_kv_heads, axis=2) for x in (keys, values))
    logits = np.einsum("bqhd,bkhd->bhqk", queries, keys) / layer.key_dim**0.5
    scores = np.exp(np.where(mask, logits, -np.inf))
    scores /= scores.sum(axis=-1, keepdims=True)
    heads = np.einsum("bhqk,bkhd->bqhd", scores, values).reshape(*query.shape[:2], -1)
    return heads @ weights["output_kernel"] + weights.get("output_bias", 0.0), scores


@pytest.mark.parametrize("option", OPTIONS)
def test_self_attention_is_the_formula(option):
    layer, x, mask = attention(option, dtype="float64"), draw(BATCH, QUERY, DIM), some_mask(QUERY)
    for given_mask, full_mask in [(mask, mask), (None, np.True_), (mask[:, :1], mask[:, :1]), (mask[0, 0], mask[0, 0])]:
        output, scores = layer(x, attention_mask=given_mask, return_scores=True)
        expected_output, expected_scores = oracle(layer, x, x, full_mask)
        np.testing.assert_allclose(output, expected_output, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(scores, expected_scores, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("option", CROSS)
def test_cross_attention_is_the_formula(option):
    layer, mask = attention(option, MEMORY_DIM, dtype="float64"), some_mask(KEY)
    x, memory = draw(BATCH, QUERY, DIM), draw(BATCH, KEY, MEMORY_DIM)
    output, scores = layer(x, memory, attention_mask=mask, return_scores=True)
    expected_output, expected_scores = oracle(layer, x, memory, mask)
    np.testing.assert_allclose(output, expected_output, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cross", [False, True], ids=["self", "cross"])
@pytest.mark.parametrize("option", CROSS)
def test_equals_keras(option, cross):
    layer = attention(option, MEMORY_DIM if cross else None)
    x = draw(BATCH, QUERY, DIM)
    memory = draw(BATCH, KEY, MEMORY_DIM) if cross else x
    mask = some_mask(memory.shape[1])[:, :1]
    if layer.num_kv_heads == layer.num_heads:
        reference = keras.layers.MultiHeadAttention(layer.num_heads, layer.key_dim, use_bias=layer.use_bias)
    else:
        reference = keras.layers.GroupQueryAttention(layer.key_dim, layer.num_heads, layer.num_kv_heads)
    reference(x, memory)
    reference.set_weights(
        [ours.reshape(theirs.shape) for ours, theirs in zip(layer.get_weights(), reference.weights, strict=True)]
    )
    expected_output, expected_scores = reference(x, memory, attention_mask=mask[:, 0], return_attention_scores=True)
    output, scores = layer(x, memory if cross else None, attention_mask=mask, return_scores=True)
    np.testing.assert_allclose(output, expected_output, rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-5, atol=2e-6)


def test_scores_are_distributions_over_the_visible_keys():
    mask = some_mask(KEY)
    _, scores = attention("grouped", DIM)(
        draw(BATCH, QUERY, DIM), draw(BATCH, KEY, DIM), attention_mask=mask, return_scores=True
    )
    np.testing.assert_allclose(tf.reduce_sum(scores, axis=-1), np.ones([BATCH, 4, QUERY]), rtol=1e-6)
    np.testing.assert_array_equal(scores.numpy() > 0, mask)


def test_symbolic_scores_of_cross_attention():
    output, scores = MultiHeadAttention(2, 6)(
        keras.KerasTensor([None, 5, DIM]), keras.KerasTensor([None, 7, DIM]), return_scores=True
    )
    assert output.shape == (None, 5, DIM)
    assert scores.shape == (None, 2, 5, 7)


def test_a_query_without_visible_keys_has_uniform_scores():
    mask = np.ones([BATCH, 1, QUERY, QUERY], bool)
    mask[1, :, 2] = False
    output, scores = attention()(draw(BATCH, QUERY, DIM), attention_mask=mask, return_scores=True)
    np.testing.assert_allclose(scores[1, :, 2], np.full([4, QUERY], 1 / QUERY), rtol=1e-6)
    assert np.isfinite(output).all()


def test_projected_memory_is_the_memory():
    layer, x, memory = attention("grouped", MEMORY_DIM), draw(BATCH, QUERY, DIM), draw(BATCH, KEY, MEMORY_DIM)
    np.testing.assert_allclose(layer(x, layer.project_memory(memory)), layer(x, memory), rtol=1e-5, atol=1e-6)


@settings(max_examples=6, deadline=None)
@given(option=st.sampled_from(list(OPTIONS)), steps=st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_cached_steps_equal_one_causal_call(option, steps):
    layer, x = attention(option), draw(BATCH, sum(steps), DIM)
    whole = layer(x, attention_mask=masks.causal_mask(tf.range(sum(steps))[None], sum(steps)))
    cache = layer.start_cache(BATCH, sum(steps) + 2)
    parts, start = [], 0
    for step in steps:
        part, cache = layer(x[:, start : start + step], cache=cache, position=start)
        parts.append(part)
        start += step
    np.testing.assert_allclose(tf.concat(parts, axis=1), whole, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("option", ["plain", "grouped_rotary"])
def test_earlier_positions_of_a_cache_may_be_overwritten(option):
    layer, x = attention(option), draw(BATCH, QUERY, DIM)
    whole = layer(x, attention_mask=masks.causal_mask(tf.range(QUERY)[None], QUERY))
    _, cache = layer(tf.concat([x[:, :1], -x[:, 1:3]], axis=1), cache=layer.start_cache(BATCH, QUERY), position=0)
    output, _ = layer(x[:, 1:], cache=cache, position=1)
    np.testing.assert_allclose(output, whole[:, 1:], rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("option", ["plain", "grouped_rotary"])
def test_neighbours_attend_to_the_keys_of_their_mask(option):
    layer, neighbours, length = attention(option), 3, 5
    x, y = draw(BATCH * neighbours, 4, DIM), draw(BATCH * neighbours, 2, DIM)
    parents = np.array([0, 0, 2, 4, 3, 3])  # in each input the second hypothesis continues another one
    _, cache = layer(x[:, :3], cache=layer.start_cache(BATCH * neighbours, length), position=0)
    alone, _ = layer(y, cache=tf.gather(cache, parents, axis=1), position=3)
    beam_indices = update_beam_indices(start_beam_indices(BATCH * neighbours, length), 0, BATCH)
    beam_indices = update_beam_indices(tf.gather(beam_indices, parents, axis=1), 3, BATCH)
    together, _ = layer(y, attention_mask=beam_mask(beam_indices, 3, 2, BATCH), cache=cache, position=3)
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=2e-6)


def test_later_steps_do_not_change_earlier_ones():
    layer, x = attention("grouped_rotary"), draw(BATCH, QUERY, DIM)
    causal = masks.causal_mask(tf.range(QUERY)[None], QUERY)
    before = layer(x, attention_mask=causal).numpy()
    for time in range(QUERY):
        changed = x.copy()
        changed[:, time] *= -1.0
        after = layer(changed, attention_mask=causal).numpy()
        np.testing.assert_array_equal(after[:, :time], before[:, :time])
        assert np.abs(after[:, time:] - before[:, time:]).max(axis=(0, 2)).min() > 1e-4


def test_dropout_applies_to_the_weights_and_not_to_the_returned_scores():
    layer = MultiHeadAttention(4, 6, dropout=0.5)
    x = draw(BATCH, QUERY, DIM)
    output, scores = layer(x, return_scores=True)
    training_output, training_scores = layer(x, return_scores=True, training=True)
    np.testing.assert_array_equal(training_scores, scores)
    assert np.any(training_output != output)


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match=r"`num_kv_heads` to divide `num_heads`.*num_heads=4, num_kv_heads=3"):
        MultiHeadAttention(4, 6, num_kv_heads=3)
    with pytest.raises(ValueError, match=r"`num_heads` to divide `d_model`.*d_model=10, num_heads=4"):
        head_dim(10, 4)


@pytest.mark.parametrize("option", ["plain", "grouped_rotary"])
@settings(max_examples=5, deadline=None)
@given(chunk=st.integers(1, QUERY + 1), mask=st.sampled_from(["none", "full", "keys", "causal"]))
def test_chunks_of_queries_equal_one_call(option, chunk, mask):
    whole, x = attention(option, dtype="float64"), tf.constant(draw(BATCH, QUERY, DIM), tf.float64)
    chunked = MultiHeadAttention(4, 6, dtype="float64", query_chunk=chunk, **OPTIONS[option])
    chunked.build(x.shape)
    chunked.set_weights(whole.get_weights())
    given_mask = {
        "none": None,
        "full": some_mask(QUERY),
        "keys": some_mask(QUERY)[:, :1, :1],
        "causal": masks.causal_mask(tf.range(QUERY)[None], QUERY),
    }[mask]

    def outcome(layer):
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = layer(x, attention_mask=given_mask, training=True)
            loss = tf.reduce_sum(tf.sin(output))
        return output, *tape.gradient(loss, [x, *layer.trainable_variables])

    in_graph = tf.function(outcome, autograph=False)
    for one, two, three in zip(outcome(whole), outcome(chunked), in_graph(chunked), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(three, one, rtol=1e-9, atol=1e-11)


def test_chunks_with_dropout_are_refused():
    with pytest.raises(ValueError, match=r"without `dropout`.*query_chunk=2, dropout=0\.1"):
        MultiHeadAttention(4, 6, dropout=0.1, query_chunk=2)
