import json

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy_task

from tfmodels.training import Objective, Options, fit
from tfmodels.training.callbacks.user_callbacks import UserCallbacks

STEPS, INTERVAL = 8, 2
TIMES = {"tokens_per_second", "seconds"}


class Recorder(keras.callbacks.Callback):
    """Notes each evaluation; may raise an error at one, or stop at a step."""

    def __init__(self, fails_at=None, stops_at_batch=None):
        super().__init__()
        self.seen = []
        self.began = self.batches = 0
        self.fails_at = fails_at
        self.stops_at_batch = stops_at_batch

    def on_train_begin(self, logs=None):
        self.began += 1

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        if self.batches == self.stops_at_batch:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.fails_at:
            raise RuntimeError("no disk")
        self.seen.append((epoch, logs["val_loss"]))
        self.logs = dict(logs)

    def get_state(self):
        return {"seen": self.seen}

    def set_state(self, state):
        self.seen = [tuple(pair) for pair in state["seen"]]


class Data:
    def __init__(self, folder):
        self.batches = toy_task.token_batches(folder / "train", 60, toy_task.next_token)
        self.validation = toy_task.token_batches(folder / "validation", 40, toy_task.next_token, seed=1).one_epoch()

    def fit(self, folder, callbacks, replicas=2, **kwargs):
        options = Options(steps=STEPS, interval=INTERVAL, learning_rate=0.5, warmup_steps=3, replicas=replicas)
        return fit(toy_task.Bigrams, self.batches, self.validation, options, folder, callbacks=callbacks, **kwargs)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return Data(tmp_path_factory.mktemp("data"))


class Whole:
    """A training on two replicas with callbacks, never interrupted."""

    def __init__(self, data, folder):
        self.folder = folder
        self.recorder = Recorder()
        self.early = keras.callbacks.EarlyStopping(patience=10, min_delta=9.0)
        board = keras.callbacks.TensorBoard(folder / "board", write_graph=False)
        self.network, self.history = data.fit(folder, [self.recorder, self.early, board])


@pytest.fixture(scope="module")
def whole(data, two_replicas, tmp_path_factory):
    return Whole(data, tmp_path_factory.mktemp("whole"))


def test_an_evaluation_is_an_epoch_and_its_row_the_logs(whole):
    assert whole.recorder.seen == [(epoch, row["val_loss"]) for epoch, row in enumerate(whole.history)]
    assert whole.recorder.logs == whole.history[-1]
    assert len(whole.history) == STEPS // INTERVAL


def test_two_replicas_call_each_once(whole):
    assert (whole.recorder.began, whole.recorder.batches) == (1, STEPS)


def test_tensorboard_gets_each_evaluation(whole):
    def numbers(folder):
        (file,) = (whole.folder / "board" / folder).glob("events*")
        events = [event for record in tf.data.TFRecordDataset(str(file)) for event in values(record.numpy())]
        return [(event.step, value.tag, tf.make_ndarray(value.tensor)) for event, value in events]

    losses = [float(value) for _, tag, value in numbers("validation") if tag == "epoch_loss"]
    np.testing.assert_allclose(losses, [row["val_loss"] for row in whole.history], rtol=1e-6)
    assert "epoch_gradient_norm" in {tag for _, tag, _ in numbers("train")}


def values(record):
    event = tf.compat.v1.Event.FromString(record)
    return [(event, value) for value in event.summary.value]


def test_a_callback_that_raises_leaves_a_run_that_resumes_as_if_nothing_had_been(data, whole, tmp_path):
    with pytest.raises(RuntimeError, match="no disk"):
        data.fit(tmp_path, [Recorder(fails_at=2), keras.callbacks.EarlyStopping(patience=10, min_delta=9.0)])
    assert len(json.loads((tmp_path / "history.json").read_text())) == 2
    early, other, again = keras.callbacks.EarlyStopping(patience=10, min_delta=9.0), Other(), Recorder()
    network, history = data.fit(tmp_path, [other, early, again])
    assert [without_times(row) for row in history] == [without_times(row) for row in whole.history]
    np.testing.assert_array_equal(network.table, whole.network.table)
    assert again.seen == whole.recorder.seen
    assert again.batches == STEPS - 2 * INTERVAL
    assert (early.wait, early.best, early.best_epoch) == (whole.early.wait, whole.early.best, whole.early.best_epoch)
    assert other.epochs == [2, 3]


