import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import LSTMStack
from tfmodels.layers.recurrent.bidirectional_lstm import BidirectionalLSTM

LENGTHS = [5, 2, 0, 4]
MASK = np.arange(5) < np.array(LENGTHS)[:, np.newaxis]


def pair(**arguments):
    """A layer that reads in one operation, and one with loops and the same weights."""
    x = tf.constant(np.random.default_rng(0).normal(0, 1, [4, 5, 3]), tf.float32)
    in_one, loops = (BidirectionalLSTM(2, return_state=True, right_padded=one, **arguments) for one in (True, False))
    for layer in (in_one, loops):
        layer.build(x.shape)
    loops.set_weights([weight + 0.3 for weight in in_one.get_weights()])
    in_one.set_weights(loops.get_weights())
    return x, in_one, loops


def outputs_and_gradients(layer, x, mask):
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs, h, c = layer(x, sequence_mask=mask)
        loss = tf.reduce_sum(outputs**2) + tf.reduce_sum(h * tf.constant([1.0, 2, 3, 4])) + tf.reduce_sum(c**3)
    return outputs, h, c, *tape.gradient(loss, [x, *layer.trainable_variables])


@pytest.mark.parametrize("mask", [MASK, None])
def test_one_operation_is_the_loops(mask):
    x, in_one, loops = pair(return_sequences=True)
    for found, wanted in zip(*(outputs_and_gradients(layer, x, mask) for layer in (in_one, loops)), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("rows, time", [(0, 5), (3, 0), (0, 0)])
def test_it_reads_no_rows_and_no_steps(rows, time):
    _, in_one, _ = pair(return_sequences=True)
    outputs, h, c = in_one(tf.zeros([rows, time, 3]), sequence_mask=tf.zeros([rows, time], tf.bool))
    assert outputs.shape == (rows, time, 4) and not np.any(h) and not np.any(c)


def test_what_one_operation_cannot_compute_takes_the_loops():
    x, _, loops = pair(return_sequences=True)
    options = ({"recurrent_dropout": 0.5}, {"layer_norm": True}, {"dtype": "mixed_bfloat16"}, {})
    for option in options:
        layer = BidirectionalLSTM(2, return_sequences=True, right_padded=True, **option)
        traced = tf.function(lambda x, layer=layer: layer(x, sequence_mask=MASK, training=True), autograph=False)
        operations = {one.type for one in traced.get_concrete_function(x).graph.get_operations()}
        assert ("BlockLSTM" in operations) == (not option)
    start = [tf.ones([4, 4]), tf.ones([4, 4])]
    same = BidirectionalLSTM(2, return_sequences=True, right_padded=True)
    same.build(x.shape)
    same.set_weights(loops.get_weights())
    np.testing.assert_allclose(same(x, start, MASK), loops(x, start, MASK)[0], atol=1e-6)


def test_dropout_of_inputs_and_weights_is_that_of_the_loops():
    x, in_one, loops = pair(return_sequences=True, dropout=0.5, weight_drop=0.5)
    for layer in (in_one, loops):
        for lstm in (layer.forward, layer.backward):
            for dropout in (lstm.input_dropout, lstm.weight_drop):
                dropout.seed_generator.state.assign([1, 0])
    found, wanted = (layer(x, sequence_mask=MASK, training=True)[0] for layer in (in_one, loops))
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_stack_keeps_the_promise_in_its_config():
    stack = LSTMStack(2, bidirectional=True, right_padded=True)
    assert LSTMStack.from_config(stack.get_config()).layers[1].right_padded
