import math

import keras
import pytest
import tensorflow as tf

from tfmodels import models
from tfmodels.models.training_flops import training_flops

ROWS, SOURCE, TARGET, WORDS = 2, 6, 8, 4
SEQ2SEQ = {"source": tf.TensorSpec([ROWS, SOURCE], tf.int32), "target": tf.TensorSpec([ROWS, TARGET], tf.int32)}


def traced_products(network, inputs):
    """Operations of the matrix products in the graph of a step without loops; layer norm's means, vectors, left out."""

    @tf.function(autograph=False)
    def step(inputs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(network(inputs, training=True) ** 2)
        return tape.gradient(loss, network.trainable_variables)

    count = 0
    for op in step.get_concrete_function(inputs).graph.get_operations():
        if op.type in ("MatMul", "BatchMatMulV2", "BatchMatMulV3"):
            product, left = op.outputs[0].shape, op.inputs[0].shape
            transposed = op.get_attr("transpose_a" if op.type == "MatMul" else "adj_x")
            is_mean = op.type == "MatMul" and 1 in product
            count += 0 if is_mean else 2 * product.num_elements() * left[-2 if transposed else -1]
    return count


@pytest.mark.parametrize(("layers", "options"), [(2, {}), (1, {"positions": "learned", "activation": "swiglu"})])
def test_a_transformer_is_counted_as_its_graph_multiplies(layers, options):
    options = models.TransformerOptions(num_layers=layers, d_model=8, num_heads=2, feed_forward_dim=12, **options)
    network = models.TransformerSeq2Seq(13, options, max_length=16)
    network.build()
    assert training_flops(network, SEQ2SEQ) == traced_products(network, SEQ2SEQ)


def test_a_transformer_that_classifies_is_counted_as_its_graph_multiplies():
    options = models.TransformerClassifierOptions(
        num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12, attention="multi_head"
    )
    network = models.TransformerClassifier(13, 3, options)
    network.build()
    ids = tf.TensorSpec([ROWS, SOURCE], tf.int32)
    assert training_flops(network, ids) == traced_products(network, ids)


@pytest.mark.parametrize(
    ("attention", "of_target", "of_source"), [("multi_head", 2, 2), ("additive", 1, 1), ("general", 0, 1)]
)
def test_lstms_are_counted_by_hand(attention, of_target, of_source):
    d = 8
    network = models.LSTMSeq2Seq(13, models.LSTMOptions(d_model=d, num_heads=2, attention=attention))
    network.build()
    source, target = ROWS * SOURCE, ROWS * TARGET
    encoder = source * 2 * 2 * (d + d // 2) * 4 * (d // 2)  # layers, directions, [x, h], gates
    decoder = target * (2 * d * 4 * d + 3 * d * 4 * d)  # the second sees the context too
    looked_at = target * of_target * d * d + source * of_source * d * d + 2 * ROWS * TARGET * SOURCE * d
    output = target * (2 * d * d + d * 13)
    assert training_flops(network, SEQ2SEQ) == 3 * 2 * (encoder + decoder + looked_at + output)


def test_lstms_that_classify_are_counted_by_hand():
    d, places = 8, ROWS * SOURCE
    layer = 2 * (d + d // 2) * 4 * (d // 2)
    pooling = ROWS * d * d + places * d * d + 2 * places * d
    options = models.LSTMOptions(num_layers=1, d_model=d)
    network = models.LSTMClassifier(13, 3, options)
    network.build()
    expected = 6 * (places * layer + pooling + ROWS * d * 3)
    assert training_flops(network, tf.zeros([ROWS, SOURCE], tf.int32)) == expected
    network = models.HierarchicalClassifier(13, 3, options)
    network.build()
    words = places * WORDS
    of_words = words * layer + places * d * d + words * d * d + 2 * words * d
    assert training_flops(network, tf.zeros([ROWS, SOURCE, WORDS], tf.int32)) == 6 * of_words + expected


def test_the_transformer_of_the_benchmarks_takes_six_operations_for_each_weight_and_place():
    options = models.TransformerOptions(num_layers=3, d_model=256, num_heads=4, feed_forward_dim=1024)
    network = models.TransformerSeq2Seq(8000, options)
    network.build()
    batch = {side: tf.TensorSpec([128, 20], tf.int32) for side in ("source", "target")}
    places = 128 * 20  # each weight sees the places of one side, or of the other
    assert math.isclose(training_flops(network, batch), 6 * network.count_params() * places, rel_tol=0.03)


def test_an_unknown_network_is_not_counted():
    assert training_flops(keras.Sequential([keras.layers.Dense(2)]), tf.zeros([2, 3])) is None
