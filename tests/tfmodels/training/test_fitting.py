import json
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import toy_task

from tfmodels.training import InverseSquareRoot, Options, TokenBatches, fit, validate
from tfmodels.training.compute_modes import sublayers

TIMINGS = {"tokens_per_second", "seconds"}
TABLE = np.linspace(-1, 1, toy_task.VOCABULARY**2, dtype="float32").reshape([toy_task.VOCABULARY] * 2)
NOT_COMPARED = ("OBJECT_GRAPH", "history", "save_counter")


def batches(folder, rows, assemble=toy_task.next_token, seed=0):
    return toy_task.token_batches(folder, rows, assemble, seed=seed)


def options(**changes):
    given = {"learning_rate": 0.5, "warmup_steps": 6, "ema_decay": 0.5, "replicas": 2}
    return Options(**given | changes)


def weights(network):
    return [weight.numpy() for weight in network.variables]


class Training:
    """Overfits random bigrams, so that the loss on others soon rises."""

    def __init__(self, folder):
        self.folder = folder
        self.batches = batches(folder / "train", 60)
        self.validation = batches(folder / "validation", 40, seed=1).one_epoch()
        self.options = options(steps=400, interval=4, patience=2)
        self.network, self.history = self.fit()

    def fit(self):
        return fit(toy_task.Bigrams, self.batches, self.validation, self.options, self.folder)


@pytest.fixture(scope="module")
def training(two_replicas, tmp_path_factory):
    return Training(tmp_path_factory.mktemp("run"))


def test_history_has_a_row_per_evaluation(training):
    steps = [row["step"] for row in training.history]
    assert steps == list(range(4, 4 * len(steps) + 1, 4))
    schedule = InverseSquareRoot(0.5, 6)
    for row in training.history:
        assert row["epoch"] == pytest.approx(row["step"] / training.batches.steps_per_epoch)
        assert row["learning_rate"] == pytest.approx(float(schedule(row["step"] - 1)))
        assert row["val_perplexity"] == pytest.approx(np.exp(row["val_loss"]))
        assert row["gradient_norm"] > 0
        assert row["tokens_per_second"] > 0


def test_history_and_curves_are_on_disk(training):
    assert json.loads((training.folder / "history.json").read_text()) == training.history
    assert list((training.folder / "tensorboard").glob("validation/events*"))


def test_training_stops_after_patience_evaluations_without_improvement(training):
    losses = [row["val_loss"] for row in training.history]
    assert len(losses) < 100
    assert int(np.argmin(losses)) == len(losses) - 1 - training.options.patience


def test_network_has_the_weights_of_the_best_evaluation(training):
    losses = [row["val_loss"] for row in training.history]
    assert validate(training.network, training.validation)["loss"] == pytest.approx(min(losses), rel=1e-5)
    better = [row["best"] for row in training.history]
    assert better == [loss < min(losses[:index], default=np.inf) for index, loss in enumerate(losses)]


def test_the_training_loss_is_measured_as_the_validation_loss(training):
    best = min(training.history, key=lambda row: row["val_loss"])
    sample = training.batches.sample(int(training.validation.cardinality()))
    assert validate(training.network, sample)["loss"] == pytest.approx(best["train_loss"], rel=1e-5)
    assert training.history[-1]["train_loss"] < training.history[-1]["val_loss"]  # overfitting


def test_finished_training_is_not_trained_again(training, monkeypatch):
    monkeypatch.setattr(TokenBatches, "dataset", lambda self, first_step=0: pytest.fail("trained again"))
    network, history = training.fit()
    assert history == training.history
    assert all(np.array_equal(*pair) for pair in zip(weights(network), weights(training.network), strict=True))


