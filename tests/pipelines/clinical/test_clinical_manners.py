"""From measurements to served answers, by the commands."""

import contextlib
import io
import json

import pytest
from running_server import running
from small_stays import TEXTS

import pipelines
from pipelines import runs
from pipelines.cli import main
from tfmodels import serving

SMALL = ["--num_layers", "1", "--d_model", "8", "--num_heads", "2", "--feed_forward_dim", "8"]


def fit_with(name, *options, model="transformer"):
    """Trains on `events.csv` by the command; its exit status and what it printed."""
    data = ["--data", "events.csv", "--labels_file", "labels.csv", "--labels", "died", "--static_variables", "Age,sex"]
    sizes = {"transformer": SMALL, "lstm": ["--d_model", "8"]}[model]
    sizes = [f"--{model}.{one[2:]}" if one.startswith("--") else one for one in sizes]
    steps = ["--steps", "40", "--interval", "20", "--batch_tokens", "512", "--learning_rate", "0.02"]
    steps = [f"--training.{one[2:]}" if one.startswith("--") else one for one in steps]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main.main(["fit", "clinical", "--run", name, "--model", model, *data, *sizes, *steps, *options])
    return status, printed.getvalue()


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
