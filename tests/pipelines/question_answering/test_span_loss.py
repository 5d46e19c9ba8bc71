import numpy as np
import tensorflow as tf

from pipelines.question_answering import objective, spans
from pipelines.question_answering.config import Config
from tfmodels.layers.heads.span_head import NO_SPAN

LENGTH, TIME = 3, 5


def test_the_loss_is_that_of_all_right_spans_together():
    logits = np.random.default_rng(0).normal(size=[3, 1 + TIME * LENGTH]).astype("float32")
    logits[:, -2:] = NO_SPAN
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = np.stack([spans.packed([(0, 2), (3, 3)]), spans.packed([]), spans.packed([(1, 1)])])
    right = [probability[0, 1 + 2] + probability[0, 1 + 3 * LENGTH], probability[1, 0], probability[2, 1 + LENGTH]]
    loss = objective.span_loss(tf.constant(targets), tf.constant(logits), LENGTH)
    np.testing.assert_allclose(loss, -np.log(right), rtol=1e-5)


def test_exact_is_a_right_span_that_is_the_most_probable():
    logits = np.zeros([3, 1 + TIME * LENGTH], "float32")
    logits[0, 1 + 3 * LENGTH] = logits[1, 0] = logits[2, 4] = 1
    targets = np.stack([spans.packed([(0, 2), (3, 3)]), spans.packed([]), spans.packed([(1, 2)])])
    metric = objective.make(Config(max_answer_length=LENGTH, overlap=2, window=5)).metrics["exact"]
    assert metric(tf.constant(targets), tf.constant(logits)).numpy().tolist() == [1, 1, 0]


def test_the_gradient_is_finite_where_nothing_is_a_span():
    logits = tf.Variable(tf.fill([1, 1 + TIME * LENGTH], NO_SPAN))
    with tf.GradientTape() as tape:
        loss = objective.span_loss(tf.constant([spans.packed([])]), logits, LENGTH)
    assert np.isfinite(tape.gradient(loss, logits)).all()
