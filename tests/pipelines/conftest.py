import sys

import pytest

SHOUT = '''"""Says a text louder.

Learns nothing.
"""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Options:
    """How to train.

    Attributes:
        steps: Number of updates.
        rate: Learning rate.
    """

    steps: int = 10
    rate: float = 0.1

    def __post_init__(self):
        if self.steps < 0:
            raise ValueError(f"Expected training.steps to be at least 0. Received: steps={self.steps}")


@dataclass(frozen=True)
class Voice:
    """How to answer.

    Attributes:
        echoes: Marks behind an answer.
    """

    echoes: int = 1


@dataclass(frozen=True)
class Config:
    """Options of the task.

    Attributes:
        data: Folder of the data.
        languages: From and to.
        mark: What to end with.
        voice: How to answer.
        training: How to train.
    """

    data: str | None = None
    languages: tuple[str, str] = ("en", "de")
    mark: str = "!"
    voice: Voice = field(default_factory=Voice, metadata={"after_training": True})
    training: Options = field(default_factory=lambda: Options(steps=20))


def prepare(config, run):
    if config.data == "missing":
        raise FileNotFoundError("Expected a folder of data. Received: data='missing'")
    (run.assets / "prepared").touch()


def fit(config, run):
    from pipelines import runs

    if config.data == "broken":
        raise RuntimeError("broken")
    if config.data == "stopped":
        raise KeyboardInterrupt
    (run.path / "trained").write_text(f"{config.training.steps} {runs.command_line()}")


def evaluate(config, run, split):
    from pipelines.runs.report import Report
    from pipelines.runs import command_line

    return Report(
        task="shout", model="Shouter", split=split, primary={"metric": "volume", "higher_is_better": True},
        metrics={"volume": 2.0 + config.voice.echoes}, baselines={"whisper": {"volume": 1.0}}, seed=1, parameters=0,
        train_seconds=0.0, command=command_line(),
    )


def endpoints(config, run):
    import tensorflow as tf

    from pipelines import Servable
    from tfmodels.export import Endpoint

    def shout(text):
        mark = tf.constant(config.mark * config.voice.echoes)
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        loud = tf.strings.upper(text, encoding="utf-8") + mark
        return {"text": loud, "length": tf.strings.length(text), "halves": tf.stack([text, loud], axis=1)}

    def with_options(text, times):
        return {"volume": tf.cast(tf.strings.length(text), tf.float32) * times}

    text = tf.TensorSpec([None], tf.string, name="text")
    times = tf.TensorSpec([None], tf.float32, name="times")
    return Servable(
        [Endpoint("serving_default", (text,), shout), Endpoint("with_options", (text, times), with_options)],
        [],
        {"serving_default": {"text": ["hello", ""]}, "with_options": {"text": ["a", "b"], "times": [1.0, 2.0]}},
        {"task": run.task, "columns": ["text"]},
    )


def requests(path, card):
    return path.read_text().splitlines()


def answers(path, rows, outputs, card):
    path.write_text("".join(json.dumps(output) + "\\n" for output in outputs))


def explain(config, run, row):
    from pipelines import Explanation

    return Explanation({"length": len(row) + config.voice.echoes - 1}, {"picture": lambda path: path.write_text(row)})
'''

REPEAT = '''"""Repeats tokens."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tfmodels.training import Options


@dataclass(frozen=True)
class Config:
    """Options of the task.

    Attributes:
        width: Of the states.
        training: How to train.
    """

    width: int = 8
    training: Options = field(default_factory=lambda: Options(
        steps=4, interval=2, batch_tokens=64, learning_rate=1e-2, warmup_steps=1, replicas=2
    ))


def prepare(config, run):
    from tfmodels import training

    training.replicas(config.training.replicas)
    random = np.random.default_rng(1)

    def column():
        lengths = random.integers(1, 9, 60)
        return random.integers(4, 13, lengths.sum()), lengths

    training.TokenRows.write(run.assets / "train", [{"source": column(), "target": column()}])


def datasets(config, run):
    from tfmodels import training

    options = config.training
    rows = training.TokenRows(run.assets / "train")
    return {"train": training.TokenBatches(
        rows, options.batch_tokens, training.replicas(options.replicas), options.seed, element
    )}


def element(source, target):
    return target, target, (target != 0).astype(np.float32)


def model(config, run):
    import keras

    return keras.Sequential([
        keras.layers.Embedding(13, config.width), keras.layers.Dropout(0.1), keras.layers.Dense(13)
    ])


def fit(config, run):
    from tfmodels import training

    batches = datasets(config, run)["train"]
    training.fit(partial(model, config, run), batches, batches.one_epoch(), config.training, run.path)
'''


@pytest.fixture
def shout(tmp_path, monkeypatch):
    """The path of a task that needs no training, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
    path = tmp_path / "shout.py"
    path.write_text(SHOUT)
    return str(path)


@pytest.fixture
def repeat(two_replicas, tmp_path, monkeypatch):
    """The path of a user's task, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
    path = tmp_path / "repeat.py"
    path.write_text(REPEAT)
    return str(path)
