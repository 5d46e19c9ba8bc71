import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from small_stays import NAMES, STEPS, TEXTS

import pipelines
import tfmodels
from pipelines import runs
from pipelines.cli import main
from pipelines.clinical import calibration, data, fitted_part, network, prediction_files, served_risks, task
from pipelines.clinical.config import Config, DecisionOptions
from pipelines.clinical.reports import risk_opponents
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from pipelines.sources.measurements import risk_columns
from tfmodels import metrics, training
from tfmodels.checked_options import OptionError
from tfmodels.models.event_classifiers import event_classifier


def test_what_happens_last_is_learnt_and_the_report_scores_what_is_served(fitted):
    report = task.evaluate(fitted.config, fitted, "test")
    assert report.metrics["auroc"] > 0.9
    assert report.baselines["prevalence"]["auroc"] == 0.5
    assert report.baselines["severity"]["auroc"] < 0.9
    cases = data.read(fitted).of_split("test")
    names = data.content(fitted)["entities"]
    rows = task.requests(Path("events.csv"), task.endpoints(fitted.config, fitted).card)
    risk = dict(zip(rows.entities, predictor.of_run(fitted).predict(rows), strict=True))
    served = np.array([risk[names[entity]]["probability"] for entity in cases.entity])
    assert metrics.risk_scores(cases.label, served)["log_loss"] == pytest.approx(report.metrics["log_loss"], rel=1e-4)
    answered = list(report.answers.rows())
    assert [row[0] for row in answered] == [names[entity] for entity in cases.entity]
    assert [row[4] for row in answered] == [risk[row[0]]["label"] for row in answered]
    titles = " ".join(table["title"] for table in report.tables)
    assert all(word in titles for word in ("intervals", "by group", "net benefit"))


def test_no_column_of_the_labels_is_an_input_and_static_fields_are_no_measurements(fitted):
    known = data.content(fitted)
    assert known["variables"] == ["HR", "Rhythm=af", "Rhythm=sinus", "fever"]
    assert [one["input"] for one in known["static_inputs"]] == ["Age", "sex"]
    assert known["static_inputs"][1]["words"] == ["F", "M"]


def test_splits_share_no_entity(fitted):
    cases = data.read(fitted).cases
    assert sum(len(of.entity) for of in cases.values()) == 80
    assert len(np.concatenate([of.entity for of in cases.values()])) == len(
        {*np.concatenate([of.entity for of in cases.values()])}
    )


def test_calibration_and_threshold_are_those_of_the_validation_split(fitted):
    answerer = calibration.answerer(fitted.config, fitted)
    prepared = data.read(fitted)
    cases = prepared.of_split("validation")
    answering = predictor.in_memory(answerer.endpoints(), {})
    risks = served_risks.risks(answering, prepared, answerer.fields, cases)
    found = metrics.risk_threshold(cases.label, risks, "sensitivity", 0.9)
    assert answerer.decision.threshold == pytest.approx(found, abs=1e-3)
    assert (risks[cases.label == 1] >= answerer.decision.threshold).mean() >= 0.9
    assert abs(risks.mean() - cases.label.mean()) < 0.1
    other = Config(**{**fitted.config.__dict__, "decision": type(fitted.config.decision)(threshold=0.25)})
    assert calibration.answerer(other, fitted).decision.threshold == 0.25


def test_baselines_of_a_report_are_those_of_the_library(fitted):
    prepared = data.read(fitted)
    found = risk_opponents.fit(fitted.config, prepared, "validation")
    assert list(found) == ["prevalence", "severity", risk_opponents.LINEAR, risk_opponents.TREES]
    columns = [
        risk_columns.make(prepared.histories, prepared.statics, of.entity, of.hour)[0]
        for of in (prepared.of_split("train"), prepared.of_split("validation"))
    ]
    table = metrics.RiskTable(columns[0], prepared.of_split("train").label)
    np.testing.assert_allclose(found[risk_opponents.TREES].risks, metrics.tree_risk(table, columns[1]))


