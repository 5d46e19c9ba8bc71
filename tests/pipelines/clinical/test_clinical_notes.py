"""Notes beside measurements, from tables to served answers."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from small_stays import SMALL, STEPS

import pipelines
import tfmodels
from pipelines import runs
from pipelines.cli import main
from pipelines.clinical import calibration, data, served_risks, task
from pipelines.clinical.config import Config
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels.checked_options import OptionError

NAMES = ["stay_id", "time", "variable", "value"]
GOOD, BAD = ["Slept well, eats.", "Talks; walks."], ["Confused, pale.", "Cold skin, no answer."]


@pytest.fixture(scope="module")
def stays(workplace):
    """Stays whose outcome follows from the last note before the prediction; a later note says the opposite."""
    random = np.random.default_rng(0)
    rows, notes, labels = [], [], []
    for stay in range(80):
        bad = stay % 2 == 0
        rows += [[f"s{stay}", f"{step:02}:00", "HR", round(80 + random.normal(0, 4), 1)] for step in range(3)]
        told = [GOOD, BAD, GOOD] if bad else [BAD, GOOD, BAD]
        notes += [[f"s{stay}", f"{hour:02}:30", of[stay // 2 % 2]] for hour, of in enumerate(told)]
        labels.append([f"s{stay}", "02:00", "yes" if bad else "no"])
    row_files.write("stays.csv", NAMES, rows)
    row_files.write("notes.csv", ["stay_id", "charttime", "report"], notes)
    row_files.write("ends.csv", ["stay_id", "prediction_time", "died"], labels)
    return Config(data="stays.csv", labels_file="ends.csv", notes="notes.csv", max_notes=2, max_note_length=8,
                  modality_dropout=0.2, aggregates=False, transformer=SMALL, training=STEPS)  # fmt: skip


@pytest.fixture(scope="module")
def fitted_notes(stays):
    run = preparation.prepare(task, runs.create("clinical", stays, "noted"))
    task.fit(stays, run)
    return run


def test_the_last_note_before_the_prediction_decides_and_later_ones_are_not_read(stays, fitted_notes):
    report = task.evaluate(stays, fitted_notes, "test")
    assert report.metrics["auroc"] > 0.95 and report.baselines["boosted trees on aggregates"]["auroc"] < 0.8
    assert any("the model reads measurements, notes" in note for note in report.notes)
    prepared = data.read(fitted_notes)
    cases = prepared.of_split("test")
    for inputs, _, _ in task.datasets(stays, fitted_notes)["validation"].one_epoch():
        assert (inputs["note_time"].numpy() <= inputs["now"].numpy()[:, np.newaxis]).all()
    asked = served_risks.requests(prepared, data.inputs_of(fitted_notes), cases.entity, cases.hour, 3, 2)
    assert asked["text"].shape == (len(cases.hour), 5) and (asked["text"] != "").sum(axis=1).tolist() == [2] * len(
        cases.hour
    )
    early = served_risks.requests(
        prepared, data.inputs_of(fitted_notes), cases.entity, np.full(len(cases.hour), 1.0), 3, 2
    )
    assert {*early["text"].ravel().tolist()} <= {"", *GOOD, *BAD}
    assert (early["time"][:, -1] == 0.5).all()  # the note of 00:30 alone
    answer = pipelines.load("noted").predict(
        [{"events": "0,HR,80;1,note,Confused, pale.;2,note,Slept well, eats."}], "csv"
    )
    other = pipelines.load("noted").predict(
        [{"events": "0,HR,80;1,note,Slept well, eats.;2,note,Confused, pale."}], "csv"
    )
    assert answer[0]["label"] == "no" and other[0]["label"] == "yes" and answer[0]["observed"] == 3


def test_batches_have_the_tokens_that_requests_have(stays, fitted_notes):
    answerer = calibration.answerer(stays, fitted_notes)
    prepared = data.read(fitted_notes)
    batches = list(task.datasets(stays, fitted_notes)["validation"].one_epoch())
    cases = prepared.of_split("validation")
    asked = served_risks.requests(prepared, answerer.fields, cases.entity, cases.hour, prepared.content["width"], 2)
    asked = {name: tf.constant(of.tolist()) for name, of in asked.items()}
    read, _ = answerer.inputs(*(asked[name] for name in ("time", "variable", "value", "now")), asked)
    names = ("note", "note_time", "now", "variable", "value")

    def rows(inputs, weights):
        columns = [inputs[name].numpy()[weights > 0] for name in names]
        known = [[np.nan_to_num(of).ravel() for of in row] for row in zip(*columns, strict=True)]
        return [[of[of != 0].tolist() for of in row] for row in known]

    trained = [row for inputs, _, weights in batches for row in rows(inputs, weights.numpy())]
    for one, other in zip(sorted(trained), sorted(rows(read, np.ones(len(cases.hour)))), strict=True):
        assert one[0] == other[0] and one[3] == other[3]
        for place in (1, 2, 4):
            np.testing.assert_allclose(one[place], other[place], rtol=1e-5)


def test_one_modality_is_hidden_from_some_training_cases_but_never_all(stays, fitted_notes):
    config = Config(**{**stays.__dict__, "modality_dropout": 0.5, "cut_share": 0.0})
    batches = task.datasets(config, fitted_notes)["train"]
    hidden = []
    for inputs, _, weights in batches.dataset().take(batches.steps_per_epoch):
        events, notes = (inputs["variable"].numpy() > 0).any(1), (inputs["note"].numpy() > 0).any((1, 2))
        assert (events | notes).all()
        hidden += (np.stack([events, notes], 1)[weights.numpy() > 0]).tolist()
    share = 1 - np.mean(hidden, axis=0)
    assert (share > 0.1).all() and 0.3 < share.sum() < 0.7
    for inputs, _, _ in batches.one_epoch():
        assert (inputs["note"].numpy() > 0).any((1, 2)).all()


@pytest.mark.slow
def test_a_run_and_its_export_read_and_explain_notes_alike(stays, fitted_notes, checks_in_this_process, capsys):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "noted"]) == 0, printed.getvalue()
    path = Path("saved_models/noted/1")
    rows = [{"events": text} for text in ("0,HR,80;1,note,Confused, pale.", "3,note,Talks", "0,HR,80", "", "0,note, ")]
    answers = [pipelines.load(name).predict(rows, "csv") for name in ("noted", path)]
    assert [one["observed"] for one in answers[0]] == [2, 1, 1, 0, 0]
    assert [one["probability"] for one in answers[0]] == pytest.approx(
        [one["probability"] for one in answers[1]], abs=1e-5
    )
    assert answers[0][3]["probability"] == answers[0][4]["probability"]  # nothing is known of either
    assert main.main(["check", str(path)]) == 0
    card = (path / "assets.extra/tfmodels.json").read_text(encoding="utf-8")
    warm_up = (path / "assets.extra/tf_serving_warmup_requests").read_bytes()
    for note in (*GOOD, *BAD):
        assert note not in card and note.encode() not in warm_up
    capsys.readouterr()
    assert main.main(["explain", "noted", "s2", "--output", "of_run"]) == 0
    numbers = json.loads(Path("of_run/numbers.json").read_text())
    told = {one["text"]: one["contribution"] for one in numbers["events"] if "text" in one}
    assert list(told) == [GOOD[1], BAD[1]] and all(told.values())
    text = f"0,HR,80;0.5,note,{GOOD[0]};1.5,note,{BAD[0]}"
    for name, output in (("noted", "of_text"), (str(path), "of_export")):
        assert main.main(["explain", name, text, "--output", output]) == 0
    one, other = (json.loads(Path(name, "numbers.json").read_text())["events"] for name in ("of_text", "of_export"))
    assert [event.get("text") for event in one] == [event.get("text") for event in other] == [None, GOOD[0], BAD[0]]
    for name in ("contribution", "attention"):
        np.testing.assert_allclose([event[name] for event in one], [event[name] for event in other], atol=1e-4)


def test_tables_of_predict_may_have_notes_among_the_measurements_or_beside_them(stays, fitted_notes):
    rows = [["x", "00:00", "HR", 80], ["x", "01:00", "note", BAD[0]], ["y", "00:00", "HR", 70]]
    row_files.write("asked.csv", NAMES, rows)
    card = task.endpoints(stays, fitted_notes).card
    asked = task.requests(Path("asked.csv"), card)
    assert [one for one in asked[0]["text"] if one] == [BAD[0]] and not any(asked[1]["text"])
    together = predictor.of_run(fitted_notes).predict(asked)
    assert [one["observed"] for one in together] == [2, 1]
    classifier = tfmodels.RiskClassifier.load("noted")
    measured = pd.DataFrame([rows[0], rows[2]], columns=NAMES).astype(str)
    notes = pd.DataFrame([["x", "01:00", BAD[0]]], columns=["stay_id", "charttime", "report"])
    found = classifier.predict(measured, notes=notes)
    assert found["probability"].tolist() == pytest.approx([one["probability"] for one in together])
    with pytest.raises(ValueError, match="notes=-1"):
        task.requests(Path("asked.csv"), {**card, "notes": -1})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"note_variables": "HRs"}, "did you mean HR"),
        ({"note_column": "texts"}, "texts"),
        ({"notes": "no.csv"}, "no.csv"),
        ({"notes": "", "note_variables": "HR"}, "measurements before|Expected"),
    ],
)
def test_notes_that_are_not_there_are_refused(stays, options, words):
    config = Config(**{**stays.__dict__, **options})
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        preparation.prepare(task, runs.create("clinical", config, f"wrong {len(words)}"))


def test_a_model_without_notes_does_not_read_the_table(stays):
    config = Config(**{**stays.__dict__, "read_notes": False})
    assert task.data_files(config) == [Path("stays.csv"), Path("ends.csv")]
    run = preparation.prepare(task, runs.create("clinical", config, "unread"))
    assert data.read(run).notes is None and task.model(config, run).note_tokens == 0
    with pytest.raises(OptionError, match="d_model"):
        Config(**{**stays.__dict__, "transformer": type(SMALL)(d_model=9, num_heads=3)})