def test_loss_that_is_not_finite_stops_the_training_and_leaves_the_last_good_state(two_replicas, tmp_path):
    broken = True

    def assemble(source, target):
        inputs, targets, token_weights = toy_task.next_token(source, target)
        if broken and {row.tobytes() for row in targets} == {row.tobytes() for row in bad}:
            token_weights = token_weights * np.nan
        return inputs, targets, token_weights

    bad = np.zeros(0)
    train = batches(tmp_path / "train", 60, assemble)
    _, targets, weighted = next(islice(train.dataset().as_numpy_iterator(), 6, None))  # of step 7, filled up
    bad = targets[weighted.any(axis=1)]
    validation = batches(tmp_path / "validation", 10, seed=1).one_epoch()

    def train_to(steps):
        return fit(toy_task.Bigrams, train, validation, options(steps=steps, interval=3), tmp_path)

    for _ in range(2):  # the second resumes from step 6
        with pytest.raises(
            FloatingPointError, match=r"loss=nan.* at step 7\..*learning_rate.* state at step 6 is kept"
        ):
            train_to(9)
        assert [row["step"] for row in json.loads((tmp_path / "history.json").read_text())] == [3, 6]
    broken = False
    network, history = train_to(9)
    assert [row["step"] for row in history] == [3, 6, 9]
    assert all(np.isfinite(weight).all() for weight in weights(network))


