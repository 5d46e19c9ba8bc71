import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.runs import option_names
from pipelines.runs.seeds import seed_runs

ROOT = Path(pipelines.__file__).parents[1]
GUESS = '''"""Guesses."""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """How to train.

    Attributes:
        steps: Number of updates.
        seed: Of the guess.
    """

    steps: int = 10
    seed: int = 1


@dataclass(frozen=True)
class Voice:
    """How to answer.

    Attributes:
        echoes: How often.
    """

    echoes: int = 1


@dataclass(frozen=True)
class Config:
    """Options of the task.

    Attributes:
        data: A file.
        voice: How to answer.
        training: How to train.
    """

    data: str = "data.txt"
    voice: Voice = field(default_factory=Voice, metadata={"after_training": True})
    training: Options = field(default_factory=Options)


def data_files(config):
    return [Path(config.data)]


def prepare(config, run):
    from pipelines.runs import data_fingerprints

    if not Path(config.data).is_file():
        raise FileNotFoundError(f"Expected a file. Received: data={config.data!r}")
    data_fingerprints.record(run, data_files)


def fit(config, run):
    from pipelines.runs import fitting

    with open("log.txt", "a") as log:
        log.write(f"{config.training.seed}\\n")
    weights = run.checkpoints / "best" / "w.index"
    weights.parent.mkdir(parents=True, exist_ok=True)
    weights.write_text(f"{config.training.seed} {config.training.steps}")
    if Path("stop").exists() and config.training.seed == 1:
        raise KeyboardInterrupt
    if Path("diverge").exists() and config.training.seed == 1:
        raise FloatingPointError("Expected a finite loss. Received: nan")
    fitting.publish(evaluate(config, run, "validation"), run)


def evaluate(config, run, split):
    from pipelines.runs import command_line
    from pipelines.runs.report import Report

    return Report(
        task="guess", model="Guesser", split=split, primary={"metric": "right", "higher_is_better": True},
        metrics={"right": float(config.training.seed * config.voice.echoes)}, baselines={"never": {"right": 0.5}},
        seed=config.training.seed, parameters=0, train_seconds=1.0, command=command_line(),
    )
'''


