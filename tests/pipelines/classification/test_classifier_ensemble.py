import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from command_line import command
from small_opinions import SMALL, family, fit_with

import pipelines
from pipelines import runs
from pipelines.classification import classifier_ensemble, data, network, task
from pipelines.classification.classifier_ensemble import ClassifierEnsemble
from tfmodels import export
from tfmodels.layers import TemperatureScaling

pytestmark = pytest.mark.slow  # several trainings and exports; the ensembles of forecasters are fast

TEXTS = ["a fine film, not a dull one", "grey", "", "never seen 語", "word " * 40]
MEMBERS = {
    "first": SMALL,
    "second": [*SMALL, "--training.seed", "2"],
    "third": [*family("lstm", attention="additive"), "--training.seed", "3", "--max_length", "12"],
}


@pytest.fixture(scope="module")
def members(workplace, one_replica):
    with one_replica():
        for name, options in MEMBERS.items():
            status, printed = fit_with(name, *options, "--training.steps", "8", "--training.interval", "4")
            assert status == 0, printed
    return [runs.load(name) for name in MEMBERS]


@pytest.fixture(scope="module")
def exported(members):
    status, printed = command("export", *MEMBERS, "--to", "saved_models/three")
    assert status == 0, printed
    return printed


def answers(model, texts=TEXTS):
    return {name: values.numpy() for name, values in model.answer(tf.constant(texts)).items()}


def unscaled(members):
    return ClassifierEnsemble([network.trained(run.config, run) for run in members], TemperatureScaling())


@pytest.mark.parametrize("times", [1, 2])
def test_an_ensemble_of_one_run_is_the_run(members, times):
    alone = network.trained(members[0].config, members[0])
    together = classifier_ensemble.of_runs(members[:1] * times)
    assert float(together.scaling.temperature) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(answers(together)["probabilities"], answers(alone)["probabilities"], atol=1e-4)
    explained, own = (one.explain(tf.constant(TEXTS)) for one in (together, alone))
    np.testing.assert_allclose(explained["attention"], own["attention"], atol=1e-5)


def test_its_probabilities_are_the_mean_of_those_of_its_members(members):
    own = [answers(network.trained(run.config, run))["probabilities"] for run in members]
    assert np.ptp(own, axis=0).max() > 1e-3  # they differ
    found = answers(unscaled(members))
    np.testing.assert_allclose(found["probabilities"], np.mean(own, axis=0), atol=1e-5)
    np.testing.assert_allclose(found["probability"], np.mean(own, axis=0).max(axis=1), atol=1e-5)


def test_its_own_temperature_is_fitted_to_the_mean(members):
    together, plain = classifier_ensemble.of_runs(members), unscaled(members)
    rows = data.read(members[0].config, members[0], "validation")
    labels = data.targets(rows, together.classes, False)

    def loss(ensemble):
        return -np.log(answers(ensemble, [row.text for row in rows])["probabilities"][range(len(rows)), labels]).mean()

    assert loss(together) <= loss(plain) + 1e-3
    expected = tf.nn.softmax(plain.logits(tf.constant(TEXTS)) / float(together.scaling.temperature))
    np.testing.assert_allclose(answers(together)["probabilities"], expected, atol=1e-5)


def test_labels_that_do_not_exclude_each_other_are_averaged_one_by_one(members):
    classifiers = [network.trained(run.config, run) for run in members]
    for one in classifiers:
        one.separator = "|"
    own = [answers(one)["probabilities"] for one in classifiers]
    together = ClassifierEnsemble(classifiers, TemperatureScaling(multi_label=True))
    np.testing.assert_allclose(answers(together)["probabilities"], np.mean(own, axis=0), atol=1e-5)


def test_an_export_answers_as_the_ensemble_in_memory(members, exported):
    together = classifier_ensemble.of_runs(members)
    model = export.load("saved_models/three")
    assert set(model.endpoints) == {"serving_default"}  # the third reads fewer tokens
    served = model.call("serving_default", text=TEXTS)
    found = answers(together)
    np.testing.assert_allclose(served["probabilities"], found["probabilities"], atol=1e-5)
    assert served["label"].tolist() == found["label"].tolist()
    for row, text in enumerate(TEXTS):
        alone = model.call("serving_default", text=[text])
        np.testing.assert_allclose(alone["probabilities"][0], served["probabilities"][row], atol=1e-6)


