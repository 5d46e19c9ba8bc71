import errno
import json
import os

import keras
import numpy as np
import pytest
import toy_task

from tfmodels.training import AdamW, Checkpoints, Trainer, restore_best, smoothed_cross_entropy


def make_trainer(seed=0):
    """Each variable is random, dropout's count of draws included."""
    network = toy_task.Bigrams(dropout=0.5)
    trainer = Trainer(network, smoothed_cross_entropy)
    trainer.compile(optimizer=AdamW(weight_decay=0.1, average_decay=0.9))
    trainer.optimizer.build(network.trainable_variables)
    random = np.random.default_rng(seed)
    for variable in [*network.variables, *trainer.optimizer.variables]:
        variable.assign(random.integers(1, 1000, variable.shape))
    return trainer


def values(variables):
    return [variable.numpy() for variable in variables]


def assert_equal(actual, expected):
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def checkpoints(folder, trainer):
    return Checkpoints(folder / "checkpoints", trainer, folder / "history.json")


def save(state, *val_losses):
    """Evaluations, of which those that are better leave their weights first, as in a training."""
    for val_loss in val_losses:
        state.save_best(val_loss)
        state.save({"val_loss": val_loss})


def test_everything_is_restored(tmp_path):
    saved, restored = make_trainer(), make_trainer(seed=1)
    save(checkpoints(tmp_path, saved), 3.0, 2.0)
    state = checkpoints(tmp_path, restored)
    assert state.restore() == 2
    assert state.history == [{"val_loss": 3.0}, {"val_loss": 2.0}]
    assert_equal(values(restored.optimizer.variables), values(saved.optimizer.variables))
    assert len(saved.network.variables) > len(saved.network.weights)  # the seed of dropout
    assert_equal(values(restored.network.variables), values(saved.network.variables))


def test_the_last_state_is_the_one_restored(tmp_path):
    trainer = make_trainer()
    state = checkpoints(tmp_path, trainer)
    save(state, 3.0)
    trainer.network.set_weights([np.full_like(weight, 7) for weight in trainer.network.get_weights()])
    save(state, 2.0)
    restored = make_trainer(seed=1)
    checkpoints(tmp_path, restored).restore()
    assert all((weight == 7).all() for weight in restored.network.get_weights())


def test_nothing_to_restore(tmp_path):
    trainer = make_trainer()
    before = values(trainer.network.variables)
    state = checkpoints(tmp_path, trainer)
    assert state.restore() == 0
    assert state.best is None
    assert state.evaluations_without_improvement == 0
    assert_equal(values(trainer.network.variables), before)
    assert not (tmp_path / "history.json").exists()


@pytest.mark.parametrize(
    ("val_losses", "best", "without_better"),
    [([3.0], 3.0, 0), ([3.0, 2.0], 2.0, 0), ([3.0, 1.0, 2.0, 2.0], 1.0, 2), ([2.0, 2.0, 2.0], 2.0, 2)],
)
def test_best_is_the_first_of_the_lowest_losses(tmp_path, val_losses, best, without_better):
    state = checkpoints(tmp_path, make_trainer())
    save(state, *val_losses)
    assert state.best == {"val_loss": best}
    assert state.evaluations_without_improvement == without_better


def test_best_weights_are_those_of_the_lowest_loss(tmp_path):
    trainer = make_trainer()
    state = checkpoints(tmp_path, trainer)
    weights = {}
    for val_loss, better in ((3.0, True), (1.0, True), (2.0, False), (1.0, False)):
        trainer.network.set_weights([weight + 1 for weight in trainer.network.get_weights()])
        assert state.save_best(val_loss) is better
        save(state, val_loss)
        weights.setdefault(val_loss, trainer.network.get_weights())
    network = make_trainer(seed=1).network
    restore_best(tmp_path / "checkpoints", network)
    assert_equal(network.get_weights(), weights[1.0])


def test_better_weights_never_overwrite_those_they_replace(tmp_path):
    for number, val_loss in enumerate([3.0, 2.0], start=1):  # the second after a restart
        state = checkpoints(tmp_path, make_trainer())
        state.restore()
        state.save_best(val_loss)
        save(state, val_loss)
        assert [path.name for path in tmp_path.glob("checkpoints/best/*.index")] == [f"ckpt-{number}.index"]


def test_the_mean_of_recent_weights_is_lent_and_given_back(tmp_path):
    trainer = make_trainer()
    for value in (1.0, 5.0, 2.0):
        state = Checkpoints(tmp_path / "checkpoints", trainer, tmp_path / "history.json", recent=2)  # as if killed
        state.restore()
        trainer.network.set_weights([np.full_like(weight, value) for weight in trainer.network.get_weights()])
        save(state, 3.0)
    before = values(trainer.network.variables)
    with state.mean_of_recent():
        assert all((weight == 3.5).all() for weight in trainer.network.get_weights())
    assert_equal(values(trainer.network.variables), before)


def test_no_best_weights(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Received: none\. Run `tfmodels fit` first"):
        restore_best(tmp_path, keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))


def test_history_is_copied_at_each_save_and_renewed_when_a_kill_came_before_the_copy(tmp_path):
    state = checkpoints(tmp_path, make_trainer())
    for count, val_loss in enumerate([3.0, 2.0], start=1):
        save(state, val_loss)
        assert json.loads((tmp_path / "history.json").read_text()) == state.history
        assert len(state.history) == count
    (tmp_path / "history.json").write_text("[]")
    checkpoints(tmp_path, make_trainer()).restore()
    assert json.loads((tmp_path / "history.json").read_text()) == state.history


def test_history_is_whole_when_its_writing_is_cut_short(tmp_path, monkeypatch):
    state = checkpoints(tmp_path, make_trainer())
    save(state, 3.0)

    def cut_short(file):
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(os, "fsync", cut_short)
    with pytest.raises(OSError, match="disk full"):
        state._copy_history()
    assert json.loads((tmp_path / "history.json").read_text()) == [{"val_loss": 3.0}]