class Other(keras.callbacks.Callback):
    """Keeps no state: it starts anew."""

    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)


def without_times(row):
    return {name: value for name, value in row.items() if name not in TIMES}


def test_a_callback_that_stops_ends_the_training_for_good(data, one_replica, tmp_path):
    """Between two evaluations, too: the last one is made at once."""
    with one_replica():
        _, history = data.fit(tmp_path, [Recorder(stops_at_batch=3)], replicas=1)
        assert [row["step"] for row in history] == [2, 3]
        assert history[-1]["stopped"]
        later = Recorder()
        _, again = data.fit(tmp_path, [later], replicas=1)
    assert again == history
    assert later.began == 0


class Unclear(keras.callbacks.Callback):
    def get_state(self):
        return {"folder": object()}


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        (keras.callbacks.ReduceLROnPlateau(), "sets the learning rate, which follows the options"),
        (keras.callbacks.LearningRateScheduler(lambda epoch: 0.1), "sets the learning rate"),
        (keras.callbacks.BackupAndRestore("backup"), "the training resumes by itself"),
        (keras.callbacks.ModelCheckpoint("a.keras"), "save_weights_only=True works"),
        (print, "keras.callbacks.Callback"),
    ],
)
def test_callbacks_that_cannot_work_are_refused_at_once(callback, reason, tmp_path):
    with pytest.raises((ValueError, TypeError), match=reason):
        fit(None, None, None, Options(), tmp_path, callbacks=[callback])
    assert not list(tmp_path.iterdir())


def test_a_state_that_is_no_plain_data_is_refused(tmp_path):
    with pytest.raises(TypeError, match="plain data for JSON"):
        UserCallbacks([Unclear()], tmp_path / "callbacks.json").save(1)


def test_a_lost_state_is_said(tmp_path, capsys):
    file = tmp_path / "callbacks.json"
    UserCallbacks([Recorder()], file).restore(3)
    assert "the callback Recorder starts anew" in capsys.readouterr().out
    file.write_text('{"1": ')
    with pytest.raises(ValueError, match=r"callbacks\.json.*Delete the file"):
        UserCallbacks([Recorder()], file).restore(3)


def test_the_state_of_the_evaluation_that_is_resumed_is_taken(tmp_path):
    """A damaged checkpoint is passed over for the one before."""
    file, recorder = tmp_path / "callbacks.json", Recorder()
    states = UserCallbacks([recorder], file)
    for evaluation in range(1, 6):
        recorder.seen.append((evaluation, 0.0))
        states.save(evaluation)
    resumed = Recorder()
    UserCallbacks([resumed], file).restore(4)
    assert [epoch for epoch, _ in resumed.seen] == [1, 2, 3, 4]
    assert list(json.loads(file.read_text())) == ["3", "4", "5"]


def test_a_loss_and_a_metric_of_ones_own(data, one_replica, tmp_path):
    objective = Objective(
        loss=lambda targets, logits: tf.nn.relu(1 - tf.gather(logits, targets, batch_dims=2)),
        metrics={"among_three": lambda targets, logits: top(targets, logits, 3)},
    )
    with one_replica():
        network, history = data.fit(tmp_path, [], replicas=1, objective=objective)
    assert history[-1]["val_loss"] < history[0]["val_loss"]
    hits, losses = [], []
    for inputs, targets, weights in data.validation:
        logits, there = network(inputs).numpy(), weights.numpy() > 0
        own = np.take_along_axis(logits, targets.numpy()[..., None], -1)
        losses.append(np.maximum(1 - own[..., 0], 0)[there])
        hits.append((np.sum(logits > own, axis=-1) < 3)[there])
    best = min(history, key=lambda row: row["val_loss"])
    assert best["val_loss"] == pytest.approx(np.concatenate(losses).mean(), rel=1e-5)
    assert best["val_among_three"] == pytest.approx(np.concatenate(hits).mean(), rel=1e-5)


def top(targets, logits, count):
    ids = tf.math.top_k(logits, count).indices
    return tf.reduce_max(tf.cast(ids == targets[..., tf.newaxis], tf.float32), axis=-1)


def test_a_loss_that_is_a_mean_is_refused(data, one_replica, tmp_path):
    objective = Objective(loss=lambda targets, logits: tf.reduce_mean(logits))
    with one_replica(), pytest.raises(ValueError, match="`loss` to return a number for each weighted element"):
        data.fit(tmp_path, [], replicas=1, objective=objective)
