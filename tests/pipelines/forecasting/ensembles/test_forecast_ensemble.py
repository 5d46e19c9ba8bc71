import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from command_line import command

from pipelines import runs
from pipelines.forecasting import series_data, task, window_forecasts
from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.forecasting.ensembles import forecast_ensemble
from pipelines.forecasting.ensembles.forecast_ensemble import ForecastEnsemble
from tfmodels import export

STEPS, CONTEXT, HORIZON = 240, 24, 6
FIT = [
    *["fit", "forecasting", "--data", "load.csv", "--time", "hour", "--target", "load", "--series", "site"],
    *["--known", "warmth", "--horizon", str(HORIZON), "--stride", "3", "--levels", "0.1,0.5,0.9"],
    *["--training.steps", "8", "--training.interval", "4", "--training.batch_tokens", "384"],
    *["--training.warmup_steps", "2", "--training.learning_rate", "1e-2", "--training.ema_decay", "0"],
]
MEMBERS = {
    "first": ["--model", "linear", "--context", "24"],
    "second": ["--model", "linear", "--context", "24", "--head", "student_t", "--training.seed", "2"],
    "third": ["--model", "linear", "--context", "12", "--training.seed", "3"],
}
DIRECTIONS = ["--model", "linear", "--context", "24", "--head", "direction", "--center", "last"]


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory; `load.csv` holds two sites of ten days."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        pd.concat([site("north", 30), site("south", 900)]).to_csv("load.csv", index=False)
        yield


def site(name, level):
    draw, hours = np.random.default_rng(level), np.arange(STEPS)
    warmth = draw.normal(size=STEPS).round(3)
    load = level * (2 + np.sin(2 * np.pi * hours / 24) + 0.1 * warmth + 0.1 * draw.normal(size=STEPS))
    times = pd.date_range("2024-01-01", periods=STEPS, freq="h")
    return pd.DataFrame({"hour": times, "site": name, "load": load, "warmth": warmth})


@pytest.fixture(scope="module")
def members(workplace, one_replica):
    with one_replica():
        for name, options in MEMBERS.items():
            status, printed = command(*FIT, "--run", name, *options)
            assert status == 0, printed
    return [runs.load(name) for name in MEMBERS]


@pytest.fixture(scope="module")
def window(members):
    read = series_data.windows(members[0].config, members[0], "validation").read(np.arange(3))
    return {"values": read["values"], "time": read["time"][:, :CONTEXT], "known": read["known"]}


def own_answers(members, window):
    """What each member answers, of as much of the history as it reads."""
    found = []
    for run in members:
        context = run.config.context
        read = {name: rows[:, -context - HORIZON * (name == "known") :] for name, rows in window.items()}
        found.append(task.forecaster(run.config, run).answer(**{name: tf.constant(of) for name, of in read.items()}))
    return found


def answer(ensemble, window):
    return ensemble.answer(**{name: tf.constant(rows) for name, rows in window.items()})


def test_its_answers_are_the_means_of_those_of_its_members(members, window):
    own = own_answers(members, window)
    found = answer(ForecastEnsemble([task.forecaster(run.config, run) for run in members]), window)
    for name in ("mean", "quantiles"):
        assert np.ptp([one[name] for one in own], axis=0).max() > 0.1  # they differ
        np.testing.assert_allclose(found[name], np.mean([one[name] for one in own], axis=0), rtol=1e-5)
    assert found["time"].numpy().tolist() == own[0]["time"].numpy().tolist()


@pytest.mark.parametrize("times", [1, 2])
def test_an_ensemble_of_one_run_is_the_run(members, window, times):
    together = forecast_ensemble.of_runs(members[:1] * times, task.forecaster)
    (own,) = own_answers(members[:1], window)
    found = answer(together, window)
    for name in ("mean", "quantiles"):
        np.testing.assert_allclose(found[name], own[name], rtol=1e-5)


