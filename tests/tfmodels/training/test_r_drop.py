from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy_task

from tfmodels.checked_options import OptionError
from tfmodels.training import Options, RDrop, Trainer, fit, smoothed_cross_entropy, softmax_divergence
from tfmodels.training.fitting import build_trainer
from tfmodels.training.optimization.objective import next_token
from tfmodels.training.optimization.schedules import schedule

WEIGHT, SMOOTHING = 3.0, 0.1
LOSS = partial(smoothed_cross_entropy, smoothing=SMOOTHING)


class Shaken(toy_task.Bigrams):
    """Bigrams whose logits in training differ between the two halves of a replica's batch, always in the same way."""

    def call(self, inputs, training=None):
        logits = super().call(inputs, training=False)
        second = tf.range(tf.shape(inputs)[0]) >= tf.shape(inputs)[0] // 2
        shake = tf.cast(second, tf.float32)[:, tf.newaxis, tf.newaxis] * tf.linspace(0.0, 2.0, toy_task.VOCABULARY)
        return logits + shake if training else logits


@pytest.fixture(scope="module", params=["one", "two"])
def scope(request):
    return nullcontext if request.param == "one" else request.getfixturevalue("two_replicas").scope


def batch(rows=8, time=5):
    random = np.random.default_rng(0)
    inputs, targets = random.integers(0, toy_task.VOCABULARY, [2, rows, time]).astype("int32")
    weights = (np.arange(time) < random.integers(0, time + 1, [rows, 1])).astype("float32")
    weights[-1] = 0  # a filler row
    return inputs, targets, weights


def table():
    return np.random.default_rng(1).normal(size=[toy_task.VOCABULARY] * 2).astype("float32")


def step(scope, network_type, accumulate=1, r_drop=None):
    """Loss and table after a step on one batch."""
    with scope():
        network = network_type()
        trainer = Trainer(network, LOSS, accumulate=accumulate, r_drop=r_drop)
        trainer.compile(optimizer=keras.optimizers.SGD(1.0), jit_compile=False)
    trainer(batch()[0])
    network.set_weights([table()])
    logs = trainer.fit(tf.data.Dataset.from_tensors(batch()), verbose=0, shuffle=False).history
    return logs["loss"][0], network.get_weights()[0]


def divergence(targets, first, second):
    return softmax_divergence(first, second)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_the_loss_is_that_of_both_passes_and_half_the_weighted_divergence(scope, accumulate):
    inputs, targets, weights = batch()
    variable = tf.Variable(table())
    with tf.GradientTape() as tape:
        first = tf.gather(variable, inputs)
        second = first + tf.linspace(0.0, 2.0, toy_task.VOCABULARY)
        p, q = tf.nn.softmax(first), tf.nn.softmax(second)
        apart = tf.reduce_sum((p - q) * (tf.math.log(p) - tf.math.log(q)), axis=-1)  # the sum of both divergences
        # Half of the paper's loss: -log p - log q + alpha / 2 of that sum.
        losses = (LOSS(targets, first) + LOSS(targets, second) + WEIGHT / 2 * apart) / 2
        loss = tf.reduce_sum(losses * weights) / weights.sum()
    found, after = step(scope, Shaken, accumulate, RDrop(WEIGHT, divergence))
    assert found == pytest.approx(float(loss), rel=1e-5)
    gradient = tf.convert_to_tensor(tape.gradient(loss, variable))
    np.testing.assert_allclose(after, table() - gradient, rtol=1e-4, atol=1e-5)


def test_without_dropout_it_is_the_step_of_one_pass(scope):
    plain, twice = step(scope, toy_task.Bigrams), step(scope, toy_task.Bigrams, r_drop=RDrop(WEIGHT, divergence))
    assert twice[0] == pytest.approx(plain[0], rel=1e-5)
    np.testing.assert_allclose(twice[1], plain[1], atol=1e-5)


def test_inputs_and_targets_may_be_nested_and_networks_real(one_replica, tmp_path):
    batches = toy_task.token_batches(tmp_path / "rows", 20, toy_task.seq2seq)
    options = Options(steps=4, interval=2, learning_rate=0.01, r_drop=WEIGHT)
    make = partial(toy_task.transformer, dropout=0.3)
    with one_replica():
        _, once = fit(make, batches, batches.one_epoch(), options, tmp_path / "one")
        _, again = fit(make, batches, batches.one_epoch(), options, tmp_path / "two")
        _, plain = fit(make, batches, batches.one_epoch(), replace(options, r_drop=0.0), tmp_path / "plain")
    losses = [[row["loss"] for row in history] for history in (once, again, plain)]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_an_objective_without_probabilities_is_refused(one_replica, tmp_path):
    data = toy_task.token_batches(tmp_path / "rows", 8, toy_task.next_token).one_epoch()
    options = Options(r_drop=1.0)
    objective = replace(next_token(options), divergence=None)
    with one_replica(), pytest.raises(OptionError, match=r"training\.r_drop to be 0 .*no probabilities.*=1\.0"):
        build_trainer(toy_task.Bigrams, data, options, schedule(options, 10), None, objective)
