import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import command
from number_words import FIT, TRANSFORMER, write_numbers

import pipelines
from pipelines import runs
from pipelines.cli import dry_run
from pipelines.runs import report
from pipelines.runs.starting import preparation
from pipelines.runs.teachers import teacher as teachers
from pipelines.translation import task
from tfmodels import training

pytestmark = pytest.mark.slow  # a minute: three trainings and an export

TEACHER = "saved_models/teacher"


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory; `numbers` holds numbers in words and in digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        write_numbers(Path("numbers"))
        yield


@pytest.fixture(scope="module")
def teacher(workplace, one_replica):
    with one_replica():
        status, printed = command(*FIT, *TRANSFORMER, "--run", "teacher")
        assert status == 0, printed
        status, printed = command("export", "teacher")
    assert status == 0, printed
    return TEACHER


@pytest.fixture(scope="module")
def taught(teacher, one_replica):
    with one_replica():
        status, printed = command(*FIT, *TRANSFORMER, "--run", "taught", "--teacher", teacher)
    assert status == 0, printed
    return runs.load("taught")


def stored(run):
    return [json.loads(line) for line in (run.assets / "teacher_pairs.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_pairs_are_what_the_teacher_answers(taught, teacher):
    sources = Path("numbers/train.words").read_text().splitlines()
    answers = [row["text"] for row in pipelines.load(teacher).predict(sources)]
    wanted = [[source, answer] for source, answer in zip(sources, answers, strict=True) if answer.strip()]
    assert stored(taught) == wanted


def test_its_pairs_are_added_to_those_of_the_data_or_replace_them(taught, teacher):
    rows = training.TokenRows(taught.assets / "train")
    assert len(rows) == 120 + len(stored(taught))
    assert len(training.TokenRows(taught.assets / "validation")) == 20
    subwords = (taught.assets / "subwords.model").read_bytes()
    assert subwords == (runs.load("teacher").assets / "subwords.model").read_bytes()
    replaced = runs.create("translation", replace(taught.config, teacher_pairs="replace"), "replaced")
    preparation.prepare(task, replaced)
    assert len(training.TokenRows(replaced.assets / "train")) == len(stored(replaced)) == len(stored(taught))


def test_a_dry_run_asks_about_some_sources_and_has_as_many_pairs(taught, monkeypatch, capsys):
    monkeypatch.setattr(teachers, "_REHEARSED", 4)
    with dry_run._scratch("translation", replace(taught.config, teacher_pairs="replace"), False) as run:
        preparation.prepare(task, run)
        found, rows = stored(run), len(training.TokenRows(run.assets / "train"))
    sources, targets = (Path(f"numbers/train.{language}").read_text().splitlines() for language in ("words", "digits"))
    assert found[-116:] == [list(pair) for pair in zip(sources[4:], targets[4:], strict=True)]
    assert rows == len(found) <= 120
    assert " for 120 texts, by the first 4" in capsys.readouterr().out


def test_the_report_names_the_teacher(taught):
    notes = report.read(taught.path / "report.json").notes
    note = next(note for note in notes if note.startswith("taught by"))
    assert f"{TEACHER}/1, digest " in note and "beside those of the data" in note


def test_a_prepared_run_trains_without_its_teacher(taught, teacher, two_replicas):
    shutil.copytree(teacher, "copied")
    run = runs.create("translation", replace(taught.config, teacher="copied"), "two")
    preparation.prepare(task, run)
    shutil.rmtree("copied")
    status, printed = command(*FIT, *TRANSFORMER, "--run", "two", "--teacher", "copied")
    assert status == 0, printed
    losses = [[row["train_loss"] for row in runs.load(name).history] for name in ("taught", "two")]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)  # on one replica and on two


def test_a_teacher_that_does_not_fit_is_refused_before_any_work(teacher):
    other = ["--run", "refused", "--teacher", teacher, "--source", "digits", "--target", "words"]
    status, printed = command(*FIT, *TRANSFORMER, *other)
    assert status == 2 and "does the same as this run: Translates digits to words." in printed
    assert "Translates words to digits." in printed and not Path("runs/refused/assets/subwords.model").exists()
    status, printed = command(*FIT, *TRANSFORMER, "--run", "refused2", "--teacher", "runs/teacher")
    assert status == 2 and "Expected the folder of an export as teacher" in printed
