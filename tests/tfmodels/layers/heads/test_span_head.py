import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import SpanHead
from tfmodels.layers.heads.span_head import NO_SPAN


def test_the_logit_of_a_span_is_that_of_its_start_end_length_and_steps():
    random = np.random.default_rng(0)
    states = tf.constant(random.normal(size=[2, 5, 4]), tf.float32)
    head = SpanHead(3, inside=True)
    head.build(states.shape)
    for weight in head.weights:
        weight.assign(random.normal(size=weight.shape))
    logits, steps = head(states).numpy(), tf.concat([head.ends(states), head.inside(states)], -1)
    start, end, inside = np.moveaxis(steps.numpy(), -1, 0)
    for first in range(5):
        for more in range(3):
            last = first + more
            if last >= 5:
                assert (logits[:, first, more] == NO_SPAN).all()
                continue
            within = inside[:, first : last + 1].sum(axis=1)
            expected = start[:, first] + end[:, last] + within + head.length.numpy()[more]
            np.testing.assert_allclose(logits[:, first, more], expected, rtol=1e-5)


def test_no_span_holds_a_masked_step():
    logits = SpanHead(3)(tf.ones([1, 5, 4]), sequence_mask=tf.constant([[True, True, False, True, False]]))[0]
    allowed = {(first, more) for first, more in np.argwhere(logits.numpy() != NO_SPAN)}
    assert allowed == {(0, 0), (0, 1), (1, 0), (3, 0)}


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_asked_adds_to_the_weights_of_steps_and_lengths_from_zero(inside):
    random = np.random.default_rng(0)
    states, query = (tf.constant(random.normal(size=shape), tf.float32) for shape in ([2, 5, 4], [2, 3]))
    head = SpanHead(3, inside)
    before = head(states, query=query)
    np.testing.assert_allclose(before, head(states), rtol=1e-6)
    head.asked.kernel.assign(random.normal(size=head.asked.kernel.shape))
    logits, weights = head(states, query=query).numpy(), head.asked(query).numpy()
    for row in range(2):
        alone = SpanHead(3, inside)
        alone.build(states.shape)
        of_steps = weights[row, :-3].reshape(4, -1)
        alone.ends.kernel.assign(head.ends.kernel + of_steps[:, :2])
        if inside:
            alone.inside.kernel.assign(of_steps[:, 2:])
        alone.length.assign(weights[row, -3:])
        np.testing.assert_allclose(logits[row], alone(states[row : row + 1])[0], rtol=1e-4)
