"""Several classes and numbers, from tables to served answers."""

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
from pipelines.clinical import calibration, data, objective, task
from pipelines.clinical.config import Config, DecisionOptions
from pipelines.clinical.heads import head_labels
from pipelines.runs import predictor
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files
from tfmodels.checked_options import OptionError

TEXTS = ["0,HR,80;1,HR,125;1.5,HR,130", "0,HR,80", "", "0,nobody measures it,3"]


@pytest.fixture(scope="module")
def outcomes(workplace):
    """Labels of `events.csv`: the ward follows from the last heart rate, days from it with noise."""
    measured = pd.read_csv("events.csv", dtype=str)
    rates = measured[measured["variable"] == "HR"].groupby("stay_id")["value"].last().astype(float)
    random = np.random.default_rng(0)
    rows = [
        [
            stay,
            "icu" if rate > 100 else "ward" if int(stay[1:]) % 2 else "home",
            round(rate / 10 + random.normal(0, 0.3), 2),
        ]
        for stay, rate in rates.items()
    ]
    row_files.write("outcomes.csv", ["stay_id", "goes_to", "days"], rows)
    shared = {"data": "events.csv", "labels_file": "outcomes.csv", "static_variables": "Age,sex", "groups": "sex",
              "transformer": SMALL, "training": STEPS}  # fmt: skip
    return {
        "classes": Config(head="classes", labels="goes_to", class_weights="balanced", **shared),
        "numbers": Config(head="numbers", labels="days", levels="0.1,0.5,0.9", **shared),
    }


@pytest.fixture(scope="module", params=["classes", "numbers"])
def fitted_head(request, outcomes):
    config = outcomes[request.param]
    run = preparation.prepare(task, runs.create("clinical", config, request.param))
    task.fit(config, run)
    return run


def test_the_report_scores_what_is_served_beside_baselines(fitted_head):
    config = fitted_head.config
    report = task.evaluate(config, fitted_head, "test")
    prepared = data.read(fitted_head)
    cases = prepared.of_split("test")
    rows = task.requests(Path("events.csv"), task.endpoints(config, fitted_head).card)
    answers = dict(zip(rows.entities, predictor.of_run(fitted_head).predict(rows), strict=True))
    mine = [answers[prepared.content["entities"][entity]] for entity in cases.entity]
    if config.head == "classes":
        found = np.array([one["probabilities"] for one in mine])
        expected = -np.log(found[np.arange(len(mine)), cases.label]).mean()
        assert report.metrics["log_loss"] == pytest.approx(expected, rel=1e-3)
        assert report.metrics["log_loss"] < report.baselines["prevalence"]["log_loss"]
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
        assert [one["label"] for one in mine] == [prepared.content["classes"][of] for of in found.argmax(axis=1)]
    else:
        found = np.array([one["mean"] for one in mine])
        assert report.metrics["mae"] == pytest.approx(np.abs(found - cases.label).mean(), rel=1e-3)
        assert report.metrics["mae"] < report.baselines["median of the training part"]["mae"]
        assert (np.diff([one["quantiles"] for one in mine], axis=1) >= 0).all()
    assert len(report.baselines) == 3 and report.row_scores is not None and report.rows_digest
    assert any("by group" in table["title"] for table in report.tables)
    assert len(list(report.answers.rows())) == len(mine) == len(list(report.answers.rows()))


def test_what_was_learnt_on_the_validation_split_holds_there(fitted_head):
    config = fitted_head.config
    prepared, answerer = data.read(fitted_head), calibration.answerer(config, fitted_head)
    cases = prepared.of_split("validation")
    rows = task.requests(Path("events.csv"), task.endpoints(config, fitted_head).card)
    answers = dict(zip(rows.entities, predictor.of_run(fitted_head).predict(rows), strict=True))
    mine = [answers[prepared.content["entities"][entity]] for entity in cases.entity]
    if config.head == "numbers":
        below = (cases.label[:, np.newaxis] <= np.array([one["quantiles"] for one in mine])).mean(axis=0)
        np.testing.assert_allclose(below, answerer.decision.levels, atol=0.11)  # of twelve cases
    else:
        assert 0.1 <= 1 / answerer.decision.slope <= 10
    nothing = predictor.of_run(fitted_head).predict([{"events": ""}], "csv")[0]
    train = prepared.of_split("train").label
    if config.head == "numbers":
        assert nothing["mean"] == pytest.approx(train.mean(), rel=1e-5)
        np.testing.assert_allclose(nothing["quantiles"], np.quantile(train, [0.1, 0.5, 0.9]), rtol=1e-5)
    else:
        np.testing.assert_allclose(nothing["probabilities"], np.bincount(train) / len(train), rtol=1e-5)


