import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from command_line import command
from small_opinions import FIT, SMALL, fit_with

import pipelines
from pipelines import runs
from pipelines.classification import objective, soft_labels, task
from pipelines.classification.config import Config
from pipelines.cli import dry_run
from pipelines.runs import report
from pipelines.runs.starting import preparation
from pipelines.runs.teachers import teacher as teachers

pytestmark = pytest.mark.slow  # several trainings and exports; the teachers of forecasters are fast

SHORT = ["--training.steps", "8", "--training.interval", "4"]
TEACHER = "saved_models/teacher"


@pytest.fixture(scope="module")
def teacher(workplace, one_replica):
    with one_replica():
        status, printed = fit_with("teacher", *SMALL)
        assert status == 0, printed
        status, printed = command("export", "teacher")
    assert status == 0, printed
    return TEACHER


@pytest.fixture(scope="module")
def taught(teacher, one_replica):
    with one_replica():
        status, printed = fit_with("taught", *SMALL, *SHORT, "--teacher", teacher, "--teacher_weight", "0.7")
    assert status == 0, printed
    return runs.load("taught")


def losses(name):
    return [row["train_loss"] for row in runs.load(name).history]


def test_the_answers_of_the_teacher_are_kept_in_the_order_of_the_data(taught, teacher):
    with open("opinions/train.csv", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    wanted = [row["probabilities"] for row in pipelines.load(teacher).predict(texts)]
    np.testing.assert_allclose(soft_labels.read(taught.config, taught), wanted, atol=1e-6)


def test_targets_are_mixed_in_training_alone(taught):
    batches = task.datasets(taught.config, taught)
    soft = soft_labels.read(taught.config, taught)
    _, both, weights = next(iter(batches["train"].one_epoch()))
    targets = both["mixed"].numpy()[weights.numpy() > 0]
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)
    assert ((targets.max(axis=1) >= 0.5) | (targets.max(axis=1) < 0.71)).all() and targets.min() < soft.max()
    assert next(iter(batches["validation"].one_epoch()))[1].dtype == tf.int32


def test_the_report_names_the_teacher(taught):
    found = report.read(taught.path / "report.json")
    note = next(note for note in found.notes if note.startswith("taught by"))
    assert f"{TEACHER}/1, digest " in note and "0.7 of each target" in note


def test_a_teacher_without_weight_changes_nothing(taught, teacher, one_replica):
    with one_replica():
        assert fit_with("alone", *SMALL, *SHORT)[0] == 0
        assert fit_with("unheard", *SMALL, *SHORT, "--teacher", teacher, "--teacher_weight", "0")[0] == 0
    np.testing.assert_allclose(losses("unheard"), losses("alone"), rtol=1e-4)
    assert np.abs(np.subtract(losses("taught"), losses("alone"))).max() > 1e-3


def test_a_prepared_run_trains_without_its_teacher_and_alike_on_two_replicas(taught, teacher, two_replicas):
    options = [*FIT[2:], *SMALL, *SHORT, "--teacher", "copied", "--teacher_weight", "0.7"]
    shutil.copytree(teacher, "copied")
    run = runs.create("classification", replace(taught.config, teacher="copied"), "two")
    preparation.prepare(task, run)
    shutil.rmtree("copied")
    status, printed = command("fit", "classification", *options, "--run", "two")
    assert status == 0, printed
    np.testing.assert_allclose(losses("two"), losses("taught"), rtol=1e-3)


def test_a_teacher_that_does_not_fit_is_refused_before_any_work(teacher, tmp_path):
    for options, expected in {
        ("nowhere",): "Expected the folder of an export as teacher. Received: teacher='nowhere'",
        ("teacher",): "`tfmodels export teacher` makes one of this run. Received: teacher='teacher'",
        ("runs/teacher",): "Expected the folder of an export as teacher",
        (teacher, "--classes", "bad,good,odd", "--on_bad", "drop"): "Expected a teacher of the classes bad, good, odd",
    }.items():
        status, printed = fit_with("refused", *SMALL, "--teacher", *options)
        assert status == 2 and expected in printed, printed
        assert not Path("runs/refused/assets/train").exists()
        shutil.rmtree("runs/refused", ignore_errors=True)


def test_the_version_that_was_asked_is_named_though_a_newer_one_appears_meanwhile(taught, teacher, tmp_path):
    shutil.copytree(teacher, tmp_path / "growing")
    run = replace(taught, path=tmp_path, config=replace(taught.config, teacher=str(tmp_path / "growing")))
    run.assets.mkdir()
    loaded = teachers.load(run)
    shutil.copytree(tmp_path / "growing" / "1", tmp_path / "growing" / "2")
    teachers.keep(run, loaded)
    (note,) = soft_labels.notes(run.config, run)
    assert f"{tmp_path}/growing/1, digest {loaded.digest}" in note


def test_a_dry_run_asks_about_some_texts_and_says_how_long_all_take(taught, monkeypatch, capsys):
    monkeypatch.setattr(teachers, "_REHEARSED", 4)
    with dry_run._scratch("classification", taught.config, False) as run:
        preparation.prepare(task, run)
        soft = soft_labels.read(run.config, run)
    wanted = soft_labels.read(taught.config, taught)
    np.testing.assert_allclose(soft[:4], wanted[:4], atol=1e-6)
    assert soft.shape == wanted.shape and not soft[4:].any()
    assert f" for {len(wanted):,} texts, by the first 4" in capsys.readouterr().out


def test_mixtures_of_labels_and_probabilities():
    soft = np.array([[0.2, 0.8], [0.9, 0.1]], np.float32)
    np.testing.assert_allclose(soft_labels.mixed(np.array([0, 1]), soft, 0.5), [[0.6, 0.4], [0.45, 0.55]])
    labels = np.array([[1.0, 1.0], [0.0, 0.0]], np.float32)
    np.testing.assert_allclose(soft_labels.mixed(labels, soft, 1.0), soft)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_of_certain_mixtures_is_that_of_the_labels(taught, smoothing):
    training = replace(taught.config.training, label_smoothing=smoothing)
    hard, soft = (
        objective.make(replace(taught.config, training=training, teacher=teacher, teacher_weight=0.5), taught)
        for teacher in ("", "any")
    )
    logits = tf.constant(np.random.default_rng(1).normal(size=[5, 2]), tf.float32)
    labels = tf.constant([0, 1, 1, 0, 1])
    targets = {"labels": labels, "mixed": tf.one_hot(labels, 2)}
    np.testing.assert_allclose(soft.loss(targets, logits), hard.loss(labels, logits), rtol=1e-5)
    np.testing.assert_allclose(soft.validation_loss(targets, logits), hard.validation_loss(labels, logits), rtol=1e-5)


def test_the_share_of_the_teacher_has_bounds():
    with pytest.raises(ValueError, match=r"teacher_weight"):
        Config(teacher="saved_models/a", teacher_weight=1.5)
    with pytest.raises(ValueError, match=r"teacher_weight to be left out without teacher"):
        Config(teacher_weight=0.7)
