"""Runs and exports of format 1: see tests/fixtures/README.md. What they hold may never be made anew."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.forecasting import series_data, window_forecasts
from pipelines.runs import registry, report, trainable
from tfmodels import export, training
from tfmodels.export.checks import static_check

ARCHIVE = Path(__file__).parents[1] / "fixtures" / "format_1.tar.xz"
TASKS = {
    "translation": "translation",
    "translation_lstm": "translation",
    "sentiment": "classification",
    "forecasting": "forecasting",
}


@pytest.fixture
def expected(tmp_path, monkeypatch):
    """What is recorded; the working directory holds the runs, the exports and their data."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path / "format_1")
    return json.loads(Path("expected.json").read_text(encoding="utf-8"))


# Format 1 scored the median before the conformal shift, and its ridge regression weighed all windows alike.
OF_THE_MEDIAN = {"scaled_mae", "mae", "mape", "series_mape", "smape", "mase", "owa"}


def close(found, wanted, tolerance):
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=tolerance, abs=tolerance), name


@pytest.mark.parametrize("name", ["translation", "sentiment", "forecasting"])
def test_an_export_answers_as_recorded(name, expected):
    recorded = expected["exports"][name]
    endpoint = "csv" if name == "forecasting" else "serving_default"
    answers = export.load(f"saved_models/{name}").call(endpoint, **recorded["inputs"])
    assert answers.keys() == recorded["outputs"].keys()
    for output, values in recorded["outputs"].items():
        found = np.asarray(answers[output])
        if found.dtype.kind in "OSU":
            assert np.char.decode(found.astype("S"), "utf-8").tolist() == values
        else:
            np.testing.assert_allclose(found, values, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["translation", "sentiment", "forecasting"])
def test_nothing_is_found_in_the_files_of_an_export(name, expected):
    found = static_check.static_findings(Path(f"saved_models/{name}/1"))
    assert {(finding.endpoint, finding.rule) for finding in found} <= {("any_length", "open_axis")}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["translation", "sentiment", "forecasting"])
def test_nothing_is_found_in_the_answers_of_an_export(name, expected, checks_in_this_process):
    assert {finding.rule for finding in export.check(f"saved_models/{name}")} <= {"open_axis", "not_compared"}


def test_predict_asks_an_export_by_its_card(capsys, expected):
    for name, column in (("translation", "text"), ("sentiment", "label")):
        recorded = expected["exports"][name]
        assert main.main(["predict", f"saved_models/{name}", "--", *recorded["inputs"]["text"]]) == 0
        printed = capsys.readouterr().out.splitlines()
        assert [line.partition("\t")[0] for line in printed] == recorded["outputs"][column]
    file = ["--input", "load.csv", "--output", "forecast.csv"]
    assert main.main(["predict", "saved_models/forecasting", *file]) == 0
    assert len(Path("forecast.csv").read_text().splitlines()) > 1


@pytest.mark.parametrize("name", TASKS)
def test_a_run_opens_with_its_settings_and_weights(name, expected, one_replica):
    run = runs.load(name)
    assert (run.task, run.config.training.steps) == (TASKS[name], 4)
    task = registry.find(run.task)
    network = task.model(run.config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    with one_replica():
        validation = task.datasets(run.config, run)["validation"].one_epoch()
        loss = training.validate(network, validation, trainable.objective(task, run.config, run))["loss"]
    assert loss == pytest.approx(expected["runs"][name]["history"][0]["val_loss"], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_a_run_goes_on_and_does_everything_with_the_same_result(name, expected, one_replica):
    recorded = expected["runs"][name]
    with one_replica():
        assert main.main(["fit", TASKS[name], "--run", name, "--config", f"runs/{name}/config.yaml"]) == 0
        run, task = runs.load(name), registry.find(TASKS[name])
        for found, wanted in zip(run.history, recorded["history"], strict=True):
            close({key: found[key] for key in wanted}, wanted, 1e-3)

        assert main.main(["evaluate", name, "--split", "test"]) == 0
        scored = report.read(run.path / "report.test.json")
        as_then = {"forecasting": OF_THE_MEDIAN}.get(name, set())
        wanted = recorded["test_metrics"]
        close(scored.metrics, {metric: wanted[metric] for metric in wanted.keys() - as_then}, 1e-3)
        assert scored.baselines.keys() >= recorded["test_floors"].keys()
        for baseline, scores in recorded["test_floors"].items():
            if baseline != "ridge":
                close(scored.baselines[baseline], scores, 1e-6)
        if as_then:  # what format 1 called the error of the median is that of the median as trained
            forecaster, windows = task.forecaster(run.config, run), series_data.windows(run.config, run, "test")
            trained = window_forecasts.as_trained(forecaster, windows)
            middle = trained.quantiles[..., len(forecaster.levels) // 2]
            error = np.nanmean(np.abs(trained.targets - middle))
            assert error == pytest.approx(wanted["mae"], rel=1e-3) != pytest.approx(scored.metrics["mae"], rel=1e-3)

        assert main.main(["export", name, "--to", f"again/{name}"]) == 0
    rows = expected["exports"][name.removesuffix("_lstm")]["inputs"].get("text")
    if rows:
        assert len(pipelines.load(f"again/{name}").predict(rows)) == len(rows)
