"""Baselines of a prepared run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.forecasting import series_data, task
from pipelines.forecasting.baselines import window_baselines
from pipelines.forecasting.window_forecasts import last_values
from pipelines.runs import Run, settings
from pipelines.sources.tables import time_grid
from tfmodels.metrics.window_rows import Frame, Places, WindowRows

HORIZON = 6


def table(steps=200):
    """Two series with covariates, whose time stamps have gaps."""
    random = np.random.default_rng(0)
    frames = []
    for name, level in (("north", 1.0), ("south", 50.0)):
        hours = pd.date_range("2024-03-01", periods=steps, freq="h")
        columns = {name: random.normal(size=steps).round(3) for name in ("load", "wind", "plan")}
        frames.append(pd.DataFrame({"hour": hours, "site": name, **columns}))
        frames[-1]["load"] += level
    return pd.concat(frames)


def prepared(folder, frame, **options):
    folder.mkdir()
    frame.to_csv(folder / "load.csv", index=False)
    config = task.Config(
        data=str(folder / "load.csv"), time="hour", target="load", series="site", past="wind", known="plan",
        context=30, horizon=HORIZON, **options,
    )  # fmt: skip
    run = Run(folder / "run", "forecasting", config)
    return replace(run, config=task.prepare(config, run))


@pytest.fixture(scope="module")
def run(two_replicas, tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("baselines") / "regular", table())


def rows(run, number):
    """What trees read of a window of the test split, and the place of its first step in its series."""
    windows = series_data.windows(run.config, run, "test")
    seen = window_baselines._read(series_data.inputs(run), windows, np.array([number])).seen
    places = Places(*(index.ravel() for index in np.indices((1, HORIZON, 1))))
    frame = Frame(np.zeros([1, 1, 1]), np.ones([1, 1, 1]))
    read = WindowRows(seen, (24,), frame, frame).read(places)
    return np.nan_to_num(read, nan=-1e9), int(windows.locate(np.array([number]))[1][0])


@pytest.mark.parametrize("frequency", ["h", "irregular"])
def test_rows_hold_nothing_of_the_time_after_the_origin(frequency, run, tmp_path):
    before = prepared(tmp_path / "before", table(), frequency=frequency)
    expected, origin = rows(before, 1)
    later, earlier = table(), table()
    where = np.arange(200) >= origin
    later.iloc[np.flatnonzero(np.tile(where, 2)), [2, 3]] += 7  # load and wind; plan is known
    if frequency == "irregular":
        moved = pd.to_datetime(later["hour"]).to_numpy() + np.tile(where, 2) * np.timedelta64(9, "D")
        later["hour"] = moved
    found, _ = rows(prepared(tmp_path / "later", later, frequency=frequency), 1)
    np.testing.assert_array_equal(found, expected)
    for column in (2, 3):
        changed = earlier.copy()
        changed.iloc[origin - 1, column] += 7
        found, _ = rows(prepared(tmp_path / f"earlier{column}", changed, frequency=frequency), 1)
        assert (found != expected).any(axis=1).all()


def test_fast_leaves_trees_out_and_may_be_chosen_after_training(run):
    windows = series_data.windows(run.config, run, "test")
    fast = settings.changed(run.config, ["--baselines", "fast"])
    found = window_baselines.forecasts(run.config, run, windows)
    assert found.keys() - window_baselines.forecasts(fast, run, windows).keys() == {window_baselines.TREES}
    assert found[window_baselines.TREES].shape == (len(windows), HORIZON, 1)
    assert np.isfinite(found[window_baselines.TREES]).all()
    assert settings.replaced(run.config, {"baselines": "fast"}) == fast


def test_directions_have_trees(run):
    config = replace(run.config, head="direction", center="last")
    windows = series_data.windows(config, run, "test")
    last = last_values(windows.read(np.arange(len(windows)))["values"])
    found = window_baselines.changes(config, run, windows, last)
    assert found[window_baselines.TREES].shape == found["ridge"].shape
    assert window_baselines.TREES not in window_baselines.changes(replace(config, baselines="fast"), run, windows, last)


def test_windows_of_training_are_issued_as_those_to_forecast(run):
    config = replace(run.config, issue="05:00", stride=24)
    windows = series_data.windows(config, run, "train")
    clock = series_data.inputs(run).grid.clock
    numbers, recent = window_baselines._train_windows(config, windows, clock)
    assert set(windows.read(numbers)["time"][:, config.context - 1] % clock.day) == {5 * 3600}
    assert 0 < recent.sum() < len(recent) / 2


@pytest.mark.parametrize(
    ("season", "frequency", "context", "expected"),
    [
        (24, "h", 400, (24,)),  # the week is seven seasons
        (4, "15min", 700, (4, 96, 672)),
        (4, "15min", 300, (4, 96)),
        (1, "D", 30, (1,)),
    ],
)
def test_seasons_are_those_that_the_context_holds(season, frequency, context, expected):
    assert window_baselines._seasons(season, time_grid.grid_of(frequency), context) == expected
