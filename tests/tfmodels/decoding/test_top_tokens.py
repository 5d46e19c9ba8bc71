import hypothesis.extra.numpy as arrays
import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.decoding.top_tokens import top_tokens


@given(
    arrays.arrays("float32", st.tuples(st.integers(0, 3), st.integers(1, 2000)), elements=st.integers(-3, 3)),
    st.integers(1, 9),
)
def test_is_top_k_with_equals_in_the_same_order(logits, count):
    expected = tf.math.top_k(logits, min(count, logits.shape[1]))
    top, token = top_tokens(tf.constant(logits), count)
    assert top.shape == token.shape == (len(logits), count)
    found = logits.shape[1]
    np.testing.assert_array_equal(top[:, :found], expected.values)
    np.testing.assert_array_equal(token[:, :found], expected.indices)
    assert np.all(top[:, found:] == tf.float32.min)


def test_a_vocabulary_of_unknown_size():
    graph = tf.function(lambda logits: top_tokens(logits, 3), input_signature=[tf.TensorSpec([None, None])])
    logits = np.random.default_rng(0).normal(size=[2, 900]).astype("float32")
    for one, other in zip(graph(logits), top_tokens(tf.constant(logits), 3), strict=True):
        np.testing.assert_array_equal(one, other)