def test_members_that_read_alike_are_explained_together(members):
    together = classifier_ensemble.of_runs(members[:2])
    assert [one.name for one in together.endpoints()] == ["serving_default", "explain"]
    own = [network.trained(run.config, run).explain(tf.constant(TEXTS)) for run in members[:2]]
    found = together.explain(tf.constant(TEXTS))
    np.testing.assert_allclose(found["attention"], np.mean([one["attention"] for one in own], axis=0), atol=1e-5)
    assert found["tokens"].numpy().tolist() == own[0]["tokens"].numpy().tolist()


def test_the_export_says_what_it_is_made_of(exported):
    card = json.loads(Path("saved_models/three/1/assets.extra/tfmodels.json").read_text())
    assert [member["name"] for member in card["members"]] == list(MEMBERS)
    assert not card["scores"]["measured"] and "third: accuracy" in card["scores"]["note"]
    page = Path("saved_models/three/1/assets.extra/model_card.md").read_text()
    assert "An ensemble: the mean of the probabilities of 3 models" in page and "There is no endpoint explain" in page
    assert "ms an answer; one member: " in exported


def test_the_export_is_scored_beside_its_members(exported):
    status, printed = command("evaluate", "saved_models/three", "--split", "test")
    assert status == 0, printed
    for name in MEMBERS:
        command("evaluate", name, "--split", "test")
    assert command("evaluate", "saved_models/three", "--split", "test")[0] == 0
    found = json.loads(Path("runs/first/report.test.three-1.json").read_text())
    table = next(one for one in found["tables"] if one["title"].startswith("beside"))
    assert table["columns"] == ["metric", "export", *MEMBERS]
    accuracy = next(row for row in table["rows"] if row[0] == "accuracy")
    reports = [json.loads(Path(f"runs/{name}/report.test.json").read_text()) for name in MEMBERS]
    assert accuracy[2:] == [one["metrics"]["accuracy"] for one in reports]


def test_an_export_in_a_quarter_of_the_bytes_is_checked_and_predicts(exported):
    status, printed = command("export", "first", "second", "--weights", "int8", "--samples", "data")
    assert status == 0, printed
    assert command("check", "saved_models/first-ensemble")[0] == 0
    found = pipelines.load("saved_models/first-ensemble").predict(TEXTS)
    assert {row["label"] for row in found} <= {"good", "bad"}


def test_members_that_do_not_fit_are_refused_by_name(members):
    assert fit_with("other", *SMALL, "--vocabulary_size", "20", "--training.steps", "4")[0] == 0
    status, printed = command("export", "first", "other")
    assert status == 2 and "runs/other, vocabulary=" in printed and not Path("saved_models/first-ensemble/2").exists()
    changed = replace(members[1].config, classes="good,bad")
    with pytest.raises(ValueError, match=r"same normalize as .*first, 'nfc'\. Received: .*second, normalize='none'"):
        task.ensemble([members[0], replace(members[1], config=replace(changed, normalize="none"))])


def test_members_with_another_validation_split_are_refused(members, monkeypatch):
    read = data.read
    fewer = {"second": slice(1, None)}
    monkeypatch.setattr(
        data, "read", lambda config, run, split: read(config, run, split)[fewer.get(run.name, slice(None))]
    )
    with pytest.raises(ValueError, match=r"same validation split as .*first.*Received: .*second, with other rows"):
        task.ensemble(members[:2])


def test_runs_of_several_tasks_and_tasks_without_ensembles_are_refused(members, tmp_path):
    from pipelines.runs.ensembles import members as ensembles

    with pytest.raises(ValueError, match=r"of the same task as .*first, classification\. Received: .*translation"):
        ensembles.servable([members[0], replace(members[1], task="translation")])
    file = tmp_path / "own.py"
    file.write_text("class Config:\n    pass\n")
    own = [replace(run, task=str(file)) for run in members[:2]]
    with pytest.raises(ValueError, match=r"Expected one run, since the task .*own.py has no function `ensemble"):
        ensembles.servable(own)