@pytest.fixture
def guess(tmp_path, monkeypatch):
    """A task whose runs are made at once, in this process; `log.txt` lists the seeds that were trained."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
    monkeypatch.setattr(seed_runs, "_status", lambda command: main.main(list(command)))
    Path("guess.py").write_text(GUESS)
    Path("data.txt").write_text("one")
    return "guess.py"


def trained():
    return Path("log.txt").read_text().split() if Path("log.txt").exists() else []


def test_a_run_for_each_seed_then_mean_and_spread(guess, capsys):
    assert main.main(["fit", guess, "--seeds", "3,0", "--run", "mine", "--training.steps", "5"]) == 0
    assert trained() == ["3", "0"]
    assert [runs.load(f"mine-seed-{seed}", guess).config.training.seed for seed in (3, 0)] == [3, 0]
    found = json.loads(Path("runs/mine-seeds.json").read_text())
    assert found["metrics"]["right"] == {"mean": 1.5, "spread": 4.5**0.5}
    command = "tfmodels fit guess.py --training.steps 5 --run mine-seed-3 --training.seed 3"
    assert found["runs"][0]["command"] == command
    printed = capsys.readouterr().out
    assert "Run 2 of 2: runs/mine-seed-0" in printed and command in printed
    assert "better than the best baseline in right: 1 of 2 runs" in printed
    assert "tfmodels evaluate mine-seed-3 mine-seed-0 [--split test] --task guess.py" in printed


@pytest.mark.parametrize("together", [False, True])
def test_an_ensemble_is_suggested_where_the_task_has_one(guess, capsys, together):
    Path(guess).write_text(GUESS + ("\n\ndef ensemble(members): ...\n" if together else ""))
    assert main.main(["fit", guess, "--seeds", "0,1"]) == 0
    assert ("tfmodels export guess-seed-0 guess-seed-1 --task guess.py" in capsys.readouterr().out) is together


def test_finished_runs_are_not_trained_again(guess, capsys):
    assert main.main(["fit", guess, "--seeds", "0,1"]) == 0
    assert main.main(["fit", guess, "--seeds", "0,1,2"]) == 0
    assert trained() == ["0", "1", "2"]
    assert "guess-seed-1, finished before" in capsys.readouterr().out


def test_the_same_command_goes_on_with_the_run_that_was_ended(guess, capsys):
    Path("stop").touch()
    assert main.main(["fit", guess, "--seeds", "0,1,2", "--overwrite"]) == 1
    assert "runs/guess-seed-1 was not trained to its end: exit status 130" in capsys.readouterr().err
    Path("stop").unlink()
    assert main.main(["fit", guess, "--seeds", "0,1,2", "--overwrite"]) == 0
    assert trained() == ["0", "1", "1", "2"]


def test_a_run_that_was_only_evaluated_is_not_taken_for_finished(guess):
    Path("stop").touch()
    main.main(["fit", guess, "--seeds", "1"])
    assert main.main(["evaluate", "guess-seed-1", "--task", guess]) == 0
    Path("stop").unlink()
    assert main.main(["fit", guess, "--seeds", "1"]) == 0
    assert trained() == ["1", "1"]


def test_others_go_on_where_one_diverges(guess, capsys):
    Path("diverge").touch()
    assert main.main(["fit", guess, "--seeds", "0,1,2"]) == 1
    assert trained() == ["0", "1", "2"]
    assert "runs/guess-seed-1 diverged, see above; runs/guess-seeds.json is of the others" in capsys.readouterr().err
    assert [one["seed"] for one in json.loads(Path("runs/guess-seeds.json").read_text())["runs"]] == [0, 2]


def test_wrong_data_ends_it_at_the_first_run(guess, capsys):
    assert main.main(["fit", guess, "--seeds", "0,1", "--data", "none.txt"]) == 2
    assert "Expected a file of data. Received: 'none.txt'" in capsys.readouterr().err
    assert not list(Path("runs").glob("*-seed*"))


def test_other_options_are_refused_before_any_work_or_replace_the_runs(guess, capsys):
    assert main.main(["fit", guess, "--seeds", "1"]) == 0
    changed = ["fit", guess, "--seeds", "0,1", "--training.steps", "7"]
    assert main.main(changed) == 2
    message = capsys.readouterr().err
    assert "training.steps: 10 in the run, 7 now" in message and "--run is what the names of all runs begin" in message
    assert trained() == ["1"]
    assert main.main([*changed, "--overwrite"]) == 0
    assert main.main([*changed, "--overwrite"]) == 0  # replaces only runs of other options
    assert trained() == ["1", "0", "1"]
    assert runs.load("guess-seed-1", guess).config.training.steps == 7


def test_options_after_the_training_are_reported_anew(guess):
    assert main.main(["fit", guess, "--seeds", "1,3"]) == 0
    assert main.main(["fit", guess, "--seeds", "1,3", "--voice.echoes", "2"]) == 0
    assert json.loads(Path("runs/guess-seeds.json").read_text())["metrics"]["right"]["mean"] == 4.0


def test_runs_of_changed_data_are_not_mixed(guess, capsys):
    assert main.main(["fit", guess, "--seeds", "0"]) == 0
    Path("data.txt").write_text("other, longer")
    assert main.main(["fit", guess, "--seeds", "1,0"]) == 2
    assert "Expected the data files that the run guess-seed-0 was prepared from" in capsys.readouterr().err
    assert trained() == ["0"]
    assert main.main(["fit", guess, "--seeds", "1,0", "--overwrite"]) == 0
    assert trained() == ["0", "1", "0"]


@pytest.mark.parametrize("damage", ["{", "[]", '{"runs": [{"run": 1}]}'])
def test_a_damaged_summary_is_written_anew(guess, damage):
    assert main.main(["fit", guess, "--seeds", "0"]) == 0
    Path("runs/guess-seeds.json").write_text(damage)
    assert main.main(["fit", guess, "--seeds", "0"]) == 0
    assert json.loads(Path("runs/guess-seeds.json").read_text())["metrics"]["right"]["mean"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "0,x"], "Expected --seeds to be whole numbers from 0 to 4294967295 with commas"),
        (["--seeds", "-1"], "Received: --seeds -1"),
        (["--seeds", "4294967296"], "Received: --seeds 4294967296"),
        (["--seeds", ""], "Expected --seeds to be whole numbers"),
        (["--seeds", "1,01"], "Expected each seed once. Received: --seeds 1,01"),
        (["--seeds", "0,1", "--training.seed=4"], "without --training.seed, which each run has for itself"),
        (["--seeds", "0,1", "--find_lr"], "without --find_lr"),
        (["--seeds", "0,1", "--dry_run"], "choose one with --training.seed"),
        (["--seeds", "0,1", "--run", "a/b"], "Received: run='a/b'"),
    ],
)
def test_mistakes_are_refused_before_any_work(guess, capsys, arguments, message):
    assert main.main(["fit", guess, *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("runs").exists()


def test_a_task_without_a_seed_is_refused(shout, capsys):
    assert main.main(["fit", shout, "--seeds", "0,1"]) == 2
    assert "Expected a task whose Config has `training.seed`" in capsys.readouterr().err


def test_several_runs_are_evaluated_into_their_reports_and_one_table(guess, capsys):
    main.main(["fit", guess, "--seeds", "0,1"])
    capsys.readouterr()
    runs_of_it = ["guess-seed-0", "guess-seed-1"]
    assert main.main(["evaluate", *runs_of_it, "--split", "test", "--task", guess]) == 0
    assert all((Path("runs") / name / "report.test.json").is_file() for name in runs_of_it)
    assert "guess: Guesser on the test split, 2 runs" in capsys.readouterr().out
    assert main.main(["evaluate", runs_of_it[0], runs_of_it[0], "--task", guess]) == 2
    assert "Expected different runs. Received: guess-seed-0 twice" in capsys.readouterr().err


def test_options_are_left_out_with_their_values():
    words = ["--run", "a", "--training.steps", "3", "--seeds=0,1", "--overwrite", "--run=b", "--mark", "--"]
    assert option_names.without(words, ("run", "seeds", "overwrite")) == ["--training.steps", "3", "--mark", "--"]


@pytest.mark.slow
def test_what_is_trained_for_a_seed_is_what_fit_trains_with_it(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    small = ["--transformer.d_model", "16", "--transformer.feed_forward_dim", "16", "--examples", "300"]
    command = ["fit", "translation", *small, "--training.steps", "6", "--training.interval", "3"]
    assert main.main([*command, "--seeds", "5,2"]) == 0
    alone = [*command, "--run", "alone", "--training.seed", "2"]
    assert subprocess.call([sys.executable, "-m", "tfmodels", *alone], env=os.environ | {"PYTHONPATH": str(ROOT)}) == 0
    both = [runs.load(name) for name in ("alone", "translation-seed-2")]
    assert len({run.weights_digest for run in both}) == 1 and both[0].weights_digest
    assert [row["val_loss"] for row in both[0].history] == [row["val_loss"] for row in both[1].history]
    assert "Run 2 of 2: runs/translation-seed-2, about 0:" in capfd.readouterr().out
