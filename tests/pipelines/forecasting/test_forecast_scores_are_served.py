"""What a report of forecasts says is what the export answers: computed again from `predict`, it is the same."""

import json

import numpy as np
import pandas as pd
import pytest

import pipelines
from pipelines.forecasting import forecast_report, series_data, task
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.runs import Run
from pipelines.runs.rows.quantile_levels import parse
from tfmodels import export, layers

STEPS, CONTEXT, HORIZON = 300, 12, 4
ALL = {
    **{"known": "holiday,fair", "daily": "fair", "past": "wind", "static": "kind", "target": "load,heat"},
    **{"calendar": "hour_of_day:3,month_end", "holidays": "US-MN"},
}
KINDS = {
    "quantiles": {"levels": "0.1,0.5,0.9", **ALL},
    "no median": {"levels": "0.05,0.2,0.8,0.95", "target": "load", "unit": "season", "season": 6, "calendar": ""},
    "point": {"head": "point", "levels": "0.1,0.5,0.9", "target": "load", "calendar": ""},
    "training level": {"center": "training", "levels": "0.1,0.5,0.9", "target": "load,heat", "calendar": ""},
    "direction": {"head": "direction", "center": "last", "target": "load", "calendar": ""},
}


def table(path):
    random = np.random.default_rng(0)
    frames = []
    for name, level in (("north", 3), ("south", 40)):
        load = level * (2 + np.sin(np.arange(STEPS) / 4) + 0.2 * random.normal(size=STEPS))
        load[random.random(STEPS) < 0.05] = np.nan
        frames.append(
            pd.DataFrame({
                "hour": pd.date_range("2024-01-01", periods=STEPS, freq="h"), "site": name, "load": load,
                "heat": random.normal(size=STEPS), "holiday": np.arange(STEPS) % 3, "wind": random.normal(size=STEPS),
                "kind": level, "fair": np.where(np.arange(STEPS) % 72, "", "fair"),
            })
        )  # fmt: skip
    pd.concat(frames).to_csv(path, index=False)


@pytest.fixture(scope="module", params=KINDS)
def scored(request, tmp_path_factory):
    """The config, the run, its report on the test split, and its export, of a model with random weights."""
    tmp_path = tmp_path_factory.mktemp("scored")
    table(tmp_path / "load.csv")
    options = {"data": str(tmp_path / "load.csv"), "time": "hour", "series": "site", "context": CONTEXT}
    config = task.Config(**options, horizon=HORIZON, stride=3, model="linear", **KINDS[request.param])
    run = Run(tmp_path / "run", "forecasting", config)
    series_data.prepare(config, run)
    evaluation = {"step": 1, "epoch": 1, "train_loss": 1.0, "val_loss": 1.0, "seconds": 1.0}
    (run.path / "history.json").write_text(json.dumps([evaluation]))
    network = task.model(config, run)
    network.build()
    random = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    levels = parse(config.levels)
    correction = layers.ConformalCorrection(levels, HORIZON)
    correction.build()
    correction.offsets.assign(np.sort(random.normal(0.3, 0.5, [HORIZON, len(levels)])))  # moves the median too
    forecaster = ForecastEndpoints(network, series_data.inputs(run), levels, correction)
    report = forecast_report.make(config, run, forecaster, "test")
    samples = forecaster.samples(series_data.windows(config, run, "validation").read(np.arange(2)))
    card = {"task": "forecasting", "columns": ["values"]}
    saved = export.save(tmp_path / "export", forecaster.endpoints(), [network, correction], samples, card)
    return config, run, report, pipelines.load(saved)


def served(config, run, predictor):
    """The windows of the test split, and the answers of the export to each as a request of its own."""
    windows = series_data.windows(config, run, "test")
    read = windows.read(np.arange(len(windows)))
    inputs = {**read, "time": read["time"][:, :CONTEXT]}
    rows = [
        {name: inputs[name][row] for name in predictor.endpoints["serving_default"].inputs}
        for row in range(len(windows))
    ]
    answers = predictor.predict(rows)
    return read, {name: np.array([answer[name] for answer in answers]) for name in answers[0]}


def test_the_report_is_what_the_export_answers(scored):
    config, run, report, predictor = scored
    read, answers = served(config, run, predictor)
    targets, scale = read["targets"].astype(np.float64), read["scale"]
    there = np.isfinite(targets)
    if config.head == "direction":
        last = pd.DataFrame(read["values"][..., 0].T).ffill().iloc[-1].to_numpy()[:, np.newaxis, np.newaxis]
        right = (answers["up"] > 0.5) == (targets > last)
        assert report.metrics["direction_accuracy"] == pytest.approx(100 * right[there].mean())
        likelihood = np.where(targets > last, answers["up"], 1 - answers["up"])[there]
        assert report.metrics["log_loss"] == pytest.approx(-np.log(likelihood).mean(), rel=1e-4)
        return
    levels, quantiles = parse(config.levels), answers["quantiles"]
    median = quantiles[..., levels.index(0.5)] if 0.5 in levels else quantiles[..., 1:3].mean(axis=-1)
    above = targets[..., np.newaxis] - quantiles
    errors = {
        "mae": np.abs(targets - median),
        "scaled_mae": np.abs(targets - median) / scale,
        "mse": (targets - answers["mean"]) ** 2,
        "scaled_mse": ((targets - answers["mean"]) / scale) ** 2,
        "mape": 100 * np.abs(targets - median) / np.abs(targets),
        "smape": 200 * np.abs(targets - median) / (np.abs(targets) + np.abs(median)),
        f"coverage_{100 * (levels[-1] - levels[0]):g}": 100.0
        * ((quantiles[..., 0] <= targets) & (targets <= quantiles[..., -1])),
        "crps": 2 * np.mean(np.maximum(levels * above, (np.array(levels) - 1) * above), axis=-1),
    }  # fmt: skip
    for name, each in errors.items():
        assert report.metrics[name] == pytest.approx(each[there].mean(), rel=1e-4), name
    trained_for = "mase" if config.unit == "season" else "scaled_mse" if config.head == "point" else "scaled_mae"
    assert report.primary["metric"] == trained_for
    assert report.comparisons.keys() == report.baselines.keys()


def test_an_export_in_place_of_the_run_has_the_same_scores(scored):
    config, run, report, predictor = scored
    network = task.model(config, run)  # with other weights: all that counts is what the export answers
    network.build()
    forecaster = ForecastEndpoints(network, series_data.inputs(run), parse(config.levels))
    again = forecast_report.make(config, Run(run.path, run.task, config, predictor), forecaster, "test")
    assert again.metrics == pytest.approx(report.metrics, rel=1e-4)
    assert again.baselines == report.baselines