def test_its_own_correction_keeps_the_coverage_of_the_mean(members):
    together = forecast_ensemble.of_runs(members, task.forecaster)
    windows = series_data.windows(members[0].config, members[0], "validation")
    raw = window_forecasts.as_trained(together, windows)
    corrected = together.corrected(tf.constant(raw.quantiles), tf.constant(raw.scale)).numpy()

    def share_below(quantiles):
        return np.mean(raw.targets[..., np.newaxis] <= quantiles, axis=(0, 1, 2))

    levels, rounding = np.array(together.levels), 0.05
    assert (np.abs(share_below(corrected) - levels) <= np.abs(share_below(raw.quantiles) - levels) + rounding).all()


def test_an_export_answers_as_the_ensemble_in_memory(members, window):
    status, printed = command("export", *MEMBERS, "--to", "saved_models/three")
    assert status == 0 and "ms an answer; one member: " in printed, printed
    together = forecast_ensemble.of_runs(members, task.forecaster)
    model = export.load("saved_models/three")
    assert set(model.endpoints) == {"serving_default", "csv", "any_length"}
    served, found = model.call("serving_default", **window), answer(together, window)
    for name in ("mean", "quantiles"):
        np.testing.assert_allclose(served[name], found[name], rtol=1e-5)
        alone = model.call("serving_default", **{key: rows[1:2] for key, rows in window.items()})
        np.testing.assert_allclose(alone[name][0], served[name][1], rtol=1e-6)
    card = json.loads(Path("saved_models/three/1/assets.extra/tfmodels.json").read_text())
    assert any("corrected once more on the validation split" in limit for limit in card["limits"])
    status, printed = command("evaluate", "saved_models/three", "--split", "test")
    assert status == 0, printed
    assert (
        "first, the first member" in printed
        and "best validation loss" not in printed
        and "loss on training" not in printed
    )
    status, printed = command("predict", "saved_models/three", "--input", "load.csv", "--output", "ahead.csv")
    assert status == 2 and "known covariates" in printed  # which the file lacks ahead, as for one run


def test_its_card_has_the_holidays_and_the_issue_of_all_members(members):
    runs_of = [replace(run, config=replace(run.config, issue="06:00", stride=24)) for run in members[:2]]
    runs_of[1] = replace(runs_of[1], config=replace(runs_of[1].config, issued_only=True))
    holidays = HolidayDates("DE", 2020, 2030, ("2024-01-01",))

    def load(config, run):
        found = task.forecaster(config, run)
        if run is runs_of[1]:
            found.inputs = replace(found.inputs, holidays=[holidays])
        return found

    together = forecast_ensemble.ForecastEnsemble([load(run.config, run) for run in runs_of])
    assert together.holidays == [holidays]
    card = forecast_ensemble.servable(runs_of, task.forecaster).card
    assert card["table"]["issued"] == "06:00" and any("at 06:00 alone" in limit for limit in card["limits"])


def test_members_that_do_not_fit_are_refused_by_name(members):
    with pytest.raises(ValueError, match=r"run of the longest context first.*name first before third"):
        task.ensemble([members[2], members[0]])
    other = replace(members[1], config=replace(members[1].config, levels="0.2,0.5,0.8"))
    with pytest.raises(ValueError, match=r"same levels as .*first, .*Received: .*second, levels=\(0\.2, 0\.5, 0\.8\)"):
        task.ensemble([members[0], other])


def test_probabilities_of_directions_are_averaged(workplace, one_replica, window):
    with one_replica():
        for name, seed in {"up": "1", "down": "2"}.items():
            status, printed = command(*FIT, "--run", name, *DIRECTIONS, "--training.seed", seed)
            assert status == 0, printed
    directions = [runs.load("up"), runs.load("down")]
    found = answer(forecast_ensemble.of_runs(directions, task.forecaster), window)
    own = own_answers(directions, window)
    np.testing.assert_allclose(found["up"], np.mean([one["up"] for one in own], axis=0), atol=1e-6)
    with pytest.raises(ValueError, match=r"same answer as .*first, 'values'\. Received: .*up, answer='directions'"):
        task.ensemble([runs.load("first"), directions[0]])