def test_risks_are_written_for_each_entity(fitted):
    card = task.endpoints(fitted.config, fitted).card
    rows = task.requests(Path("events.csv"), card)
    outputs = predictor.of_run(fitted).predict(rows[:3])
    task.answers(
        Path("risks.csv"), prediction_files.EntityRows(rows[:3], rows.entities[:3], rows.cut[:3]), outputs, card
    )
    written = [cells for _, cells in row_files.read("risks.csv").rows]
    assert [cells[0] for cells in written] == ["s0", "s1", "s2"]
    assert [float(cells[1]) for cells in written] == pytest.approx([one["probability"] for one in outputs])
    assert {one["label"] for one in outputs} <= {"yes", "no"}


def test_a_table_at_predict_may_lack_variables_and_have_new_ones(fitted):
    card = task.endpoints(fitted.config, fitted).card
    names = ["stay_id", "time", "variable", "value"]
    row_files.write("few.csv", names, [["x", "00:00", "HR", 80], ["x", "05:00", "Age", 71], ["x", "06:00", "new", 1]])
    (row,) = task.requests(Path("few.csv"), card)
    assert row["Age"] == 71 and row["sex"] == ""
    (found,) = predictor.of_run(fitted).predict([row])
    assert found["observed"] == 1


@pytest.mark.parametrize(
    "changed",
    [{"context": 0}, {"context": 10**9}, {"table": {}}, {"static": [{"name": 3}]}, {"static": "Age"},
     {"table": {"form": {}, "kinds": {}}}],
)  # fmt: skip
def test_a_card_of_another_form_is_refused(fitted, changed):
    card = task.endpoints(fitted.config, fitted).card
    with pytest.raises(ValueError, match="Expected"):
        task.requests(Path("events.csv"), {**card, **changed})


def test_batches_are_the_same_wherever_they_start_and_cuts_hide_what_comes_later(fitted):
    config = Config(**{**fitted.config.__dict__, "cut_share": 1.0})
    batches = task.datasets(config, fitted)["train"]
    later = next(iter(batches.dataset(batches.steps_per_epoch + 1)))
    passed = list(batches.dataset().take(batches.steps_per_epoch + 2))[-1]
    np.testing.assert_array_equal(later[0]["time"], passed[0]["time"])
    whole, cut = (
        sum(int((one["variable"].numpy()[weights.numpy() > 0] > 0).sum()) for one, _, weights in of)
        for of in (batches.one_epoch(), batches.dataset().take(batches.steps_per_epoch))
    )
    assert whole == batches.tokens_per_epoch == batches.tokens(10**6) and cut < whole
    for inputs, _, _ in batches.dataset().take(3):
        assert (inputs["time"].numpy().max(axis=1) <= inputs["now"].numpy() + 1e-5).all()


def test_predictions_at_several_times_see_nothing_later(workplace):
    rows = [[f"m{one}", hour, "load", one % 5 + hour / 10] for one in range(60) for hour in range(6)]
    row_files.write("loads.csv", ["machine", "hours", "sensor", "reading"], rows)
    labels = [[f"m{one}", hour, one % 5 > 2] for one in range(60) for hour in (2, 4)]
    row_files.write("failures.csv", ["machine", "prediction_time", "failed"], labels)
    config = Config(data="loads.csv", labels_file="failures.csv", max_events=3)
    run = preparation.prepare(task, runs.create("clinical", config, "machines"))
    prepared = data.read(run)
    cases = prepared.of_split("train")
    assert {*cases.hour.tolist()} == {2.0, 4.0}
    asked = served_risks.requests(prepared, data.inputs_of(run), cases.entity, cases.hour, 3)
    assert (asked["time"].max(axis=1) == cases.hour).all() and (asked["now"] == cases.hour).all()
    for inputs, _, _ in task.datasets(config, run)["validation"].one_epoch():
        assert (inputs["time"].numpy().max(axis=1) == inputs["now"].numpy()).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": " "}, "data"),
        ({"data": "events.csv"}, "labels_file"),
        ({"labels": "a,b"}, "labels"),
        ({"validation_share": 0.5, "test_share": 0.5}, "test_share"),
        ({"aim": "sensitivity"}, "aim_value"),
        ({"aim": "cost"}, "aim_value"),
        ({"aim_value": 0.5}, "aim_value"),
        ({"training": training.Options(label_smoothing=0.1)}, "label_smoothing"),
        ({"training": training.Options(r_drop=1.0, label_smoothing=0.0)}, "r_drop"),
        ({"delimiter": "ab"}, "delimiter"),
    ],
)
def test_wrong_options_are_refused_by_name(options, words):
    with pytest.raises(OptionError, match=f"Expected .*{words}"):
        Config(**options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"static_inputs": "Agee"}, "did you mean Age"),
        ({"groups": "ward"}, "groups='ward'"),
        ({"min_entities": 10_000}, "min_entities"),
        ({"static": "clash.csv"}, "both 'age'"),
    ],
)
def test_options_that_the_data_does_not_bear_are_refused(workplace, options, words):
    row_files.write("clash.csv", ["stay_id", "age!", "age"], [["s0", 1, 2]])
    config = Config(data="events.csv", **{**NAMES, **options})
    with pytest.raises(ValueError, match=words):
        preparation.prepare(task, runs.create("clinical", config, f"wrong {len(words)}"))


