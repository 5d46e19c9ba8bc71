"""What the terminal shows of forecasts."""

import re
from functools import partial

import numpy as np
import pytest

from pipelines.cli.predicting import printed_answers
from pipelines.forecasting import series_files
from pipelines.forecasting.frames import forecast_tables
from pipelines.sources.files import row_files
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times.time_form import TimeForm

CHANNELS, HORIZON = ["load", "price"], 2


def table(levels=(0.1, 0.5, 0.9), channels=CHANNELS, columns=None):
    columns = columns or Columns(("hour",), tuple(channels), ("site",))
    reading = Reading(columns, Categories(), form=TimeForm(("%Y-%m-%d %H:%M",)))
    sizes = {"context": 2, "horizon": HORIZON, "levels": list(levels), "channels": channels, "dtype": "float64"}
    return series_files.card(reading, Grid(3600), **sizes)


def answered(channels=2, levels=3):
    shape = [HORIZON, channels]
    mean = np.arange(1.0, 1 + HORIZON * channels).reshape(shape)
    quantiles = mean[..., np.newaxis] + np.arange(levels) / 8
    output = {"mean": mean.tolist(), "quantiles": quantiles.tolist(), "time": [0, 3600]}
    rows = [{"series": name, "values": np.ones([4, channels])} for name in ("north", "south")]
    return rows, [output, output]


def test_what_is_shown_is_what_the_file_has(tmp_path):
    rows, outputs = answered()
    about, names, shown = forecast_tables.shown(rows, outputs, table())
    assert (about, names) == (2, ["site", "channel", "hour", "median", "q0.1", "q0.9"])
    forecast_tables.write_answers(tmp_path / "f.csv", rows, outputs, table())
    read = row_files.read(tmp_path / "f.csv")
    in_file = [dict(zip(read.names, cells, strict=True)) for _, cells in read.rows]
    expected = [
        [row["site"], channel, row["hour"], *(row[f"{channel}_q{level}"] for level in (0.5, 0.1, 0.9))]
        for site in ("north", "south") for channel in CHANNELS for row in in_file if row["site"] == site
    ]  # fmt: skip
    assert shown == expected


@pytest.mark.parametrize(
    ("levels", "columns"), [((), ["mean"]), ((0.5,), ["median"]), ((0.25, 0.75), ["mean", "q0.25", "q0.75"])]
)
def test_models_of_other_levels(levels, columns):
    rows, outputs = answered(1, len(levels))
    assert forecast_tables.shown(rows, outputs, table(levels, ["load"]))[:2] == (1, ["site", "hour", *columns])


def test_one_series_without_times_and_a_direction():
    columns = Columns((), ("load",))
    rows, outputs = [{"series": "", "values": np.ones([4, 1])}], [{"up": [[0.25], [0.5]], "time": [1, 2]}]
    assert forecast_tables.shown(rows, outputs, table(channels=["load"], columns=columns)) == (
        0, ["step", "up"], [[1, "0.25"], [2, "0.5"]],
    )  # fmt: skip


def test_a_pipe_gets_tabs_and_a_terminal_a_table_of_each_series(capsys, monkeypatch):
    about, names, shown = forecast_tables.shown(*answered(1), table(channels=["load"]))
    printed_answers.groups(about, names, shown)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["site\thour\tmedian\tq0.1\tq0.9", "north\t1970-01-01 00:00\t1.125\t1\t1.25"]
    assert len(lines) == 1 + 2 * HORIZON
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    printed_answers.groups(about, names, shown)
    printed = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    assert printed.count("1970-01-01 01:00") == 2 and printed.startswith("\nnorth\n")
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("lie", [{"levels": []}, {"levels": (0.5,)}, {"channels": []}, {"channels": ["a", "b", "c"]}])
def test_a_card_of_another_model_is_refused(lie, tmp_path):
    rows, outputs = answered()
    for write in (forecast_tables.answer_frame, partial(forecast_tables.write_answers, tmp_path / "out.csv")):
        with pytest.raises(ValueError, match=r"numbers in each step of a forecast, by `channels` and `levels`"):
            write(rows, outputs, table(**lie))
