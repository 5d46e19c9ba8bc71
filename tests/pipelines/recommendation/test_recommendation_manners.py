"""Trainings that are stopped, by the commands."""

import contextlib
import io
import json
import sys

import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.sources.files import row_files

ITEMS = [f"part {number}, ü" for number in range(12)]


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
        yield


def fit_with(name, *options, model="transformer"):
    """Trains on `events.csv` by the command; its exit status and what it printed."""
    data = ["--data", "events.csv", "--item_table", "items.csv", "--time_gaps", "true", "--context_columns", "kind"]
    sizes = ["--max_length", "4", "--answers.k", "3", "--baselines", "fast", f"--{model}.d_model", "8"]
    steps = ["--steps", "40", "--interval", "20", "--batch_tokens", "128", "--learning_rate", "0.02"]
    steps = [f"--training.{one[2:]}" if one.startswith("--") else one for one in steps]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main.main(["fit", "recommendation", "--run", name, "--model", model, *data, *sizes, *steps, *options])
    return status, printed.getvalue()


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
