"""Trainings that are stopped, and served answers, by the commands."""

import json
import sys

import numpy as np
import pytest
from command_line import command
from running_server import running

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.sources.files import row_files
from tfmodels import serving

ITEMS = [f"part {number}, ü" for number in range(12)]
HISTORIES = [["", "", ITEMS[3], ITEMS[4]], ["nobody has it", "", ITEMS[7], ""], [""] * 4]


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory of all tests here; in `events.csv` each item is followed by the next one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        rows = [
            [f"user {user}", ITEMS[(user + step) % len(ITEMS)], 1_700_000_000 + 3600 * step, "ab"[step % 2]]
            for user in range(60)
            for step in range(4 + user % 4)
        ]
        row_files.write("events.csv", ["user", "item", "time", "kind"], rows)
        row_files.write("items.csv", ["item", "title"], [[item, f"A {item}"] for item in ITEMS])
        row_files.write("users.csv", ["user", "age"], [[f"user {user}", 20 + user % 7] for user in range(60)])
        yield


def fit_with(name, *options, model="transformer"):
    """Trains on `events.csv` by the command; its exit status and what it printed."""
    data = ["--data", "events.csv", "--item_table", "items.csv", "--time_gaps", "true", "--context_columns", "kind"]
    sizes = ["--max_length", "4", "--answers.k", "3", "--baselines", "fast", f"--{model}.d_model", "8"]
    steps = ["--steps", "40", "--interval", "20", "--batch_tokens", "128", "--learning_rate", "0.02"]
    steps = [f"--training.{one[2:]}" if one.startswith("--") else one for one in steps]
    return command("fit", "recommendation", "--run", name, "--model", model, *data, *sizes, *steps, *options)


def texts(rows):
    return [[item.decode() for item in row] for row in rows]


def asked():
    beside = {"hours_ago": [3.0, 2.0, 1.0, 1.0], "kind": ["a", "b", "a", "b"]}
    return [{"items": one, "age": age, **beside} for one, age in zip(HISTORIES, (20.0, 23.0, 26.0), strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_a_training_that_is_stopped_ends_as_one_that_is_not(one_replica, monkeypatch, model):
    from tfmodels.training.callbacks import saving

    def stopped(self, *arguments):
        original(self, *arguments)
        raise KeyboardInterrupt

    original = saving.Saving.on_epoch_end
    with one_replica():
        assert fit_with(f"whole {model}", model=model)[0] == 0
        with monkeypatch.context() as patch:
            patch.setattr(saving.Saving, "on_epoch_end", stopped)
            assert fit_with(f"stopped {model}", model=model)[0] == 130
        assert fit_with(f"stopped {model}", model=model)[0] == 0
    whole, resumed = (runs.load(f"{name} {model}") for name in ("whole", "stopped"))
    for one, other in zip(whole.history, resumed.history, strict=True):
        assert (one["val_loss"], one["train_loss"]) == (other["val_loss"], other["train_loss"])
    first, second = (json.loads((run.path / "report.json").read_text())["metrics"] for run in (whole, resumed))
    assert first == second


@pytest.mark.slow
def test_a_server_answers_as_the_export(one_replica, checks_in_this_process):
    with one_replica():
        assert fit_with("served", "--user_table", "users.csv")[0] == 0
    assert main.main(["export", "served"]) == 0
    assert main.main(["check", "saved_models/served"]) == 0
    expected = pipelines.load("saved_models/served").predict(asked())
    columns = {name: [row[name] for row in asked()] for name in asked()[0]}
    with running("saved_models") as server, serving.Client(f"{server.rest}/v1/models/served") as client:
        found = client.predict(**columns)
        lines = client.predict("lines", items=[f"{ITEMS[3]}\t1\ta\n{ITEMS[4]}\t1\tb"])
        unknown = client.predict(**{**columns, "age": np.full(3, np.nan, np.float32)})
    assert texts(found["items"]) == [row["items"] for row in expected]
    np.testing.assert_allclose(found["scores"], [row["scores"] for row in expected], atol=1e-5)
    np.testing.assert_allclose(lines["scores"][0], unknown["scores"][0], atol=1e-5)  # no line says who the user is
    assert found["known"].tolist() == [2, 1, 0]
