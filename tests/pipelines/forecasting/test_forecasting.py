import contextlib
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pipelines
import tfmodels
from pipelines import runs
from pipelines.cli import main
from pipelines.forecasting import series_data, task
from tfmodels.training.optimization import precision

STEPS, CONTEXT, HORIZON = 240, 24, 6
FIT = [
    *["fit", "forecasting", "--run", "load", "--data", "load.csv", "--time", "hour", "--target", "load"],
    *["--series", "site", "--known", "holiday", "--static", "kind", "--context", str(CONTEXT)],
    *["--horizon", str(HORIZON), "--stride", "3", "--model", "linear", "--levels", "0.1,0.5,0.9"],
    *["--training.steps", "40", "--training.interval", "20", "--training.batch_tokens", "384"],
    *["--training.warmup_steps", "4", "--training.learning_rate", "1e-2", "--training.ema_decay", "0"],
]
BY_STEP = ["--linear.decoder", "steps", "--linear.decoder_units", "8"]
PICTURES = ("curves.png", "forecasts.png", "errors.png", "coverage.png")


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory of all tests here; `load.csv` holds two sites of ten days."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        pd.concat([site("north", "home", 30), site("south", "office", 900)]).to_csv("load.csv", index=False)
        yield Path.cwd()


def site(name, kind, level):
    random = np.random.default_rng(level)
    hours = np.arange(STEPS)
    load = level * (2 + np.sin(2 * np.pi * hours / 24) + 0.1 * random.normal(size=STEPS))
    load[random.random(STEPS) < 0.05] = np.nan
    frame = {
        "hour": pd.date_range("2024-01-01", periods=STEPS, freq="h"),
        "site": name,
        "load": load,
        "holiday": np.where(hours // 24 % 5 == 3, "closed", ""),
        "kind": kind,
    }
    return pd.DataFrame(frame).drop(index=[50, 51, 52])


@pytest.fixture(scope="module")
def fitted(two_replicas):
    """The run, and what training it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main([*FIT, *BY_STEP]) == 0
    return runs.load("load"), printed.getvalue()


@pytest.fixture(scope="module")
def run(fitted):
    return fitted[0]


@pytest.fixture(scope="module")
def exported(run):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "load"]) == 0
    return printed.getvalue()


def strict_json(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def table_of(report, title):
    return next(table for table in strict_json(report)["tables"] if table["title"].startswith(title))


def history(folder):
    """The table of a user who wants a forecast: the known covariates reach into the horizon, the load does not."""
    frame = pd.concat([site("north", "home", 30), site("south", "office", 900)])
    left = STEPS - 3 - frame.groupby("site").cumcount()  # rows from each on
    frame["load"] = (
        frame["load"].where(left > HORIZON).mask(left == HORIZON + 1, frame["kind"].map({"home": 60, "office": 1800}))
    )
    path = folder / "history.csv"
    frame.to_csv(path, index=False)
    return path


def test_fit_reports_on_the_validation_split(fitted):
    run, printed = fitted
    report = strict_json(run.path / "report.json")
    assert (report["task"], report["split"]) == ("forecasting", "validation")
    assert report["primary"]["metric"] in report["metrics"] and not report["primary"]["higher_is_better"]
    assert len(report["baselines"]) >= 4
    titles = [table["title"] for table in report["tables"]]
    assert any("skill" in title for title in titles)
    assert any("steps ahead" in title for title in titles) and any("series" in title for title in titles)
    assert report["parameters"] > 0 and report["beats_baseline"] is None  # too few days
    assert all((run.path / name).stat().st_size > 1000 for name in PICTURES)
    assert "windows/s" in printed and "windows of 2 series" in printed
    assert "predict load --input FILE --output FILE" in printed


@pytest.mark.slow
def test_a_run_ended_before_its_correction_says_so_and_the_same_command_finishes_it(run, capsys):
    """As by a kill between the end of training and the file of the correction."""
    names = ("report.json", "history.json", "conformal.npy")
    before = {name: (run.path / name).read_bytes() for name in names}
    (run.path / "conformal.npy").unlink()
    assert main.main(["evaluate", "load"]) == 2
    assert "conformal.npy, which the run has written" in capsys.readouterr().err
    (run.assets / "digests.json").unlink()  # as of an earlier version
    assert main.main(["evaluate", "load"]) == 0
    assert "has no conformal.npy" in capsys.readouterr().err
    assert any("not corrected" in note for note in strict_json(run.path / "report.json")["notes"])
    assert main.main([*FIT, *BY_STEP]) == 0
    assert "has no conformal.npy" not in capsys.readouterr().err
    again = {name: (run.path / name).read_bytes() for name in names}
    assert strict_json(run.path / "report.json") == json.loads(before.pop("report.json"))
    assert before.items() <= again.items()


def test_the_test_split_is_scored_and_logged_and_has_figures_of_its_own(run, capsys):
    before = {name: (run.path / name).read_bytes() for name in PICTURES}
    assert main.main(["evaluate", "load", "--split", "test"]) == 0
    assert f"Figures: {run.path / 'forecasts.test.png'}, " in capsys.readouterr().out
    assert main.main(["evaluate", "load", "--data", "load.csv"]) == 0
    assert {name: (run.path / name).read_bytes() for name in PICTURES} == before
    for name in PICTURES[1:]:
        for scored in ("test", "other"):
            assert (run.path / name.replace(".", f".{scored}.")).read_bytes() != before[name]
    assert strict_json(run.path / "report.test.json")["split"] == "test"
    assert "evaluate load --split test" in (run.path / "test_uses.log").read_text()


def test_run_and_export_forecast_a_table_alike(run, exported, tmp_path):
    assert "--input FILE --output FILE" in exported
    tables = []
    for model in ("load", "saved_models/load"):
        output = tmp_path / f"{len(tables)}.csv"
        assert main.main(["predict", model, "--input", str(history(tmp_path)), "--output", str(output)]) == 0
        tables.append(pd.read_csv(output))
    one, other = tables
    assert list(one.columns) == ["site", "hour", "load", "load_q0.1", "load_q0.5", "load_q0.9"]
    assert one["site"].tolist() == ["north"] * HORIZON + ["south"] * HORIZON
    assert one["hour"].iloc[-1] == "2024-01-10 23:00:00"
    for name in one.columns[2:]:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-4)
    assert (one["load_q0.1"] <= one["load_q0.9"]).all()
    assert 1 < one["load"][6:].mean() / one["load"][:6].mean() < 100  # each in its own units


def test_a_frame_has_the_forecasts_of_a_file(run, tmp_path):
    frame = pd.read_csv(history(tmp_path))
    found = pipelines.load("load").predict(frame)
    for name in ("out.csv", "out.parquet"):
        assert (
            main.main(["predict", "load", "--input", str(tmp_path / "history.csv"), "--output", str(tmp_path / name)])
            == 0
        )
    exact, written = pd.read_parquet(tmp_path / "out.parquet"), pd.read_csv(tmp_path / "out.csv")
    assert list(found) == list(exact) == list(written)
    pd.testing.assert_frame_equal(found.assign(hour=found["hour"].astype(str)), exact, check_exact=True)
    np.testing.assert_allclose(found.iloc[:, 2:], written.iloc[:, 2:], rtol=1e-6)
    assert found["hour"].dtype.kind == "M" and found["hour"].astype(str).tolist() == written["hour"].tolist()


def test_the_class_forecasts_and_scores_as_the_command(run, tmp_path):
    forecaster = tfmodels.Forecaster.load("load")
    frame = pd.read_csv(history(tmp_path))
    pd.testing.assert_frame_equal(forecaster.predict(frame), pipelines.load("load").predict(frame))
    indexed = forecaster.predict(frame.set_index(["site", "hour"]))
    assert indexed.index.names == ["site", "hour"] and len(indexed) == 2 * HORIZON
    past = forecaster.backtest(split="test")
    assert main.main(["evaluate", "load", "--split", "test"]) == 0
    report = strict_json(run.path / "report.test.json")
    assert past.report.metrics == report["metrics"] and past.report.command == report["command"]
    found = past.forecasts
    assert list(found)[:6] == ["site", "origin", "hour", "step", "load_actual", "load"]
    errors = (found["load_actual"] - found["load_q0.5"]).abs()
    assert errors.mean() == pytest.approx(report["metrics"]["mae"], rel=1e-5)
    assert ((found["hour"] - found["origin"]) == found["step"] * pd.Timedelta("1h")).all()
    came = pd.read_csv("load.csv", parse_dates=["hour"]).merge(found, on=["site", "hour"])
    np.testing.assert_array_equal(came["load_x"], came["load_actual"])
    assert "forecasts.test.png" in repr(forecaster.plot()) and "<figure>" in forecaster.explain("north")._repr_html_()
    other = forecaster.backtest(frame[frame["site"] == "south"])
    assert set(other.forecasts["site"]) == {"south"} and other.report.split == "other"


def test_evaluate_without_boosted_trees(run, capsys):
    assert main.main(["evaluate", "load", "--baselines", "fast"]) == 0
    fast, whole = (strict_json(run.path / name)["baselines"] for name in ("report.changed.json", "report.json"))
    assert whole.keys() - fast.keys() == {"boosted trees"}
    assert main.main(["evaluate", "load", "--baseline", "fast"]) == 2
    assert "did you mean --baselines?" in capsys.readouterr().err


def test_the_large_site_does_not_outweigh_the_small_one(run):
    scores = {row[0]: row[2] for row in table_of(run.path / "report.json", "scaled_mae by series")["rows"]}
    assert scores.keys() == {"north", "south"} and max(scores.values()) < 3 * min(scores.values())


def test_explain_draws_a_forecast(run, tmp_path):
    assert main.main(["explain", "load", "south @ 2024-01-08 06:00", "--output", str(tmp_path)]) == 0
    numbers = strict_json(tmp_path / "numbers.json")
    assert numbers["series"] == "south" and numbers["time"][0] == "2024-01-08T06:00:00"
    assert (tmp_path / "forecast.png").stat().st_size > 1000
    assert (tmp_path / "seasons.png").stat().st_size > 1000
    seasons = numbers["seasonal_attention"]
    assert seasons == {"before": ["1 day"], "load": [[pytest.approx(1.0)]] * HORIZON}
    assert main.main(["explain", "load", "west"]) == 2
    assert main.main(["explain", "load", "south @ 2024-01-09 06:00"]) == 2  # of the test split


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("west", r"name of a series.*: north, south\. Received: 'west'"),
        (
            "south @ 1999-01-01",
            r"a time from 2024-01-0\d \d\d:00:00 to 2024-01-0\d \d\d:00:00, in the validation split",
        ),
        ("south @ 2024-02-01", "a time from 2024-01-0"),
        ("south @ noon", "a time such as 2021-12-01 06:00"),
    ],
)
def test_explain_refuses_what_the_split_does_not_hold(run, row, message, capsys):
    assert main.main(["explain", "load", row]) == 2
    assert re.search(message, capsys.readouterr().err)


@pytest.fixture
def fit_with(one_replica):
    """Trains with other options, on one device; the status and what was printed."""

    def fit(name, *options):
        with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed), one_replica():
            status = main.main([*FIT, "--run", name, "--baselines", "fast", *options])
        return status, printed.getvalue()

    return fit


@pytest.mark.slow
def test_a_run_starts_from_the_weights_of_another(run, fit_with):
    status, printed = fit_with("tuned", "--start_from", "load", "--training.steps", "1", "--training.interval", "1")
    assert status == 0
    assert re.search(r"Starting from runs/load:\n  variables: [1-9]\d* copied, 0 newly initialised", printed), printed
    assert any(
        "started from the weights of load" in note for note in strict_json(Path("runs/tuned/report.json"))["notes"]
    )


@pytest.mark.slow
def test_attention_is_drawn_and_held_out_series_are_evaluated(run, fit_with, tmp_path):
    options = ["--model", "attention_lstm", "--attention_lstm.d_model", "8", "--attention_lstm.patch", "6"]
    options += [
        "--attention_lstm.num_layers",
        "1",
        "--hold_out",
        "south",
        "--head",
        "point",
        "--calendar",
        "",
        "--training.steps",
        "2",
        "--training.interval",
        "1",
    ]
    status, printed = fit_with("attentive", *options)
    assert status == 0, printed
    assert len(pipelines.runs.load("attentive").history) == 2
    report = Path("runs/attentive/report.json")
    assert {row[0] for row in table_of(report, "mape by series")["rows"]} == {"north"}
    assert "mase" in {row[0] for row in table_of(report, "series held out from training")["rows"]}
    assert main.main(["explain", "attentive", "south", "--output", str(tmp_path)]) == 0
    weights = strict_json(tmp_path / "numbers.json")["attention"]
    assert len(weights) == CONTEXT and sum(weights) == pytest.approx(1, rel=1e-3)


HEADS = {"student_t": "load_q0.9", "negative_binomial": "load_q0.9", "direction": "load_up"}


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
def test_every_head_is_trained_reported_and_served(head, run, fit_with, tmp_path):
    options = ["--head", head, "--center", "last", "--training.steps", "4", "--training.interval", "2"]
    status, printed = fit_with(head, *options)
    assert status == 0, printed
    report = strict_json(Path("runs") / head / "report.json")
    assert None not in report["metrics"].values()
    if head == "direction":
        assert report["primary"] == {"metric": "direction_accuracy", "higher_is_better": True}
        assert {"always up", "ridge"} < report["baselines"].keys()
    assert main.main(["export", head]) == 0
    output = tmp_path / "forecast.csv"
    model = f"saved_models/{head}"
    assert main.main(["predict", model, "--input", str(history(tmp_path)), "--output", str(output)]) == 0
    answer = pd.read_csv(output)[HEADS[head]]
    assert len(answer) == 2 * HORIZON and np.isfinite(answer).all()
    if head == "direction":
        assert answer.between(0, 1).all()
        assert main.main(["explain", head, "south", "--output", str(tmp_path)]) == 0
        assert len(strict_json(tmp_path / "numbers.json")["up"]) == HORIZON
    if head == "negative_binomial":
        assert (answer % 1 == 0).mean() < 1 and (answer >= 0).all()  # whole numbers before the correction


def test_forecasts_are_issued_at_a_time_of_day(run):
    issued = task.Config(**{**vars(run.config), "stride": 24, "issue": "02:00"})
    every = len(series_data.windows(issued, run, "train"))
    daily = series_data.windows(replace(issued, issued_only=True), run, "train")
    assert every // 24 <= len(daily) <= every // 24 + 2
    read = daily.read(np.arange(len(daily)))
    assert set(read["time"][:, CONTEXT - 1] % 86400) == {2 * 3600}
    windows = series_data.windows(issued, run, "test")
    assert len(windows) == 4
    assert (windows.read(np.arange(4))["time"][:, CONTEXT] % 86_400 == 3 * 3600).all()


def test_errors_are_trained_on_in_the_unit_of_mase(run):
    config = task.Config(**{**vars(run.config), "unit": "season"})
    _, targets, _ = next(iter(task.datasets(config, run)["validation"].one_epoch()))
    found = {float(scale) for scale in targets["scale"].numpy().ravel()}
    parts = (series_data.rows(run).part(number) for number in range(2))
    changes = (np.abs(part.values[24 : part.bounds[0]] - part.values[: part.bounds[0] - 24]) for part in parts)
    np.testing.assert_allclose(sorted(found), sorted(float(np.nanmean(change)) for change in changes), rtol=1e-4)


@pytest.mark.slow
def test_a_learning_rate_is_searched(run, fit_with):
    status, printed = fit_with("search", "--find_lr")
    assert status == 0, printed
    assert len(strict_json(Path("runs/search/find_lr.json"))["rates"]) > 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "laod"], r"Received: target='laod' \(did you mean load\?\)"),
        (["--data", "nowhere.csv"], "Expected a table"),
        (["--hold_out", "nroth"], "Received: 'nroth'"),
        (["--split", "0.9,0.05"], "split='0.9,0.05'"),
        (["--context", "-1"], "context=-1"),
        (["--levels", "0.1,0.5"], "symmetrical"),
        (["--frequency", "x"], "irregular"),
        (["--calendar", "hours"], "calendar features"),
        (["--issue", "noon"], "time of day.*issue='noon'"),
        (["--issued_only", "true"], "issued_only to be false without issue"),
        (["--issue", "06:00"], "whole days with issue='06:00'. Received: 3 steps of h"),
        (["--head", "direction", "--center", "mean"], "center to be last or zero with head=direction"),
        (["--model", "transformer", "--transformer.attention_dropout", "1"], "attention_dropout=1"),
        (["--transformer.patch", "8"], "transformer.patch only with model=transformer"),
        (["--horizon", "300"], "in some series|to train on"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_trained(options, message, fit_with):
    status, printed = fit_with("wrong", *options)
    assert status == 2
    assert re.search(message, printed), printed
    assert not Path("runs/wrong").exists()


def test_half_precision_is_refused_where_it_is_slower(fit_with, monkeypatch):
    monkeypatch.setattr(precision, "_processor_flags", set)
    status, printed = fit_with("half", "--training.precision", "bfloat16")
    assert status == 2 and "bfloat16" in printed


def test_the_defaults_name_their_data():
    config = task.Config()
    assert config.data == "synthetic" and config.training.steps * 64 > 10_000
