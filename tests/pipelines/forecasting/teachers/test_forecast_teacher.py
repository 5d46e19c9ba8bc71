import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from command_line import command

import pipelines
from pipelines import runs
from pipelines.forecasting import forecast_objective, series_data, task
from pipelines.forecasting.teachers import teacher_forecasts
from pipelines.runs import predictor, report
from pipelines.runs.starting import preparation

STEPS, HORIZON = 160, 4
TEACHER = "saved_models/teacher"
FIT = [
    *["fit", "forecasting", "--data", "load.csv", "--time", "hour", "--target", "load", "--model", "linear"],
    *["--horizon", str(HORIZON), "--stride", "2", "--levels", "0.1,0.5,0.9", "--training.steps", "8"],
    *["--training.interval", "4", "--training.batch_tokens", "384", "--training.warmup_steps", "2"],
    *["--training.learning_rate", "1e-2", "--training.ema_decay", "0"],
]
STUDENT = ["--context", "8"]


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory; `load.csv` holds a week of hours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        draw, hours = np.random.default_rng(1), np.arange(STEPS)
        load = 30 * (2 + np.sin(2 * np.pi * hours / 24) + 0.1 * draw.normal(size=STEPS))
        times = pd.date_range("2024-01-01", periods=STEPS, freq="h")
        pd.DataFrame({"hour": times, "load": load}).to_csv("load.csv", index=False)
        yield


@pytest.fixture(scope="module")
def teacher(workplace, one_replica):
    with one_replica():
        status, printed = command(*FIT, "--run", "teacher", "--context", "12")
        assert status == 0, printed
        status, printed = command("export", "teacher")
    assert status == 0, printed
    return TEACHER


@pytest.fixture(scope="module")
def taught(teacher, one_replica):
    with one_replica():
        status, printed = command(*FIT, *STUDENT, "--run", "taught", "--teacher", teacher)
    assert status == 0, printed
    return runs.load("taught")


def losses(name):
    return [row["train_loss"] for row in runs.load(name).history]


def test_the_answers_of_the_teacher_are_those_to_the_windows_with_its_history(taught, teacher):
    kept = teacher_forecasts.read(taught.config, taught)
    windows = series_data.windows(taught.config, taught, "train")
    assert kept.shape == (len(windows), HORIZON, 1, 3)
    _, origin = windows.locate(np.arange(len(windows)))
    rows = windows.rows
    number = len(windows) - 1
    history = slice(origin[number] - 12, origin[number])
    answered = pipelines.load(teacher).call(
        "serving_default", values=rows.values[history][np.newaxis], time=rows.time[history][np.newaxis]
    )
    np.testing.assert_allclose(kept[number], answered["quantiles"][0], rtol=1e-6)


def test_the_report_names_the_teacher(taught):
    notes = report.read(taught.path / "report.json").notes
    note = next(note for note in notes if note.startswith("taught by"))
    assert f"{TEACHER}/1, digest " in note and "0.5 of the loss" in note


def test_the_loss_is_mixed_with_the_distance_to_the_teacher(taught):
    config = replace(taught.config, teacher_weight=0.25)
    draw = np.random.default_rng(3)
    forecasts, quantiles = (tf.constant(np.sort(draw.normal(size=[2, 4, 1, 3]), axis=-1)) for _ in range(2))
    targets = {
        "values": tf.constant(draw.normal(size=[2, 4, 1])),
        "scale": tf.fill([2, 1, 1], tf.constant(2.0, tf.float64)),
    }
    own = forecast_objective.make(replace(config, teacher="", teacher_weight=0.5)).loss(targets, forecasts)
    found = forecast_objective.make(config).loss(targets | {"beside": quantiles}, forecasts)
    distance = np.abs(forecasts - quantiles).mean(axis=-1) / 2
    np.testing.assert_allclose(found, 0.75 * own + 0.25 * distance, rtol=1e-5)


@pytest.mark.slow  # two trainings
def test_a_teacher_without_weight_changes_nothing(taught, teacher, one_replica):
    with one_replica():
        assert command(*FIT, *STUDENT, "--run", "alone")[0] == 0
        assert command(*FIT, *STUDENT, "--run", "unheard", "--teacher", teacher, "--teacher_weight", "0")[0] == 0
    np.testing.assert_allclose(losses("unheard"), losses("alone"), rtol=1e-4)
    assert losses("taught") != losses("alone")


@pytest.mark.slow  # traced for two replicas
def test_a_prepared_run_trains_without_its_teacher_and_alike_on_two_replicas(taught, teacher, two_replicas):
    shutil.copytree(teacher, "copied")
    run = runs.create("forecasting", replace(taught.config, teacher="copied"), "two")
    preparation.prepare(task, run)
    shutil.rmtree("copied")
    status, printed = command(*FIT, *STUDENT, "--run", "two", "--teacher", "copied")
    assert status == 0, printed
    np.testing.assert_allclose(losses("two"), losses("taught"), rtol=1e-3)


def test_a_teacher_that_does_not_fit_is_refused_before_training(teacher):
    for number, (options, expected) in enumerate(
        {
            ("--horizon", "6"): "Expected a teacher with the same horizon as this run, 6. Received:",
            ("--levels", "0.2,0.5,0.8"): "Expected a teacher with the same levels as this run",
            ("--head", "direction", "--center", "last"): "Expected a teacher that answers up from values",
            ("--head", "negative_binomial"): "Expected teacher to be left out with head=negative_binomial",
        }.items()
    ):
        status, printed = command(*FIT, *STUDENT, "--run", f"refused{number}", "--teacher", teacher, *options)
        assert status == 2 and expected in printed, printed
        assert not Path(f"runs/refused{number}/checkpoints").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda values: values[:1], "Expected an output 'quantiles' with an answer for each of"),
        (lambda values: np.repeat(values, 2, axis=0), "Expected an output 'quantiles' with an answer for each of"),
        (lambda values: np.float32(1), "Expected an output 'quantiles' with an answer for each of"),
        (lambda values: values[:, :1], "Expected finite forecasts of the shape [4, 1, 3]"),
        (lambda values: np.full_like(values, np.nan), "Expected finite forecasts"),
        (lambda values: values.astype(complex), "Expected finite forecasts"),
        (lambda values: values.astype("S8").astype(object), "Expected finite forecasts"),
    ],
)
def test_answers_that_are_no_forecasts_are_refused_and_not_kept(taught, monkeypatch, tmp_path, changed, message):
    honest = pipelines.load(TEACHER)

    def lying(endpoint, **arrays):
        return {"quantiles": changed(honest.call(endpoint, **arrays)["quantiles"])}

    liar = predictor.Predictor(honest.card, honest.endpoints, lying)
    monkeypatch.setattr(predictor, "load", lambda path: liar)
    shutil.copytree(taught.path, tmp_path / "run", ignore=shutil.ignore_patterns("teacher*"))
    run = replace(taught, path=tmp_path / "run")
    with pytest.raises(ValueError, match=re.escape(message)):
        teacher_forecasts.prepare(run.config, run)
    assert not [*run.assets.glob("teacher*")]
