from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines import runs
from pipelines.forecasting import series_data
from pipelines.forecasting.decisions import center_choice, data_defaults, open_options
from pipelines.forecasting.task import Config
from pipelines.runs import Run
from pipelines.sources.faults import Faults
from pipelines.sources.tables import time_splits
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.table_series import read
from tfmodels.models.lstm_options import LSTMForecasterOptions
from tfmodels.training import Series


@pytest.fixture
def decide(tmp_path):
    """What a table of that frequency and length decides."""

    def of(frequency, steps, values=None, **options):
        time = pd.date_range("2015-01-01", periods=steps, freq=frequency)
        values = np.random.default_rng(1).normal(size=steps) if values is None else values
        data = tmp_path / "data.csv"
        pd.DataFrame({"time": time, "y": values}).to_csv(data, index=False)
        table = read(data, Reading(Columns(("time",), ("y",))), "", Faults("error"))
        return data_defaults.decide(Config(data=str(data), **options), table)

    return of


@pytest.mark.parametrize(
    ("frequency", "steps", "season", "horizon", "context", "calendar"),
    [
        ("MS", 144, 12, 12, 24, "month_of_year"),
        ("QS", 60, 4, 4, 8, "month_of_year"),
        ("YS", 60, 1, 6, 12, ""),
        ("W", 500, 52, 13, 104, "day_of_year:2"),
        ("D", 1200, 7, 7, 28, "day_of_week:3,day_of_year:2"),
        ("D", 300, 7, 7, 28, "day_of_week:3"),
        ("B", 300, 5, 5, 28, "day_of_week:2"),
        ("6h", 2000, 4, 4, 28, "hour_of_day:2,day_of_week:12"),
        ("h", 2000, 24, 24, 168, "hour_of_day:6,day_of_week:12"),
        ("30min", 3000, 48, 48, 336, "hour_of_day:6,day_of_week:12"),
        ("15min", 4000, 96, 96, 672, "hour_of_day:6,day_of_week:12"),
        ("min", 3000, 60, 60, 120, ""),
    ],
)
def test_sizes_follow_the_frequency(decide, frequency, steps, season, horizon, context, calendar):
    found = decide(frequency, steps)
    assert (found.season, found.horizon, found.context) == (season, horizon, context)
    assert (found.calendar, found.model) == (calendar, "linear")


@pytest.mark.parametrize("steps", [12, 20, 40, 80])
def test_a_short_series_leaves_room_for_each_split(decide, steps):
    found = decide("MS", steps)
    train, validation, test = time_splits.bounds(found.split, np.arange(steps))
    assert 1 <= found.horizon <= min(validation - train, test - validation)
    assert 1 <= found.context <= train - found.horizon


def test_many_values_get_a_transformer_whose_patches_fit(decide):
    found = decide("h", 30_000)
    assert (found.model, found.transformer.patch) == ("transformer", 24)
    assert decide("D", 300, model="transformer").transformer.patch == 7
    assert decide("D", 300, lstm=LSTMForecasterOptions(patch=2)).lstm.patch == 2


def test_what_is_given_is_kept(decide):
    given = {"season": 3, "horizon": 5, "context": 11, "calendar": "", "model": "lstm", "center": "last"}
    found = decide("D", 300, **given, lstm=LSTMForecasterOptions(patch=3))
    assert {name: getattr(found, name) for name in given} == given and found.stride == 0


def test_few_forecasts_to_validate_on_are_made_at_each_step(decide):
    assert decide("MS", 144).stride == 1
    assert decide("D", 1200).stride == 0


def test_changes_are_forecast_where_that_is_better_on_validation(decide):
    steps = np.arange(300)
    growing = (1 + 0.01 * steps) * (10 + np.tile(np.random.default_rng(3).normal(size=12), 25))
    assert decide("MS", 300, growing).center == "season"
    assert decide("MS", 300).center == "mean"  # noise
    assert decide("MS", 300, growing, model="linear").center == "mean"  # a model that is named is what it was


def test_the_choice_looks_at_nothing_of_the_test():
    values = np.random.default_rng(2).normal(size=(200, 1)) + np.tile(np.arange(12.0), 17)[:200, np.newaxis]
    empty = np.zeros([200, 0])
    one = Series("", np.arange(200), values, empty, empty, np.zeros(0), (140, 160, 200))
    other = one._replace(values=np.where(np.arange(200)[:, np.newaxis] < 160, values, 1e6))
    kept = [center_choice.better_on_validation([series], 24, 12, 12) for series in (one, other)]
    assert kept[0] == kept[1]


def test_the_synthetic_series_keep_what_their_defaults_were():
    config = Config()
    assert (config.model, config.context, config.horizon, config.center) == ("transformer", 168, 24, "mean")
    assert (config.calendar, config.season, config.stride) == ("hour_of_day,day_of_week", 0, 0)
    assert config.transformer.patch == 24


def test_a_run_keeps_what_was_decided_and_takes_the_same_command(tmp_path, monkeypatch, decide):
    monkeypatch.chdir(tmp_path)
    found = decide("MS", 144)
    config = Config(data=found.data)
    run = runs.create("forecasting", config)
    decided = series_data.prepare(config, run)
    assert decided == replace(found, time="time", target="y")
    runs.write(replace(run, config=decided))
    (run.path / "history.json").touch()
    assert runs.create("forecasting", config).config == decided == runs.load("forecasting").config
    assert series_data.season(decided, run) == 12
    with pytest.raises(ValueError, match="horizon: 12 in the run, 6 now"):
        runs.create("forecasting", replace(config, horizon=6))


def test_rows_without_timestamps_get_no_calendar(tmp_path):
    data = tmp_path / "data.csv"
    pd.DataFrame({"y": np.arange(100.0) % 7}).to_csv(data, index=False)
    config = Config(data=str(data), frequency="D", target="y")
    decided = series_data.prepare(config, Run(tmp_path / "run", "forecasting", config))
    assert (decided.calendar, decided.season, decided.time) == ("", 7, "")


def test_only_what_the_data_decides_is_said():
    """A centre on the mean is that of every model."""
    given = Config(data="load.csv", model="linear")
    assert open_options.said(given, replace(given, center="mean", season=7)) == "--season 7"
    assert open_options.said(given, replace(given, center="season", season=7)) == "--season 7 --center season"
