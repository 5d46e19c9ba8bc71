import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.layers import copying
from tfmodels.training import copy_cross_entropy, smoothed_cross_entropy

cases = given(
    batch=st.integers(1, 3),
    target=st.integers(1, 4),
    source=st.integers(1, 6),
    vocabulary=st.integers(4, 9),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
    smoothing=st.sampled_from([0.0, 0.1, 0.6]),
    seed=st.integers(0, 99),
)


def draw(batch, target, source, vocabulary, scale, seed):
    random = np.random.default_rng(seed)
    weights = random.exponential(size=[batch, target, source]) * (random.random([batch, 1, source]) < 0.7)
    scores = weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-9)  # some have no source to look at
    return copying.CopyLogits(
        random.normal(scale=scale, size=[batch, target, vocabulary]).astype("float32"),
        random.normal(scale=scale, size=[batch, target]).astype("float32"),
        scores.astype("float32"),
        random.integers(0, vocabulary, [batch, source]).astype("int32"),
    )


def expected_probabilities(parts):
    logits, gate, scores, source = (np.asarray(part, "float64") for part in parts)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    generated = weights / weights.sum(axis=-1, keepdims=True)
    copied = scores @ np.eye(logits.shape[-1])[source.astype(int)]
    share = 1 / (1 + np.exp(-gate[..., np.newaxis]))
    return share * generated + (1 - share) * copied


@cases
def test_the_mixture_is_its_formula_in_double_precision(batch, target, source, vocabulary, scale, smoothing, seed):
    parts = draw(batch, target, source, vocabulary, scale, seed)
    found = copying.log_probabilities(copying.CopyLogits(*map(tf.constant, parts))).numpy()
    assert np.isfinite(found).all()
    np.testing.assert_allclose(np.exp(found), expected_probabilities(parts), rtol=1e-4, atol=1e-6)


@cases
def test_loss_and_gradient_are_those_of_the_whole_distribution(
    batch, target, source, vocabulary, scale, smoothing, seed
):
    parts = draw(batch, target, source, vocabulary, scale, seed)
    random = np.random.default_rng(seed)
    targets = random.integers(0, vocabulary, [batch, target]).astype("int32")
    upstream = random.normal(size=[batch, target]).astype("float32")

    def loss(targets, parts, smoothing):  # by the whole distribution, which is not normalised where nothing is seen
        whole = copying.log_probabilities(parts)
        chosen = tf.gather(whole, targets, batch_dims=2)
        return -(1 - smoothing) * chosen - smoothing * tf.reduce_mean(whole, axis=-1)

    def value_and_gradients(loss):
        tensors = [tf.constant(part) for part in parts]
        with tf.GradientTape() as tape:
            tape.watch(tensors[:3])
            values = loss(targets, copying.CopyLogits(*tensors), smoothing)
            total = tf.reduce_sum(values * upstream)
        return values, *tape.gradient(total, tensors[:3])

    for found, expected in zip(value_and_gradients(copy_cross_entropy), value_and_gradients(loss), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_a_closed_copy_is_the_plain_loss():
    parts = draw(2, 3, 4, 7, 1.0, seed=0)
    parts = parts._replace(gate=np.full_like(parts.gate, 90.0))
    targets = np.random.default_rng(1).integers(0, 7, [2, 3]).astype("int32")
    for smoothing in (0.0, 0.1):
        found = copy_cross_entropy(targets, copying.CopyLogits(*map(tf.constant, parts)), smoothing)
        np.testing.assert_allclose(found, smoothed_cross_entropy(targets, parts.logits, smoothing), rtol=1e-5)


def test_rows_that_share_a_source_are_mixed_like_rows_of_their_own():
    parts = draw(2, 6, 4, 7, 1.0, seed=0)
    heads = np.random.default_rng(1).exponential(size=[2, 3, 6, 4]).astype("float32")
    logits, gate = parts.logits.reshape(6, 2, 7), parts.gate.reshape(6, 2, 1)
    shared = copying.parts_of(logits, gate, heads, parts.source)
    heads = heads.reshape(2, 3, 3, 2, 4).swapaxes(1, 2).reshape(6, 3, 2, 4)
    own = copying.parts_of(logits, gate, heads, parts.source.repeat(3, 0))
    found = copying.log_probabilities_of_rows(shared, tf.zeros([6, 2], tf.int32))
    np.testing.assert_allclose(found, copying.log_probabilities(own), rtol=1e-5)


VIEWS = {"Placeholder", "Const", "Reshape", "Identity", "IdentityN", "EnsureShape"}


def large_operations(function, *inputs, least):
    """Kinds of the operations of a graph that make a tensor of so many elements, but for views of one."""
    graph = tf.function(function, autograph=False).get_concrete_function(*map(tf.constant, inputs)).graph
    outputs = [(op.type, out.shape.num_elements() or 0) for op in graph.get_operations() for out in op.outputs]
    return [kind for kind, size in outputs if size >= least and kind not in VIEWS]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_training_keeps_nothing_of_the_size_of_the_logits_but_softmax_and_gradient(smoothing):
    parts = draw(2, 3, 4, 70, 1.0, seed=0)
    source = tf.constant(parts.source)

    def gradient(logits, gate, scores):
        with tf.GradientTape() as tape:
            tape.watch([logits, gate, scores])
            parts = copying.CopyLogits(logits, gate, scores, source)
            loss = copy_cross_entropy(tf.zeros([2, 3], tf.int32), parts, smoothing)
        return tape.gradient(loss, [logits, gate, scores])

    large = large_operations(gradient, *parts[:3], least=2 * 3 * 70)
    assert len(large) <= 4, large  # the gradient is computed in place


def test_the_mixture_makes_nothing_of_the_size_of_the_logits_but_their_logarithms():
    parts = draw(2, 3, 4, 70, 1.0, seed=0)
    large = large_operations(lambda *parts: copying.log_probabilities(copying.CopyLogits(*parts)), *parts, least=420)
    assert set(large) <= {"Sub", "Exp", "TensorScatterAdd"} and len(large) <= 4, large  # computed in place


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_memory_of_the_loss_does_not_grow_with_the_square_of_the_source(smoothing):
    parts = draw(1, 2, 300, 9, 1.0, seed=0)

    def loss(*parts):
        return copy_cross_entropy(tf.zeros([1, 2], tf.int32), copying.CopyLogits(*parts), smoothing)

    assert large_operations(loss, *parts, least=300 * 9) == []
