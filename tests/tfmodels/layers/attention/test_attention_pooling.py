import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import AttentionPooling

DIM, LENGTHS = 6, (4, 1, 0)
KINDS = ["additive", "dot", "general", "scaled", "multi_head"]


def states_and_mask(width=4):
    states = np.random.default_rng(0).normal(size=[len(LENGTHS), width, DIM])
    return states, np.arange(width) < np.array(LENGTHS)[:, np.newaxis]


def logits_of(kind, weights, states):
    query = weights["query"]
    if kind == "additive":
        inner = query @ weights["query_kernel"] + states @ weights["key_kernel"]
        return np.tanh(inner) @ weights["score_kernel"]
    if kind == "general":
        return states @ weights["kernel"] @ query
    return states @ query / (np.sqrt(DIM) if kind == "scaled" else 1)


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_against_the_formulas_in_float64(kind):
    states, mask = states_and_mask()
    pooling = AttentionPooling(DIM, kind, dtype="float64")
    pooled, scores = pooling(states, sequence_mask=mask, return_scores=True)
    weights = {weight.name: weight.numpy() for weight in pooling.weights}
    exponentials = np.exp(logits_of(kind, weights, states)) * mask
    expected = exponentials / np.maximum(exponentials.sum(axis=1, keepdims=True), 1e-300)
    np.testing.assert_allclose(scores[:, 0], expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(pooled, np.einsum("bt,btd->bd", expected, states), rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(pooled[1], states[1, 0])
    np.testing.assert_array_equal(pooled[2], np.zeros(DIM))


@pytest.mark.parametrize("kind", KINDS)
def test_padding_never_changes_the_result(kind):
    pooling = AttentionPooling(DIM, kind, num_heads=3)
    long_states, long_mask = (value.astype(dtype) for value, dtype in zip(states_and_mask(9), ("f", "?"), strict=True))
    pooled, scores = pooling(long_states, sequence_mask=long_mask, return_scores=True)
    short, short_scores = pooling(long_states[:, :4], sequence_mask=long_mask[:, :4], return_scores=True)
    np.testing.assert_allclose(short, pooled, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(short_scores, scores[:, :, :4], rtol=1e-6, atol=1e-7)
    assert scores.shape == (3, 3 if kind == "multi_head" else 1, 9)
    np.testing.assert_allclose(tf.reduce_sum(scores, axis=-1)[:, 0], [1, 1, 0], rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_padding_and_no_steps_at_all_give_zeros_and_finite_gradients(kind):
    pooling = AttentionPooling(DIM, kind)
    states = tf.constant(np.random.default_rng(0).normal(size=[2, 3, DIM]), tf.float32)
    mask = tf.constant([[True, False, False], [False, False, False]])
    with tf.GradientTape() as tape:
        tape.watch(states)
        pooled = pooling(states, sequence_mask=mask)
    gradient = tape.gradient(pooled, states)
    assert np.isfinite(gradient).all()
    assert not np.any(gradient[1])
    assert not np.any(pooled[1])
    np.testing.assert_array_equal(pooling(states[:, :0], sequence_mask=mask[:, :0]), np.zeros([2, DIM]))


def test_without_a_mask_no_step_is_padding():
    pooling = AttentionPooling(DIM)
    states = tf.constant(states_and_mask()[0], tf.float32)
    np.testing.assert_array_equal(pooling(states), pooling(states, sequence_mask=tf.ones([3, 4], tf.bool)))


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`attention` to be one of .*Received: attention='hard'"):
        AttentionPooling(DIM, "hard")
    with pytest.raises(ValueError, match=r"`num_heads` to divide `d_model`"):
        AttentionPooling(DIM, "multi_head", num_heads=4)
