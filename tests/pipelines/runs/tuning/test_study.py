"""Studies whose trainings are made up, and a figure of them."""

import json
import math
import sys
import threading
from pathlib import Path

import pytest

from pipelines.classification import task as classification
from pipelines.runs.starting import run_lock
from pipelines.runs.tuning import search_figure, search_result, search_space, study, trial_run
from pipelines.runs.tuning.search_figure import Tried
from pipelines.runs.tuning.study import Plan
from pipelines.runs.tuning.trial_run import Outcome


@pytest.fixture(autouse=True)
def trained(tmp_path, monkeypatch):
    """The commands that were run; the loss of a training is its learning rate, and it is evaluated four times."""
    monkeypatch.chdir(tmp_path)
    commands, lock = [], threading.Lock()

    def train(path, command, evaluated):
        with lock:
            commands.append(command)
        rate = float(command[command.index("--training.learning_rate") + 1])
        if rate > 0.9:
            return Outcome(None, failure="it diverged")
        for step in range(1, 5):
            if evaluated(step, rate + 1 / step):
                return Outcome(rate + 1 / step, pruned=True)
        return Outcome(rate)

    monkeypatch.setattr(trial_run, "train", train)
    return commands


def planned(trials=6, prune=False, search="training.learning_rate=0.1..0.8"):
    dimensions = search_space.read(search)
    command = ["fit", "classification", "--data", "x.csv"]
    return Plan("s", "classification", classification.Config, dimensions, command, trials, prune)


def searched(plan, jobs=1):
    found = study.open_study(plan, "runs/s.journal")
    lines = []
    study.run(found, plan, jobs, lines.append)
    return found, lines


@pytest.mark.parametrize("jobs", [1, 3])
def test_as_many_trials_as_planned_each_a_run_of_its_own(trained, jobs):
    found, lines = searched(planned(), jobs)
    assert len(trained) == 6 and len(lines) == 12
    assert sorted(command[5] for command in trained) == [f"s-trial-{number}" for number in range(6)]
    assert all(command[:4] == ["fit", "classification", "--data", "x.csv"] for command in trained)
    best = study.finished(found)[0]
    assert best.value == min(float(command[-1]) for command in trained)
    assert best.user_attrs["options"] == {"training.learning_rate": search_space.written(best.value)}


def test_a_study_goes_on_where_it_was(trained):
    searched(planned(trials=2))
    found, _ = searched(planned(trials=5))
    assert len(trained) == len(found.trials) == 5
    with pytest.raises(ValueError, match="Choose another --run NAME"):
        searched(planned(search="training.learning_rate=0.1..0.7"))


def test_trials_whose_process_died_go_on_and_those_that_live_are_left(trained):
    plan = planned(trials=3)
    found = study.open_study(plan, "runs/s.journal")
    for number in range(2):  # as a process does that is killed, and one that trains
        trial = found.ask()
        trial.set_user_attr("options", search_space.suggest(trial, plan.dimensions, plan.config_type))
        trial.set_user_attr("run", f"s-trial-{number}")
    with run_lock.held(Path("runs/s-trial-1.trial")):
        found, lines = searched(plan)
    assert [trial.state.name for trial in found.trials] == ["COMPLETE", "RUNNING", "COMPLETE"]
    assert lines[0].startswith("s-trial-0, begun before:")
    assert [command[5] for command in trained] == ["s-trial-0", "s-trial-2"]


def test_a_trial_that_ends_while_it_is_looked_for_is_left(trained, monkeypatch):
    plan = planned(trials=1)
    found = study.open_study(plan, "runs/s.journal")
    trial = found.ask()
    trial.set_user_attr("options", search_space.suggest(trial, plan.dimensions, plan.config_type))
    trial.set_user_attr("run", "s-trial-0")
    is_held = study._is_held

    def ended_meanwhile(name, held):
        found.tell(0, 1.0)
        return is_held(name, held)

    monkeypatch.setattr(study, "_is_held", ended_meanwhile)
    study.run(found, plan, 1, print)
    assert not trained and found.trials[0].value == 1.0


def test_bad_trials_are_ended_early(trained):
    found, lines = searched(planned(trials=30, prune=True))
    states = [trial.state.name for trial in found.trials]
    assert states[:5] == ["COMPLETE"] * 5 and {*states} == {"COMPLETE", "PRUNED"}
    assert sum("ended early" in line for line in lines) == states.count("PRUNED")


def test_a_trial_that_fails_is_made_up_for(monkeypatch):
    made_up = trial_run.train

    def train(path, command, evaluated):
        return Outcome(None, failure="it diverged") if path.name == "s-trial-0" else made_up(path, command, evaluated)

    monkeypatch.setattr(trial_run, "train", train)
    found, lines = searched(planned(trials=3))
    assert [trial.state.name for trial in found.trials] == ["FAIL", *["COMPLETE"] * 3]
    assert lines[1] == "s-trial-0: it diverged"


def test_a_study_whose_trials_all_fail_ends(trained):
    with pytest.raises(ChildProcessError, match="6 trials failed"):
        searched(planned(search="training.learning_rate=0.95..0.99"))


def test_what_was_found_is_told_and_drawn(trained):
    plan = planned()
    found, _ = searched(plan)
    result = search_result.of(found, plan)
    files = search_result.keep(result, "classification")
    assert json.loads(files[0].read_text()) == result and files[1].stat().st_size > 5_000
    best = min(trained, key=lambda command: float(command[-1]))
    words = [word for word in best if word not in ("--run", best[5])]
    assert result["best"]["command"] == f"tfmodels {' '.join(words)}" and result["best"]["run"] == best[5]
    assert result["importance"] == {"training.learning_rate": pytest.approx(1)}
    columns, rows = search_result.rows(result)
    assert columns == ["trial", "validation loss", "score", "minutes", "", "training.learning_rate"]
    losses = [row[1] for row in rows]
    assert losses == sorted(losses) and len(losses) == 6


def test_a_figure_needs_a_finite_loss(tmp_path):
    with pytest.raises(ValueError, match="a trial with a finite loss"):
        search_figure.draw([Tried(0, math.nan, False)], {}, tmp_path / "x.png")
    search_figure.draw([Tried(0, 1.0, True)], {}, tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 5_000


def test_without_optuna_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ValueError, match=r"pip install 'tfmodels\[tune\]'"):
        study.open_study(planned(), "runs/s.journal")