@pytest.mark.parametrize("interval", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_weights_that_are_not_finite_are_not_kept(two_replicas, tmp_path, interval):
    train = batches(tmp_path / "train", 20)
    wild = options(steps=10, interval=interval, learning_rate=1e38, warmup_steps=0, ema_decay=0.0)
    with pytest.raises(FloatingPointError, match=r"learning_rate.* Nothing was kept") as error:
        fit(toy_task.Bigrams, train, train.one_epoch(), wild, tmp_path)
    assert "float32" not in str(error.value)  # it is in use
    assert not (tmp_path / "checkpoints" / "best").exists()
    assert not (tmp_path / "history.json").exists()


@pytest.mark.slow
def test_the_rate_is_reduced_without_improvement_and_restored(two_replicas, tmp_path):
    train = batches(tmp_path / "train", 60)

    def rates(steps):
        standstill = options(
            steps=steps, interval=2, learning_rate=1e-30, warmup_steps=0, schedule="plateau", plateau_patience=1
        )
        _, history = fit(toy_task.Bigrams, train, train.one_epoch(), standstill, tmp_path)
        return [row["learning_rate"] for row in history]

    assert rates(6) == pytest.approx([1e-30, 1e-30, 5e-31])  # the first validation is better than none
    assert rates(8)[3:] == pytest.approx([2.5e-31])


def test_the_mean_of_recent_weights_is_kept_if_it_is_better(two_replicas, tmp_path, capsys):
    train = batches(tmp_path / "train", 60)
    wild = options(steps=9, interval=3, learning_rate=5.0, warmup_steps=0, schedule="constant", ema_decay=0.0)
    wild = replace(wild, average_checkpoints=2, clip_norm=0.0)
    network, history = fit(toy_task.Bigrams, train, train.one_epoch(), wild, tmp_path)
    kept = validate(network, train.one_epoch())["loss"]
    assert f"mean of the recent weights: val loss {kept:.4f}, kept as the best" in capsys.readouterr().out
    assert kept < min(row["val_loss"] for row in history)


@pytest.mark.slow
def test_the_average_starts_at_the_weights_that_are_set(two_replicas, tmp_path):
    train = batches(tmp_path / "train", 60)
    still = options(steps=3, interval=3, learning_rate=1e-30, warmup_steps=0)
    network, _ = fit(
        toy_task.Bigrams,
        train,
        train.one_epoch(),
        still,
        tmp_path,
        initialise=lambda network: network.table.assign(TABLE),
    )
    np.testing.assert_allclose(network.table.numpy(), TABLE, rtol=0, atol=1e-20)


@pytest.mark.slow
def test_weights_are_set_once_and_a_resumed_training_has_its_own_state(two_replicas, tmp_path):
    train = batches(tmp_path / "train", 60)
    calls = []

    def train_to(steps, rate):
        def initialise(network):
            calls.append(steps)
            network.table.assign(TABLE)

        until = options(steps=steps, interval=3, learning_rate=rate, warmup_steps=0, schedule="constant", ema_decay=0.0)
        return fit(toy_task.Bigrams, train, train.one_epoch(), until, tmp_path, initialise)

    first, _ = train_to(3, rate=0.1)
    second, history = train_to(6, rate=1e-30)
    assert calls == [3]
    assert len(history) == 2
    assert not np.array_equal(first.table.numpy(), TABLE)
    np.testing.assert_allclose(second.table.numpy(), first.table.numpy(), rtol=0, atol=1e-20)


def start_child(folder, state=0, countdown=0):
    script = Path(__file__).with_name("killed_training.py")
    return subprocess.Popen([sys.executable, script, folder, str(state), str(countdown)], stderr=subprocess.PIPE)


def finish(child, status):
    errors = child.communicate()[1].decode()
    assert child.returncode == status, errors


def checkpoint(folder):
    reader = tf.train.load_checkpoint(str(folder))
    names = reader.get_variable_to_shape_map()
    return {name: reader.get_tensor(name) for name in names if not any(word in name for word in NOT_COMPARED)}


@pytest.mark.slow
def test_killed_training_ends_with_the_weights_of_one_that_was_not(tmp_path):
    """Killed between two evaluations, after the second of five."""
    alive, killed = tmp_path / "alive", tmp_path / "killed"
    uninterrupted = start_child(alive)
    finish(start_child(killed, state=2, countdown=3), -signal.SIGKILL)
    assert 2 <= len(json.loads((killed / "history.json").read_text())) < 5
    finish(start_child(killed), 0)
    finish(uninterrupted, 0)

    histories = [json.loads((folder / "history.json").read_text()) for folder in (alive, killed)]
    rows = [[{key: row[key] for key in row.keys() - TIMINGS} for row in history] for history in histories]
    assert len(rows[0]) == 5
    assert rows[0] == rows[1]
    for kind in ("last", "best"):
        expected, actual = (checkpoint(folder / "checkpoints" / kind) for folder in (alive, killed))
        assert any("weights" in name for name in expected)
        assert expected.keys() == actual.keys()
        different = [name for name in expected if not np.array_equal(expected[name], actual[name])]
        assert not different


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "network"),
    [("recompute", partial(toy_task.transformer, dropout=0.3)), ("xla", toy_task.lstm)],
    ids=["recompute", "xla"],
)
def test_a_mode_trains_the_same_weights(mode, network, two_replicas, tmp_path):
    data = batches(tmp_path / "train", 40, toy_task.seq2seq)
    validation = batches(tmp_path / "validation", 20, toy_task.seq2seq, seed=1).one_epoch()
    networks = []
    for given in (False, True):
        # Adam would turn rounding errors, such as the gradient of a key's bias, into full steps.
        chosen = options(steps=2, interval=2, optimizer="sgd", **{mode: given})
        networks.append(fit(network, data, validation, chosen, tmp_path / str(given))[0])
    for one, other in zip(*map(weights, networks), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5)
    for trained, given in zip(networks, (False, True), strict=True):
        has = [layer for layer in sublayers(trained) if hasattr(layer, mode)]
        assert has and all(getattr(part, mode) == given for part in has)


@pytest.mark.parametrize("mode", ["recompute", "xla"])
def test_a_mode_that_no_layer_has_is_refused(mode, two_replicas, tmp_path):
    data = batches(tmp_path / "train", 8)
    with pytest.raises(ValueError, match=rf"training.{mode} with .*Received: .*network=Bigrams"):
        fit(toy_task.Bigrams, data, data.one_epoch(), options(steps=1, **{mode: True}), tmp_path / "run")


def test_nothing_is_traced_again_after_the_first_evaluation(two_replicas, tmp_path):
    class Counting(toy_task.Bigrams):
        calls = 0  # of Python code, which only tracing runs

        def call(self, inputs, training=None):
            type(self).calls += 1
            return super().call(inputs, training)

    data = batches(tmp_path / "train", 60)
    assert len({tuple(inputs.shape) for inputs, *_ in data.one_epoch()}) > 1
    counts = []
    for epochs in (1, 3):
        Counting.calls = 0
        fit(Counting, data, data.one_epoch(), options(epochs=epochs), tmp_path / str(epochs))
        counts.append(Counting.calls)
    assert counts[0] == counts[1] > 0
