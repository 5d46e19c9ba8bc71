"""From measurements to served answers, by the commands."""

import json
from pathlib import Path

import pytest
from command_line import command
from killed_fit import killed_and_whole
from running_server import running
from small_stays import TEXTS

import pipelines
from pipelines import runs
from pipelines.cli import main
from tfmodels import serving

SMALL = ["--num_layers", "1", "--d_model", "8", "--num_heads", "2", "--feed_forward_dim", "8"]


def words_of(name, model="transformer", label="died", steps=40):
    """The command that trains on `events.csv`."""
    data = ["--data", "events.csv", "--labels_file", "labels.csv", "--labels", label, "--static_variables", "Age,sex"]
    sizes = {"transformer": SMALL, "lstm": ["--d_model", "8"]}[model]
    sizes = [f"--{model}.{one[2:]}" if one.startswith("--") else one for one in sizes]
    steps = ["--steps", str(steps), "--interval", "20", "--batch_tokens", "512", "--learning_rate", "0.02"]
    steps = [f"--training.{one[2:]}" if one.startswith("--") else one for one in steps]
    return ["fit", "clinical", "--run", name, "--model", model, *data, *sizes, *steps]


def fit_with(name, *options, model="transformer", label="died"):
    """Trains by the command; its exit status and what it printed."""
    return command(*words_of(name, model, label), *options)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_a_training_that_is_stopped_ends_as_one_that_is_not(workplace, one_replica, monkeypatch, model):
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
def test_a_killed_training_goes_on_as_if_it_had_not_been(workplace, one_replica):
    names = killed_and_whole(words_of("killed", "lstm", steps=400), one_replica)
    rows = [{"events": text} for text in TEXTS]
    answers = [[one["probability"] for one in pipelines.load(of).predict(rows, "csv")] for of in names]
    assert answers[0] == pytest.approx(answers[1], rel=1e-4)


@pytest.mark.slow
def test_seeds_are_summed_up(workplace):
    status, printed = fit_with("seeded", "--seeds", "0,1")
    assert status == 0, printed
    found = json.loads(Path("runs/seeded-seeds.json").read_text())
    assert [one["run"] for one in found["runs"]] == ["seeded-seed-0", "seeded-seed-1"]
    of_runs = [one["metrics"]["auroc"] for one in found["runs"]]
    assert found["metrics"]["auroc"]["mean"] == pytest.approx(sum(of_runs) / 2)


@pytest.mark.slow
def test_runs_of_risks_are_compared(workplace):
    for model in ("transformer", "lstm"):
        status, printed = fit_with(f"compared-{model}", model=model)
        assert status == 0, printed
    status, printed = command("compare", "compared-transformer", "compared-lstm")
    assert status == 0, printed
    assert "auroc" in printed and "compared-transformer" in printed


@pytest.mark.slow
@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_replicas_half_precision_and_small_weights(workplace, one_replica, two_replicas, model):
    with one_replica():
        status, printed = fit_with(f"one {model}", model=model)
    assert status == 0, printed
    assert fit_with(f"two {model}", model=model)[0] == 0
    one, two = (runs.load(f"{name} {model}") for name in ("one", "two"))
    for alone, together in zip(one.history, two.history, strict=True):
        assert alone["val_loss"] == pytest.approx(together["val_loss"], rel=1e-3)
    status, printed = fit_with(f"half {model}", "--training.precision", "bfloat16", model=model)
    assert status == 0, printed
    assert runs.load(f"half {model}").history[-1]["val_loss"] == pytest.approx(one.history[-1]["val_loss"], rel=0.2)
    rows = [{"events": text} for text in TEXTS]
    for weights in ("int8", "bfloat16"):
        folder = f"saved_models/{weights}-{model}"
        assert main.main(["export", f"one {model}", "--weights", weights, "--to", folder]) == 0
        answers = (pipelines.load(name).predict(rows, "csv") for name in (f"one {model}", folder))
        for mine, theirs in zip(*answers, strict=True):
            assert mine["probability"] == pytest.approx(theirs["probability"], abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["transformer", "lstm"])
def test_a_server_answers_as_the_export(workplace, one_replica, checks_in_this_process, model):
    with one_replica():
        assert fit_with(f"served-{model}", model=model)[0] == 0
    assert main.main(["export", f"served-{model}"]) == 0
    assert main.main(["check", f"saved_models/served-{model}"]) == 0
    expected = pipelines.load(f"saved_models/served-{model}").predict([{"events": text} for text in TEXTS], "csv")
    with running("saved_models") as server, serving.Client(f"{server.rest}/v1/models/served-{model}") as client:
        found = client.predict("csv", events=TEXTS)
    assert found["probability"].tolist() == pytest.approx([one["probability"] for one in expected], abs=1e-5)
    assert found["observed"].tolist() == [one["observed"] for one in expected]
