import contextlib
import json
import math
from types import SimpleNamespace

import keras
import pytest

from tfmodels.training import AdamW
from tfmodels.training.callbacks.evaluation import Evaluation


@pytest.fixture
def evaluation():
    """That of a training in float16, whose optimizer scales the loss and skips steps with infinite gradients."""
    history: list[dict] = []
    trainer = SimpleNamespace(
        optimizer=keras.optimizers.LossScaleOptimizer(AdamW()),
        network=SimpleNamespace(dtype_policy=SimpleNamespace(compute_dtype="float16")),
        validator=lambda data: lambda: {"loss": 1.0},
        averaged_weights=contextlib.nullcontext,
    )
    checkpoints = SimpleNamespace(history=history, save_best=lambda loss: True, save=history.append)
    batches = SimpleNamespace(units_per_epoch=100, steps_per_epoch=10, unit="tokens")
    objective = SimpleNamespace(scores=lambda scores: {"val_loss": scores["loss"]})
    made = Evaluation(trainer, None, None, checkpoints, batches, objective, interval=30)
    made.kept = history
    return made


def train(evaluation, norms):
    evaluation.on_epoch_begin(0)
    for batch, norm in enumerate(norms):
        evaluation.on_train_batch_end(batch, {"loss": 2.0, "gradient_norm": norm, "learning_rate": 0.1})
    evaluation.on_epoch_end(0)
    evaluation.kept.append(evaluation.row)


def test_steps_that_are_skipped_now_and_then_are_part_of_float16(evaluation):
    train(evaluation, [math.inf] * 15 + [2.0] * 15)
    train(evaluation, [math.inf] * 29 + [4.0])
    train(evaluation, [math.inf] * 29 + [6.0])
    assert [row["gradient_norm"] for row in evaluation.kept] == [2.0, 4.0, 6.0]


def test_an_interval_without_an_update_is_said_and_writes_no_nan(evaluation, capsys):
    train(evaluation, [math.inf] * 30)
    assert "no update was made in the 30 steps before step 30" in capsys.readouterr().out
    assert json.loads(json.dumps(evaluation.kept, allow_nan=False))[0]["gradient_norm"] == 0.0


def test_gradients_that_stay_infinite_end_the_training(evaluation):
    train(evaluation, [math.inf] * 30)
    with pytest.raises(FloatingPointError, match=r"gradient_norm=inf.*at step 41.*float32.*--overwrite"):
        train(evaluation, [math.inf] * 30)
    assert len(evaluation.kept) == 1
