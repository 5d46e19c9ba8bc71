"""From events to served answers, by the commands."""

import json
import sys

import numpy as np
import pytest
from command_line import command
from killed_fit import killed_and_whole
from running_server import running

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.sources.files import row_files
from tfmodels import serving
from tfmodels.training.optimization import precision

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


def words_of(name, model="transformer", steps=40):
    """The command that trains on `events.csv`."""
    data = ["--data", "events.csv", "--item_table", "items.csv", "--time_gaps", "true", "--context_columns", "kind"]
    data += ["--user_table", "users.csv"]
    sizes = ["--max_length", "4", "--answers.k", "3", "--baselines", "fast", f"--{model}.d_model", "8"]
    steps = ["--steps", str(steps), "--interval", "20", "--batch_tokens", "128", "--learning_rate", "0.02"]
    steps = [f"--training.{one[2:]}" if one.startswith("--") else one for one in steps]
    return ["fit", "recommendation", "--run", name, "--model", model, *data, *sizes, *steps]


def fit_with(name, *options, model="transformer"):
    """Trains by the command; its exit status and what it printed."""
    return command(*words_of(name, model), *options)


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
def test_a_killed_training_goes_on_as_if_it_had_not_been(one_replica):
    names = killed_and_whole(words_of("killed", "lstm", steps=400), one_replica)
    answers = (pipelines.load(name).predict(asked()) for name in names)
    for mine, theirs in zip(*answers, strict=True):
        assert mine["items"] == theirs["items"] and mine["scores"] == pytest.approx(theirs["scores"], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_replicas_half_precision_and_small_weights(one_replica, two_replicas, monkeypatch, model):
    """Without dropout of ids, sides and states, which replicas draw for themselves."""
    plain = ["--id_dropout", "0", f"--{model}.dropout", "0", "--time_gaps", "false"]
    plain += ["--context_columns", "", "--user_table", ""]
    plain += ["--transformer.attention_dropout", "0"] if model == "transformer" else []
    with one_replica():
        status, printed = fit_with(f"one {model}", *plain, model=model)
    assert status == 0, printed
    assert fit_with(f"two {model}", *plain, model=model)[0] == 0
    one, two = (runs.load(f"{name} {model}") for name in ("one", "two"))
    for alone, together in zip(one.history, two.history, strict=True):
        assert alone["val_nats"] == pytest.approx(together["val_nats"], rel=1e-2)
    monkeypatch.setattr(precision, "_processor_flags", lambda: {"bf16"})  # slow on others, not wrong
    status, printed = fit_with(f"half {model}", "--training.precision", "bfloat16", model=model)
    assert status == 0, printed
    assert fit_with(f"whole {model}", model=model)[0] == 0
    half, whole = (runs.load(f"{name} {model}").history[-1]["val_nats"] for name in ("half", "whole"))
    assert half == pytest.approx(whole, rel=0.05)
    for weights in ("int8", "bfloat16"):
        folder = f"saved_models/{weights}-{model}"
        assert main.main(["export", f"one {model}", "--weights", weights, "--to", folder]) == 0
        plain_rows = [{"items": one} for one in HISTORIES]
        answers = (pipelines.load(name).predict(plain_rows) for name in (f"one {model}", folder))
        for mine, theirs in zip(*answers, strict=True):
            assert mine["scores"] == pytest.approx(theirs["scores"], abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_a_server_answers_as_the_export(one_replica, checks_in_this_process, model):
    with one_replica():
        assert fit_with(f"served-{model}", model=model)[0] == 0
    assert main.main(["export", f"served-{model}"]) == 0
    assert main.main(["check", f"saved_models/served-{model}"]) == 0
    expected = pipelines.load(f"saved_models/served-{model}").predict(asked())
    columns = {name: [row[name] for row in asked()] for name in asked()[0]}
    with running("saved_models") as server, serving.Client(f"{server.rest}/v1/models/served-{model}") as client:
        found = client.predict(**columns)
        lines = client.predict("lines", items=[f"{ITEMS[3]}\t1\ta\n{ITEMS[4]}\t1\tb"])
        unknown = client.predict(**{**columns, "age": np.full(3, np.nan, np.float32)})
    assert texts(found["items"]) == [row["items"] for row in expected]
    np.testing.assert_allclose(found["scores"], [row["scores"] for row in expected], atol=1e-5)
    np.testing.assert_allclose(lines["scores"][0], unknown["scores"][0], atol=1e-5)  # no line says who the user is
    assert found["known"].tolist() == [2, 1, 0]
