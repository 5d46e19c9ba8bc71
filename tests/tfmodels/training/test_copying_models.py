"""Models that copy, trained like others: on several devices and in half precision."""

from contextlib import nullcontext
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy_task

from tfmodels.models import LSTMOptions, LSTMSeq2Seq, TransformerOptions, TransformerSeq2Seq
from tfmodels.training import AdamW, Options, Trainer
from tfmodels.training.optimization.objective import next_token

SIZES = {"num_layers": 1, "d_model": 8, "num_heads": 2, "dropout": 0.0}
TRANSFORMER = TransformerOptions(**SIZES, feed_forward_dim=16, norm_first=True)
FAMILIES = {
    "transformer": partial(TransformerSeq2Seq, toy_task.VOCABULARY, TRANSFORMER, copy=True),
    "lstm": partial(LSTMSeq2Seq, toy_task.VOCABULARY, LSTMOptions(**SIZES, attention="additive"), copy=True),
}
OBJECTIVE = next_token(Options(label_smoothing=0.1))


def losses(scope, make, batches, steps=3):
    """The loss of each of some updates."""
    with scope():
        keras.utils.set_random_seed(1)
        trainer = Trainer(make(), OBJECTIVE.loss, OBJECTIVE.validation_loss, clip_norm=0.3)
        trainer.compile(optimizer=AdamW(1e-2, epsilon=1e-5), jit_compile=False)
    found = []
    record = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: found.append(logs["loss"]))
    trainer.fit(batches.dataset(), steps_per_epoch=steps, callbacks=[record], verbose=0, shuffle=False)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_one_and_two_replicas_train_alike(family, two_replicas, tmp_path):
    one, two = (toy_task.token_batches(tmp_path / "rows", 50, toy_task.seq2seq, replicas) for replicas in (1, 2))
    alone = losses(nullcontext, FAMILIES[family], one)
    together = losses(two_replicas.scope, FAMILIES[family], two)
    np.testing.assert_allclose(together, alone, rtol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_in_bfloat16_is_close_and_its_gradient_finite(family, tmp_path):
    batches = toy_task.token_batches(tmp_path / "rows", 40, toy_task.seq2seq, replicas=1)
    inputs, targets, weights = next(iter(batches.dataset()))
    whole, half = (FAMILIES[family](dtype=keras.DTypePolicy(policy)) for policy in ("float32", "mixed_bfloat16"))
    for network in (whole, half):
        network.build()
    half.set_weights(whole.get_weights())
    found = []
    for network in (whole, half):
        with tf.GradientTape() as tape:
            parts = network(inputs, training=True)
            loss = tf.reduce_sum(OBJECTIVE.loss(targets, parts) * weights) / tf.reduce_sum(weights)
        assert {part.dtype for part in parts[:3]} == {tf.float32}
        for gradient in tape.gradient(loss, network.trainable_variables):
            tf.debugging.assert_all_finite(tf.convert_to_tensor(gradient), "a gradient")
        found.append(float(loss))
    assert found[1] == pytest.approx(found[0], rel=0.02)