def test_a_negative_threshold_is_refused():
    with pytest.raises(OptionError, match="threshold"):
        DecisionOptions(threshold=-0.5)


@pytest.fixture(scope="module")
def exported(fitted):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "clinical"]) == 0, printed.getvalue()
    return Path("saved_models/clinical/1")


def assert_alike(one, other, tolerance=1e-5):
    assert one.keys() == other.keys()
    for name, value in one.items():
        if isinstance(value, float | list):
            np.testing.assert_allclose(value, other[name], atol=tolerance)
        else:
            assert value == other[name], name


def test_a_run_and_its_export_answer_alike(fitted, exported, checks_in_this_process, capsys):
    in_run, in_export = pipelines.load("clinical"), pipelines.load(exported)
    rows = [{"events": text} for text in TEXTS]
    answers = in_run.predict(rows, "csv")
    assert [one["observed"] for one in answers] == [3, 0, 0, 3]
    share = data.read(fitted).of_split("train").label.mean()
    assert [one["probability"] for one in answers[1:3]] == pytest.approx([share, share])
    for one, other in zip(answers, in_export.predict(rows, "csv"), strict=True):
        assert_alike(one, other)
    assert main.main(["check", str(exported)]) == 0
    assert "error" not in capsys.readouterr().out


def test_the_card_and_the_warm_up_hold_no_patients(exported):
    card = (exported / "assets.extra/tfmodels.json").read_text(encoding="utf-8")
    text = (exported / "assets.extra/model_card.md").read_text(encoding="utf-8")
    warm_up = (exported / "assets.extra/tf_serving_warmup_requests").read_bytes()
    rows = [cells for _, cells in row_files.read("events.csv").rows]
    for value in {cells[3] for cells in rows if cells[2] == "HR"}:
        assert f'"{value}"' not in card and f",{value};".encode() not in warm_up
    for stay in {cells[0] for cells in rows}:
        assert f'"{stay}"' not in card and f" {stay} " not in text and f"{stay}".encode() + b"\n" not in warm_up
    assert "must not decide about a person alone" in text
    assert [one["input"] for one in json.loads(card)["static"]] == ["Age", "sex"]


def test_a_file_is_answered_by_the_command(exported):
    assert main.main(["predict", str(exported), "--input", "events.csv", "--output", "risks.csv"]) == 0
    rows = [cells for _, cells in row_files.read("risks.csv").rows]
    assert len(rows) == 80 and rows[0][0] == "s0"
    assert main.main(["predict", str(exported), "--endpoint", "csv", TEXTS[0]]) == 0


def test_a_run_and_an_export_are_explained_by_the_command(fitted, exported, capsys):
    assert main.main(["explain", "clinical", "s3", "--output", "of_run"]) == 0
    of_run = json.loads(Path("of_run/numbers.json").read_text())
    assert {one["variable"] for one in of_run["events"]} == {"HR", "Rhythm=sinus", "fever"}
    assert main.main(["explain", str(exported), TEXTS[0], "--output", "of_export"]) == 0
    assert main.main(["explain", "clinical", TEXTS[0], "--output", "of_text"]) == 0
    one, other = (json.loads(Path(name, "numbers.json").read_text()) for name in ("of_export", "of_text"))
    assert one["probability"] == pytest.approx(other["probability"], abs=1e-5)
    for name in ("contribution", "attention"):
        columns = [[event[name] for event in of["events"]] for of in (one, other)]
        np.testing.assert_allclose(*columns, atol=1e-4)
    capsys.readouterr()
    assert main.main(["explain", "clinical", "nobody"]) == 2
    assert "Expected the id of an entity of the run" in capsys.readouterr().err


