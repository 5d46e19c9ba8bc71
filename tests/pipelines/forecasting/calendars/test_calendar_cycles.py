"""How many harmonics a grid carries, against the rank of the features over whole cycles."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from pipelines.forecasting import series_data
from pipelines.forecasting.calendars import calendar_cycles
from pipelines.forecasting.task import Config
from pipelines.runs import Run
from pipelines.sources.tables import time_grid
from tfmodels.checked_options import OptionError
from tfmodels.preprocessing import calendar_features


@pytest.mark.parametrize(
    ("frequency", "name", "most"),
    [
        ("h", "hour_of_day", 12),
        ("h", "day_of_week", 84),
        ("15min", "minute_of_hour", 2),
        ("5h", "hour_of_day", 2),
        ("D", "day_of_week", 3),
        ("D", "hour_of_day", 1),
        ("D", "day_of_month", 14),
        ("B", "day_of_week", 2),
        ("W", "day_of_year", 26),
        ("MS", "month_of_year", 6),
        ("QS", "month_of_year", 2),
        ("YS", "month_of_year", 1),
        ("MS", "day_of_week", 1),
    ],
)
def test_a_grid_carries_two_steps_a_harmonic(frequency, name, most):
    grid = time_grid.grid_of(frequency)
    assert calendar_cycles.most_harmonics(grid, name) == most
    calendar_cycles.check([calendar_cycles.written(name, most), "month_end:3"], grid)
    with pytest.raises(OptionError, match=f"at most {calendar_cycles.written(name, most)} of .*{name}:{most + 1}'"):
        calendar_cycles.check([f"{name}:{most + 1}"], grid)


@pytest.mark.parametrize(("step", "name", "cycle"), [(3600, "hour_of_day", 86_400), (86_400, "day_of_week", 604_800)])
def test_the_next_harmonic_is_the_image_of_a_lower_one(step, name, cycle):
    most = calendar_cycles.most_harmonics(time_grid.Grid(step), name)
    time = tf.constant(345_600 + step * np.arange(3 * cycle // step))
    ranks = [np.linalg.matrix_rank(calendar_features(time, [f"{name}:{n}"]), tol=1e-2) for n in (most, most + 1)]
    assert ranks[0] == cycle // step - 1  # all but the constant
    assert ranks[1] <= cycle // step


def test_what_the_data_cannot_carry_is_refused_before_training(tmp_path):
    data = tmp_path / "data.csv"
    pd.DataFrame({"day": pd.date_range("2020-01-01", periods=99), "y": np.arange(99.0) % 7, "fair": 0}).to_csv(
        data, index=False
    )
    for options, message in (
        ({"calendar": "day_of_week:4"}, "day_of_week:3 of daily steps"),
        ({"calendar": "month_end,month_end:2"}, "once"),
        ({"known": "fair", "daily": "fair"}, "daily to be left out with daily steps"),
    ):
        config = Config(data=str(data), target="y", **options)
        with pytest.raises(OptionError, match=message):
            series_data.prepare(config, Run(tmp_path / "run", "forecasting", config))
