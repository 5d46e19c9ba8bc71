"""Each task trained by two processes, as by two replicas of one."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SIZES = {"num_layers": 1, "d_model": 8, "num_heads": 2, "feed_forward_dim": 8, "dropout": 0, "attention_dropout": 0}
STEPS = ["--training.steps", "20", "--training.interval", "10", "--training.batch_tokens", "256"]
OF_CLOCKS = ("seconds", "tokens_per_second", "windows_per_second", "measurements_per_second")
WORDS = ["red", "tall", "old", "house", "river", "bird", "walks", "sings", "by", "near", "the", "a"]


def sentences(count):
    draw = random.Random(7)
    return [" ".join(draw.choices(WORDS, k=draw.randint(3, 8))) for _ in range(count)]


def write(name, head, rows):
    Path(name).write_text("\n".join([head, *rows]) + "\n")


def translation():
    texts = sentences(120)
    write("pairs.tsv", "source\ttarget", [f"{one}\t{' '.join(reversed(one.split()))}" for one in texts])
    return ["--data", "pairs.tsv", "--vocabulary_size", "300", "--transformer.activation_dropout", "0"]


def summarization():
    write("reports.tsv", "document\tsummary", [f"{one}. {one}.\t{one.split()[0]}" for one in sentences(120)])
    return ["--data", "reports.tsv", "--vocabulary_size", "300"]


def classification():
    write("opinions.csv", "text,label", [f"{one},{'up' if 'bird' in one else 'down'}" for one in sentences(160)])
    return ["--data", "opinions.csv"]


def question_answering():
    return ["--examples", "300", "--model", "transformer"]


def forecasting():
    rows = [f"2024-01-{1 + hour // 24:02} {hour % 24:02}:00,{hour % 24 + (hour * 7919) % 5}" for hour in range(700)]
    write("load.csv", "time,load", rows)
    return ["--data", "load.csv", "--model", "transformer"]


def recommendation():
    return ["--users", "200"]


def clinical():
    return ["--stays", "200", "--transformer.event_dropout", "0"]


TASKS = (translation, summarization, classification, question_answering, forecasting, recommendation, clinical)


def fit(task, name, *options):
    command = [sys.executable, "-m", "tfmodels", "fit", task, "--run", name, *options]
    root = str(Path(__file__).parents[3])
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": root}, capture_output=True, text=True, timeout=550)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    rows = json.loads(Path("runs", name, "history.json").read_text())
    return [{key: value for key, value in row.items() if key not in OF_CLOCKS} for row in rows]


@pytest.mark.parametrize("make", TASKS, ids=lambda make: make.__name__)
def test_two_workers_train_as_two_replicas(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    sizes = [word for name, size in SIZES.items() for word in (f"--transformer.{name}", str(size))]
    options = [*make(), *sizes, *STEPS]
    alone = fit(make.__name__, "alone", *options, "--training.replicas", "2")
    together = fit(make.__name__, "together", *options, "--workers", "2")
    assert len(alone) == 2
    for expected, row in zip(alone, together, strict=True):
        assert row == pytest.approx(expected, rel=1e-4, abs=1e-6)
    report = json.loads(Path("runs", "together", "report.json").read_text())
    assert report["command"].endswith("--workers 2")
