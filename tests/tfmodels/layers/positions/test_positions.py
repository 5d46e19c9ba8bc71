import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.layers import LearnedPositions, RotaryPositions, SinusoidalPositions

DIM = 8


def encoding(positions):
    return SinusoidalPositions()(tf.zeros([*positions.shape, DIM]), positions).numpy()


def test_sinusoidal_is_the_paper_s_up_to_the_order_of_the_features():
    positions = np.array([[0, 1, 2], [5, 90, 1000]], "int32")
    paper = np.zeros([2, 3, DIM])
    for feature in range(0, DIM, 2):
        angles = positions / 10_000 ** (feature / DIM)
        paper[..., feature], paper[..., feature + 1] = np.sin(angles), np.cos(angles)
    order = [*range(0, DIM, 2), *range(1, DIM, 2)]
    np.testing.assert_allclose(encoding(positions), paper[..., order], atol=1e-4)


def test_sinusoidal_is_added():
    x = np.random.default_rng(0).normal(size=[2, 3, DIM]).astype("float32")
    positions = np.arange(3, dtype="int32")[None]
    np.testing.assert_allclose(SinusoidalPositions()(x, positions), x + encoding(positions), rtol=1e-6)


@settings(max_examples=10, deadline=None)
@given(position=st.integers(0, 500), distance=st.integers(0, 500), shift=st.integers(0, 500))
def test_sinusoidal_products_depend_on_the_distance(position, distance, shift):
    a, b, c, d = encoding(np.array([[position, position + distance, position + shift, position + shift + distance]]))[0]
    np.testing.assert_allclose(a @ b, c @ d, atol=1e-3)


@pytest.mark.parametrize("layer", [SinusoidalPositions, RotaryPositions])
def test_angles_stay_exact_in_half_precision(layer):
    x, positions = np.ones([1, 1, 2, DIM], "float32"), np.array([[1001, 1002]], "int32")
    if layer is SinusoidalPositions:
        x = x[0]
    np.testing.assert_allclose(
        tf.cast(layer(dtype="mixed_bfloat16")(x, positions), tf.float32), layer()(x, positions), atol=0.03
    )


def rotated(x, positions):
    return RotaryPositions()(np.asarray(x, "float32"), np.asarray(positions, "int32")).numpy()


def test_rotary_rotates_pairs_of_features():
    x = np.random.default_rng(0).normal(size=[3, 2, 4, DIM])  # [heads, rows, time, dim]
    positions = np.array([[0, 1, 2, 3], [7, 30, 100, 2]])
    pairs = x[..., : DIM // 2] + 1j * x[..., DIM // 2 :]
    pairs *= np.exp(1j * positions[:, :, None] / 10_000 ** (np.arange(0, DIM, 2) / DIM))
    np.testing.assert_allclose(rotated(x, positions), np.concatenate([pairs.real, pairs.imag], axis=-1), atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(query=st.integers(0, 300), key=st.integers(0, 300), shift=st.integers(0, 300))
def test_rotary_products_depend_on_the_distance(query, key, shift):
    x = np.random.default_rng(1).normal(size=[1, 1, 4, DIM])
    x[:, :, 2:] = x[:, :, :2]
    a, b, c, d = rotated(x, [[query, key, query + shift, key + shift]])[0, 0]
    np.testing.assert_allclose(a @ b, c @ d, rtol=1e-3, atol=1e-3)


def test_learned_positions_are_an_embedding():
    layer, reference = LearnedPositions(4), keras.layers.Embedding(4, DIM)
    x, positions = np.ones([2, 3, DIM], "float32"), np.array([[0, 1, 2], [3, 3, 0]], "int32")
    layer(x, positions)
    reference.build()
    reference.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(x, positions), x + reference(positions), rtol=1e-6)


def test_positions_past_the_table_share_its_last_vector():
    output = LearnedPositions(4)(np.zeros([1, 3, DIM], "float32"), np.array([[3, 4, 900]], "int32"))
    np.testing.assert_array_equal(output[0, 1:], tf.repeat(output[:, 0], 2, axis=0))
