import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import TokenEmbedding

IDS = np.array([[5, 7, 3], [5, 0, 10]], "int32")


@pytest.fixture
def embedding():
    layer = TokenEmbedding(11, 4)
    layer.build(IDS.shape)
    return layer


def test_looks_up_scaled_vectors(embedding):
    np.testing.assert_allclose(embedding(IDS), embedding.get_weights()[0][IDS] * 2.0, rtol=1e-6)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (2, 0, 4)])
def test_reverse_multiplies_by_the_same_table(embedding, shape):
    vectors = np.random.default_rng(0).normal(size=shape).astype("float32")
    np.testing.assert_allclose(
        embedding(vectors, reverse=True), vectors @ embedding.get_weights()[0].T, rtol=1e-5, atol=1e-6
    )


def test_both_directions_train_one_table(embedding):
    (table,) = embedding.trainable_weights
    with tf.GradientTape(persistent=True) as tape:
        vectors = embedding(IDS)
        there, back = tf.reduce_sum(vectors**2), tf.reduce_sum(embedding(tf.stop_gradient(vectors), reverse=True) ** 2)
        both = there + back
    gradients = [tf.convert_to_tensor(tape.gradient(loss, table.value)) for loss in (there, back, both)]
    assert all(np.any(gradient) for gradient in gradients)
    np.testing.assert_allclose(gradients[2], gradients[0] + gradients[1], rtol=1e-5)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_logits_are_float32(policy):
    embedding = TokenEmbedding(11, 4, dtype=policy)
    logits = embedding(embedding(IDS), reverse=True)
    assert logits.dtype == tf.float32
    assert logits.shape == (2, 3, 11)


def test_starts_with_vectors_of_unit_variance():
    vectors = TokenEmbedding(1000, 64)(tf.range(1000))
    assert np.std(vectors) == pytest.approx(1.0, rel=0.02)