@pytest.mark.slow
def test_an_export_answers_and_explains_as_the_run_does(fitted_head, checks_in_this_process, capsys):
    name = fitted_head.path.name
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", name]) == 0, printed.getvalue()
    path = Path("saved_models") / name / "1"
    rows = [{"events": text} for text in TEXTS]
    for one, other in zip(*(pipelines.load(of).predict(rows, "csv") for of in (name, path)), strict=True):
        assert one.keys() == other.keys()
        for output, value in one.items():
            assert value == other[output] or np.allclose(value, other[output], rtol=1e-4)
    assert main.main(["check", str(path)]) == 0
    assert main.main(["predict", str(path), "--input", "events.csv", "--output", f"{name}.csv"]) == 0
    (header, *written) = Path(f"{name}.csv").read_text().splitlines()
    expected = {
        "classes": "entity,probability,label,probability of home,probability of icu,probability of ward,observed,cut",
        "numbers": "entity,mean,q0.1,q0.5,q0.9,observed,cut",
    }
    assert header == expected[fitted_head.config.head] and len(written) == 80
    frame = tfmodels.RiskClassifier.load(name).predict(pd.read_csv("events.csv", dtype=str))
    assert ",".join(frame) == header
    capsys.readouterr()
    for of, output in ((name, f"{name} of run"), (str(path), f"{name} of export")):
        assert main.main(["explain", of, TEXTS[0], "--output", output]) == 0
    one, other = (json.loads(Path(f"{name} of {of}/numbers.json").read_text()) for of in ("run", "export"))
    contributions = [[event["contribution"] for event in of["events"]] for of in (one, other)]
    np.testing.assert_allclose(*contributions, atol=1e-3)
    if name == "numbers":
        whole = one["base"] + sum(contributions[0]) + sum(one["others"].values())
        assert whole == pytest.approx(one["mean"], rel=0.2)  # kinks


def test_class_weights_weigh_training_alone(fitted_head):
    batches = task.datasets(fitted_head.config, fitted_head)
    weights = {
        name: {*np.concatenate([one[2].numpy() for one in of.one_epoch()]).round(4).tolist()}
        for name, of in batches.items()
    }
    assert weights["validation"] <= {0.0, 1.0}
    assert (len(weights["train"] - {0.0}) > 1) == (fitted_head.config.head == "classes")


def test_the_loss_of_numbers_is_least_at_the_label_and_in_its_unit():
    loss = objective.of_numbers((0.25, 0.5, 0.75), 100.0, 10.0).loss
    raw = tf.constant([[0.5, 0.0, 0.5, 0.0], [-1.0, 0.0, -1.0, 0.0]])
    right, wrong = loss(tf.constant([105.0, 105.0]), raw).numpy()
    assert right < wrong
    error = objective.of_numbers((0.5,), 100.0, 10.0).metrics["mae"]
    assert error(tf.constant([105.0]), tf.constant([[0.2, 0.0]])).numpy() == pytest.approx([3.0])


@pytest.mark.parametrize(
    ("head", "labels", "message"),
    [
        ("binary", ["a", "b", "c"], "--head classes"),
        ("classes", ["a", "a"], "2 to 100 classes"),
        ("classes", [str(number) for number in range(101)], "--head numbers"),
        ("numbers", ["1", "2", "x"], "numbers as labels.*'x'"),
        ("numbers", ["1", "inf"], "'inf'"),
    ],
)
def test_labels_that_do_not_suit_a_head_are_refused(head, labels, message):
    with pytest.raises(ValueError, match=message):
        head_labels.read(head, np.array(labels, object))


@pytest.mark.parametrize(
    "options",
    [{"positive": "yes"}, {"aim": "cost", "aim_value": 2.0}, {"score_columns": "SOFA"}, {"levels": "0.1,0.5"},
     {"decision": DecisionOptions(threshold=0.3)}, {"head": "numbers", "class_weights": "balanced"}],
)  # fmt: skip
def test_options_of_another_head_are_refused_by_name(options):
    with pytest.raises(OptionError, match=list(options)[-1].split("_")[0]):
        Config(**{"head": "classes", **options})
