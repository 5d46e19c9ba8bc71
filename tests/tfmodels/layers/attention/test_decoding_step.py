"""The operations of a decoding step give the usual results, and oneDNN replaces none of them."""

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import TransformerDecoderLayer
from tfmodels.layers.attention import decoding_step
from tfmodels.layers.attention.cross_attention import KINDS, make_attention

SLOW_TO_START = {"BatchMatMul", "BatchMatMulV2", "Einsum", "Softmax", "Transpose", "ConjugateTranspose"}
RANDOM = np.random.default_rng(0)


def draw(*shape, dtype="float32"):
    return tf.cast(RANDOM.normal(size=shape), dtype)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("transposed", [False, True])
def test_the_product_is_matmul(dtype, transposed):
    a, b = draw(2, 3, 4, 1, 5, dtype=dtype), draw(2, 3, 1, *((6, 5) if transposed else (5, 6)), dtype=dtype)
    ours, theirs = decoding_step.batched_product(a, b, transposed), tf.matmul(a, b, transpose_b=transposed)
    assert ours.dtype == theirs.dtype
    precision = 1e-6 if dtype in ("float32", "float64") else 2e-2
    np.testing.assert_allclose(tf.cast(ours, "float64"), tf.cast(theirs, "float64"), rtol=precision, atol=precision)


def test_softmax_is_softmax_for_large_logits_too():
    logits = draw(3, 4, 7) * [[[1.0]], [[100.0]], [[1e9]]]
    np.testing.assert_allclose(decoding_step.softmax(logits), tf.nn.softmax(logits), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_heads_are_split_and_joined(rows):
    x = draw(rows, 12)
    heads = decoding_step.split_heads(x, 3)
    np.testing.assert_array_equal(heads, tf.transpose(tf.reshape(x, [rows, 3, 4]), [1, 0, 2]))
    np.testing.assert_array_equal(decoding_step.join_heads(heads), x)


def operations(function, *arguments):
    """The types of the operations that the outputs depend on."""
    left = [tensor.op for tensor in tf.function(function).get_concrete_function(*arguments).outputs]
    found = set()
    while left:
        operation = left.pop()
        if operation not in found:
            found.add(operation)
            left += [tensor.op for tensor in operation.inputs]
    return {operation.type for operation in found}


@pytest.mark.parametrize("kv_heads", [4, 2])
def test_a_step_of_a_transformer_has_no_slow_operation(kv_heads):
    layer = TransformerDecoderLayer(d_model=16, num_heads=4, feed_forward_dim=32, num_kv_heads=kv_heads, rotary=True)
    x, states = draw(3, 1, 16), draw(3, 5, 16)
    layer(x, states)
    memory = {"memory": layer.cross_attention.project_memory(states), "projection": None}
    cache = layer.self_attention.start_cache(3, 8)
    found = operations(lambda x, cache: layer(x, memory, cache=cache, position=tf.constant(2)), x, cache)
    assert "BatchMatMulV3" in found
    assert not found & SLOW_TO_START


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_of_attention_over_a_memory_has_no_slow_operation(kind):
    attention = make_attention(kind, 16, num_heads=4, dropout=0.1, dtype=tf.keras.mixed_precision.Policy("float32"))
    x, states = draw(3, 2, 16), draw(3, 5, 16)
    attention(x, memory=states)
    found = operations(lambda x, *memory: attention(x, memory=memory), x, *attention.project_memory(states))
    assert not found & SLOW_TO_START