def test_the_class_reads_frames_as_the_command_reads_files(fitted):
    measurements, outcomes = pd.read_csv("events.csv", dtype=str), pd.read_csv("labels.csv", dtype=str)
    by_hand = tfmodels.RiskClassifier.load("clinical")
    found = by_hand.predict(measurements)
    assert list(found) == ["entity", "probability", "label", "observed", "cut"] and len(found) == 80
    rows = task.requests(Path("events.csv"), task.endpoints(fitted.config, fitted).card)
    assert found["entity"].tolist() == rows.entities
    expected = [one["probability"] for one in predictor.of_run(fitted).predict(rows)]
    assert found["probability"].tolist() == pytest.approx(expected)
    classifier = tfmodels.RiskClassifier(run="framed", labels="died", static_variables="Age,sex")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task, "fit", lambda config, run: None)
        classifier.fit(measurements, outcomes)
    assert data.content(classifier.run_)["variables"] == data.content(fitted)["variables"]
    with pytest.raises(ValueError, match="did you mean labels"):
        tfmodels.RiskClassifier(lables="died")


def test_a_fitted_part_answers_too_and_is_a_baseline(fitted, monkeypatch):
    monkeypatch.setattr(event_classifier, "TREES", 20)
    monkeypatch.setattr(event_classifier, "DEPTH", 3)
    config = replace(fitted.config, wide=True, training=replace(STEPS, steps=4, interval=2))
    run = preparation.prepare(task, runs.create("clinical", config, "wide"))
    task.fit(config, run)
    report, prepared = task.evaluate(config, run, "test"), data.read(run)
    cases, model = prepared.of_split("test"), network.trained(config, run)
    alone = fitted_part.risks(model, network.fields_of(config, run, prepared, cases))
    scores = metrics.risk_scores(cases.label, alone)
    assert report.baselines[risk_opponents.FITTED_PART]["auroc"] == pytest.approx(scores["auroc"]) and alone.std() > 0.1
    answerer = calibration.answerer(config, run)
    served = served_risks.risks(predictor.in_memory(answerer.endpoints(), {}), prepared, answerer.fields, cases)
    assert np.corrcoef(logit(served), logit(alone))[0, 1] > 0.9  # after 4 steps
    assert report.metrics["log_loss"] == pytest.approx(metrics.risk_scores(cases.label, served)["log_loss"], rel=1e-4)


def test_the_fitted_part_is_fitted_without_a_fold(fitted):
    config = replace(fitted.config, wide=True)
    prepared, model = data.read(fitted), network.of_run(config, fitted)
    network.initialise(config, fitted, model)
    cases = prepared.of_split("train")
    fold = fitted_part.left_out(cases.entity, 4)
    assert set(fold) == {1, 2, 3, 4}
    fields = network.fields_of(config, fitted, prepared, cases)
    values, known = np.split(model.standardised(fields).numpy(), 2, axis=1)
    parts, kernels = model.fitted.linear.encode(values, known).numpy(), model.fitted.linear.kernel.numpy()[..., 0]
    parted = [fold > 0, *(fold != number for number in range(1, 5))]
    losses = []
    for strength in (0.001, 0.003, 0.01, 0.03, 0.1):
        expected = [
            LogisticRegression(C=strength, max_iter=1000).fit(parts[of], cases.label[of]).coef_ for of in parted
        ]
        losses.append(np.abs(kernels - np.concatenate(expected)).max())
    assert min(losses) < 1e-3
    shares = [cases.label[of].mean() for of in parted]
    np.testing.assert_allclose(model.fitted.trees.bias, logit(shares), rtol=1e-5)
    (inputs, *_), *_ = task.datasets(config, fitted)["train"].one_epoch()
    assert set(inputs["left_out"].numpy()) <= {1, 2, 3, 4}
    (inputs, *_), *_ = task.datasets(config, fitted)["validation"].one_epoch()
    assert not inputs["left_out"].numpy().any()


def test_a_text_alone_is_the_only_input_of_an_endpoint(fitted):
    model, row = predictor.of_run(fitted), "0,HR,80;1.5,HR,125;,Age,71"
    assert model.predict(row, "csv") == model.predict({"events": row}, "csv")
    assert model.predict([row, ""], "csv")[0]["observed"] == 2
    with pytest.raises(ValueError, match="without"):
        model.predict(row)
