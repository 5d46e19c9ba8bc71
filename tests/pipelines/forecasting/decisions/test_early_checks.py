import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.forecasting import series_data
from pipelines.forecasting.decisions import early_checks
from pipelines.forecasting.task import Config
from pipelines.runs import Run
from pipelines.sources.tables import time_splits
from tfmodels.models.forecasters.linear_options import LinearForecasterOptions

STEPS = LinearForecasterOptions(decoder="steps")
OPTIONS = {"time": "day", "target": "y", "model": "linear", "context": 14, "horizon": 5, "calendar": "", "stride": 1}


def wave(steps=100):
    return 10 + np.sin(np.arange(steps)) + 0.01 * np.arange(steps)


def table(values, name):
    values = np.asarray(values)
    days = pd.date_range("2024-01-01", periods=len(values)).strftime("%Y-%m-%d")
    return pd.DataFrame({"day": days, "y": values, "site": name})


@pytest.fixture
def check(tmp_path):
    """Prepares a run of a table of series by name, and checks it."""

    def of(series, **options):
        data = tmp_path / "data.csv"
        pd.concat([table(values, name) for name, values in series.items()]).to_csv(data, index=False)
        config = Config(data=str(data), **OPTIONS | {"series": "site"} | options)
        run = Run(Path(tmp_path / "run"), "forecasting", config)
        series_data.prepare(config, run)
        return early_checks.check(config, run)

    return of


def outage(start, stop):
    values = wave()
    values[start:stop] = np.nan
    return values


def test_nothing_is_said_of_good_data(check):
    assert check({"a": wave(), "b": wave() + 3}, center="training", linear=STEPS) == []


def test_a_decoder_that_shall_not_look_back_is_no_fault(check):
    options = LinearForecasterOptions(decoder="steps", seasonal_attention=False)
    assert check({"a": wave()}, season=15, linear=options) == []


@pytest.mark.parametrize(("start", "stop"), [(70, 80), (60, 85), (65, 100)])
def test_an_outage_over_the_validation_part_is_refused_with_a_split_that_has_values(check, start, stop):
    values = outage(start, stop)
    with pytest.raises(ValueError, match=r"values to compare.*validation part.*10 steps from 2024-03-11") as error:
        check({"a": values})
    split = str(error.value).rpartition("--split ")[2].rstrip(".")
    edges = (0, *time_splits.bounds(split, np.arange(100)))
    assert all(np.isfinite(values[first:last]).any() for first, last in itertools.pairwise(edges))
    first, last = np.array(["2024-01-01"], "M8[D]") + np.array([start, stop - 1])
    assert f"the outage is {stop - start} steps from {first} to {last}" in str(error.value)


def test_an_outage_in_one_of_two_series_is_no_fault(check):
    assert check({"a": outage(65, 85), "b": wave()}) == []


def test_a_forecast_that_is_never_issued_is_refused(check):
    with pytest.raises(ValueError, match=r"validation part.*issue='05:30'"):
        check({"a": wave()}, issue="05:30")


@pytest.mark.parametrize(
    ("series", "options", "said"),
    [
        ({"a": wave()}, {"stride": 0, "split": "0.8,0.06,0.14"}, "1 forecast to validate on.*--stride 1 makes 2"),
        ({"a": wave()}, {"split": "0.8,0.05,0.15"}, r"1 forecast to validate on.*\(--split\)"),
        ({"a": outage(80, 100)}, {}, "test part .*--split 0.6,0.1,0.3"),
        ({"a": wave()}, {"split": "0.8,0.2,0"}, "no forecast of the test part"),
        ({"a": np.r_[wave(70), np.full(10, 7.0), wave(20)]}, {}, r"constant in 1 of 1 series \(a\)"),
        ({"a": wave()}, {"context": 71}, "context of 71 steps is longer .* 70 steps"),
        ({"a": np.tile(np.arange(7.0), 15)}, {}, "MASE has no unit in 1 of 1 series"),
        ({"a": wave(), "b": wave()}, {"season": 90}, "MASE has no unit in 2 of 2 series .*90 steps"),
        ({"a": np.tile(np.arange(7.0), 15)}, {"unit": "season"}, "units of their standard deviation"),
        (
            {"a": wave(), "b": 100 * wave(), "c": 90 * wave()},
            {"center": "training"},
            r"1 of 3 \(a\) vary by less",
        ),
        ({"a": wave()}, {"linear": STEPS, "season": 15}, "no earlier seasons: .* 15 steps.*--context 30"),
        ({"a": wave()}, {"linear": STEPS, "season": 1}, "no earlier seasons: .*--season"),
        ({"a": wave()}, {"linear": STEPS, "frequency": "irregular"}, "no earlier seasons: irregular"),
        ({"a": wave()}, {"linear": STEPS, "head": "direction"}, "no earlier seasons: the probability"),
    ],
)
def test_what_is_doubtful_is_said_with_what_would_help(check, series, options, said):
    notes = check(series, **options)
    assert any(re.search(said, note) for note in notes), notes
