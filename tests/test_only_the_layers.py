"""The scripts of docs/only_the_layers.md, each as it is printed there."""

import re
from pathlib import Path

import keras
import pytest

PAGE = Path(__file__).parents[1] / "docs" / "only_the_layers.md"


def script(chapter):
    """The code of a chapter."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {chapter}\n")[2]
    return compile(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], chapter, "exec")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Scripts that come later open what others wrote."""
    return tmp_path_factory.mktemp("scripts")


@pytest.fixture
def run(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def run(chapter):
        names: dict = {}
        exec(script(chapter), names)
        return names

    return run


@pytest.fixture
def briefly(monkeypatch):
    """`fit` sees some rows once."""
    fit = keras.Model.fit

    def one_epoch(self, x, y=None, **kwargs):
        if y is None:  # the trainer of this package
            return fit(self, x, **kwargs)
        return fit(self, keras.tree.map_structure(lambda rows: rows[:40], x), y[:40], **kwargs | {"epochs": 1})

    monkeypatch.setattr(keras.Model, "fit", one_epoch)


@pytest.mark.slow  # two minutes: whole models are trained, saved, exported and opened
def test_the_scripts_train_log_save_export_and_open(run, briefly, folder, capsys):
    for chapter in ("A Transformer", "An LSTM with attention", "A whole model"):
        run(chapter)
    assert list((folder / "logs" / "validation").glob("events*"))
    assert all((folder / name / "1" / "saved_model.pb").is_file() for name in ("transformer", "forecaster"))
    capsys.readouterr()
    run("In another process")
    files = [line.split(".")[0] for line in capsys.readouterr().out.splitlines()]
    assert files == ["transformer", "lstm", "forecaster"]


def test_the_trainer_takes_a_loss_a_metric_and_callbacks(run, folder, one_replica):
    with one_replica():
        history = run("The trainer of this package")["history"]
    assert [row["step"] for row in history] == [10, 20]
    assert 0 <= history[-1]["val_among_three"] <= 1
    assert list((folder / "board" / "train").glob("events*"))


@pytest.mark.slow
def test_the_transformer_learns(run):
    assert run("A Transformer")["model"].history.history["val_accuracy"][-1] > 0.9


@pytest.mark.slow
def test_the_lstm_with_attention_learns(run):
    assert run("An LSTM with attention")["model"].history.history["val_accuracy"][-1] > 0.9


@pytest.mark.slow
def test_the_forecaster_learns(run):
    losses = run("A whole model")["model"].history.history["loss"]
    assert losses[-1] < losses[0] / 2
