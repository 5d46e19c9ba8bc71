import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.forecasting import series_files, task
from pipelines.forecasting.frames import forecast_tables
from pipelines.runs.rows import table_card
from pipelines.sources.faults import collect_faults
from pipelines.sources.files import dialect
from pipelines.sources.tables import table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times.time_form import TimeForm

HOURS = pd.date_range("2024-01-01", periods=9, freq="h")
COLUMNS = Columns(("hour",), ("load",), ("site",), known=("holiday",), static=("kind",))
CATEGORIES = Categories({"holiday": ["closed"], "kind": ["home", "office"]}, blank=("holiday",))
CONTEXT, HORIZON = 4, 2
FORM = TimeForm(("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"))
LEVELS = (0.1, 0.5, 0.9)


def card(columns=COLUMNS, channels=("load",)):
    sizes = {"context": CONTEXT, "horizon": HORIZON, "levels": LEVELS, "channels": list(channels)}
    return series_files.card(Reading(columns, CATEGORIES, form=FORM), Grid(3600), **sizes)


def table(folder, **changes):
    load = [1, 2, np.nan, 4, 5, 6, 7, np.nan, np.nan]
    frame = {
        "hour": HOURS,
        "site": "north",
        "holiday": ["closed", None] * 4 + ["closed"],
        "kind": "office",
        "load": load,
    }
    path = folder / "history.csv"
    pd.DataFrame(frame | changes).to_csv(path, index=False)
    return path


def test_a_history_ends_with_its_last_value_and_what_is_known_goes_on(tmp_path):
    (row,) = series_files.read_requests(table(tmp_path), card())
    assert row["series"] == "north"
    assert row["values"][:, 0].tolist() == [4, 5, 6, 7]
    assert row["known"][:, 0].tolist() == [0, 1, 0, 1, 0, 1]
    assert row["static"].tolist() == [0, 1]
    np.testing.assert_array_equal(row["time"], HOURS[3:7].astype("datetime64[s]").astype(np.int64))


def test_times_that_the_model_was_not_made_for_are_said(tmp_path, capsys):
    series_files.read_requests(table(tmp_path), card() | {"holidays": {"DE": [2024, 2030]}, "issued": "06:00"})
    said = capsys.readouterr().err
    assert "holidays" not in said and "histories" not in said
    series_files.read_requests(table(tmp_path), card() | {"holidays": {"DE": [2025, 2030]}, "issued": "00:00"})
    said = capsys.readouterr().err
    assert "holidays of DE from 2025 to 2030 only" in said and "1 of 1 histories do not end at 00:00" in said


def test_a_short_history_is_padded_on_the_left(tmp_path):
    path = table(tmp_path, load=[np.nan] * 2 + [1, np.nan, 3] + [np.nan] * 4)
    pd.read_csv(path).iloc[2:].to_csv(path, index=False)
    (row,) = series_files.read_requests(path, card())
    np.testing.assert_array_equal(row["values"][:, 0], [np.nan, 1, np.nan, 3])
    assert row["time"][0] == 0 and row["known"].shape == (CONTEXT + HORIZON, 1)
    assert np.isnan(row["known"][0])


def test_known_covariates_must_reach_the_horizon(tmp_path, capsys):
    path = table(tmp_path, load=[1, 2, 3, 4, 5, 6, 7, 8, np.nan])
    with pytest.raises(ValueError, match=r"2 steps after the last value.*1 in series 'north'.*2024-01-01 07:00"):
        series_files.read_requests(path, card() | {"on_bad": "error"})
    (row,) = series_files.read_requests(path, card() | {"on_bad": "warn"})
    assert "1 in series 'north'" in capsys.readouterr().err
    np.testing.assert_array_equal(row["known"][:, 0], [1, 0, 1, 0, 1, np.nan])
    holes = table(tmp_path, holiday=[*["closed"] * 7, None, None])
    filled = card() | {"columns": card()["columns"] | {"blank": []}}
    with pytest.raises(
        ValueError, match=r"2 steps after the last value.*'holiday' at 2024-01-01 07.*'north' and 1 more"
    ):
        series_files.read_requests(holes, filled | {"on_bad": "error"})
    with pytest.raises(ValueError, match="each known covariate"):  # what `predict --on_bad` says comes before the rest
        task.requests(holes, {"table": filled | {"on_bad": "warn"}, "on_bad": "error"})
    (row,) = task.requests(holes, {"table": filled | {"on_bad": "warn"}})
    assert "each known covariate for 2 steps after" in capsys.readouterr().err
    assert np.isnan(row["known"][-2:]).all() and row["known"][:-2, 0].tolist() == [1] * 4
    assert series_files.read_requests(holes, card() | {"on_bad": "error"})[0]["known"][-2:, 0].tolist() == [0, 0]
    daily = filled | {"daily": ["holiday"], "on_bad": "error"}  # said once a day is enough
    assert np.isnan(series_files.read_requests(holes, daily)[0]["known"][-2:]).all()
    holes = table(
        tmp_path, holiday=[*["closed"] * 7, None, None], hour=HOURS + pd.Timedelta("17h")
    )  # ahead is a new day
    with pytest.raises(ValueError, match="'holiday' at 2024-01-02 00"):
        series_files.read_requests(holes, daily)
    with pytest.raises(ValueError, match="history with values"):
        series_files.read_requests(table(tmp_path, load=np.nan), card())


@pytest.mark.parametrize("name", ["forecast.csv", "forecast.csv.gz", "forecast.parquet"])
def test_forecasts_are_a_table_of_every_series_and_step(tmp_path, name):
    rows = [{"series": "north"}, {"series": "south"}]
    outputs = [
        {"time": [3600, 7200], "mean": [[site], [site + 1]], "quantiles": [[[0, 1, 2]], [[3, 4, 5]]]}
        for site in (10, 20)
    ]
    path = tmp_path / name
    forecast_tables.write_answers(path, rows, outputs, card())
    frame = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path, parse_dates=["hour"])
    assert list(frame.columns) == ["site", "hour", "load", "load_q0.1", "load_q0.5", "load_q0.9"]
    assert frame["site"].tolist() == ["north", "north", "south", "south"]
    assert frame["load"].tolist() == [10, 11, 20, 21]
    assert frame["load_q0.9"].tolist() == [2, 5, 2, 5]
    assert str(frame["hour"].iloc[0]) == "1970-01-01 01:00:00"


def test_forecasts_are_written_as_the_data_is_and_read_again(tmp_path):
    (tmp_path / "in.csv").write_text(
        "hour;load\n" + "".join(f"{hour:%d.%m.%Y %H:%M};1,{hour.hour}\n" for hour in HOURS)
    )
    with collect_faults("error") as faults:
        read = table_series.read(tmp_path / "in.csv", Reading(Columns(("hour",), ("load",))), "", faults)
    sizes = {"context": CONTEXT, "horizon": HORIZON, "levels": (0.5,), "channels": ["load"], "dtype": "float64"}
    described = json.loads(json.dumps(series_files.card(read.reading, read.grid, **sizes)))
    (row,) = series_files.read_requests(tmp_path / "in.csv", described)
    time = read.series[0].time[-1] + 3600 * np.arange(1, 3)
    outputs = [{"time": time, "mean": [[1.25], [2.5]], "quantiles": [[[1.125]], [[2.25]]]}]
    forecast_tables.write_answers(tmp_path / "out.csv", [row], outputs, described)
    first = (tmp_path / "out.csv").read_text().splitlines()[:2]
    assert first == ["hour;load;load_q0.5", "01.01.2024 09:00;1,25;1,125"]
    (again,) = series_files.read_requests(tmp_path / "out.csv", described)
    np.testing.assert_array_equal(again["values"][-2:, 0], [1.25, 2.5])


def test_marks_that_training_did_not_show_are_said(tmp_path, capsys):
    whole = table(tmp_path, load=["1", "2", "3", "4", "5", "6", "7", "", ""])
    described = card() | {"columns": card()["columns"] | {"dialect": dialect.to_dict(dialect.Dialect("parquet", ""))}}
    series_files.read_requests(whole, described)
    assert capsys.readouterr().err == ""
    thirds = table(tmp_path, load=["1.234", "2.345", "3", "4", "5", "6", "7", "", ""])
    (row,) = series_files.read_requests(thirds, described)
    assert "shows no marks of numbers" in (said := capsys.readouterr().err) and "decimal `.`" in said
    assert row["values"][:, 0].tolist() == [4, 5, 6, 7]


def test_a_single_series_has_no_name_and_every_channel_its_columns(tmp_path):
    columns = Columns(("hour",), ("load", "heat"))
    outputs = [{"time": [0, 3600], "mean": [[1, 2], [3, 4]], "quantiles": [[[1] * 3, [2] * 3]] * 2}]
    forecast_tables.write_answers(Path(tmp_path / "a.csv"), [{"series": ""}], outputs, card(columns, ("load", "heat")))
    frame = pd.read_csv(tmp_path / "a.csv")
    assert list(frame.columns)[:2] == ["hour", "load"] and "site" not in frame
    assert frame["heat"].tolist() == [2, 4] and frame["heat_q0.1"].tolist() == [2, 2]


def forecast(tmp_path, names, columns, channels=("load",), old=False):
    described = card(columns, channels)
    if old:
        described["columns"] = {key: of for key, of in described["columns"].items() if key not in ("numbers", "blank")}
    rows = [{"series": name} for name in names]
    outputs = [{"time": [0], "mean": [[1]], "quantiles": [[[1] * 3]]}] * len(rows)
    forecast_tables.write_answers(tmp_path / "a.csv", rows, outputs, described)
    return pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)


def test_each_column_that_names_a_series_is_written_as_it_was(tmp_path):
    frame = forecast(tmp_path, ["0012"], Columns(("hour",), ("load",), ("site",)))
    assert frame[["site"]].to_numpy().tolist() == [["0012"]]
    frame = forecast(tmp_path, [r"a\/b/NA", r"a/b\/NA"], Columns(("hour",), ("load",), ("site", "shop")))
    assert frame[["site", "shop"]].to_numpy().tolist() == [["a/b", "NA"], ["a", "b/NA"]]
    frame = forecast(tmp_path, ["north/load"], Columns(("hour",), ("load",), ("site",), layout="columns"), ["value"])
    assert frame[["site", "series"]].to_numpy().tolist() == [["north", "load"]]
    frame = forecast(tmp_path, ["a/b"], Columns(("hour",), ("load",), ("site", "shop")), old=True)
    assert frame["series"].tolist() == ["a/b"] and "site" not in frame


def test_forecasts_never_have_two_columns_of_one_name():
    with pytest.raises(ValueError, match=r"different names. Received: 'load_q0\.1' twice"):
        forecast_tables.check_names(Columns(("hour",), ("load", "load_q0.1")), ["load", "load_q0.1"], LEVELS)
    with pytest.raises(ValueError, match="'series' twice"):
        forecast_tables.check_names(Columns(("series",), ("load",)), ["load"], LEVELS)
    forecast_tables.check_names(COLUMNS, ["load"], LEVELS)


@pytest.mark.parametrize(
    ("form", "names", "times", "expected"),
    [
        (TimeForm(("%d/%m/%Y\x1f%H.%M",)), ("day", "hour"), ["2024-01-31 18:00"], [["31/01/2024", "18.00"]]),
        (TimeForm(("%Y",), numbers=True), ("year",), ["2024-01-01", "2025-01-01"], [[2024], [2025]]),
        (TimeForm(("%m/%d/%Y",)), ("day",), ["2024-12-31"], [["12/31/2024"]]),
        (TimeForm(("%Y-%m-%dT%H:%M%:z",), zone="Europe/Berlin", offsets=True), ("ts",), ["2024-03-30 23:00",
         "2024-03-31 22:00"], [["2024-03-31T00:00+01:00"], ["2024-04-01T00:00+02:00"]]),
        (TimeForm(("%Y-%m-%d %H:%M",), midnight_24=True), ("ts",), ["2024-01-02"], [["2024-01-01 24:00"]]),
        (TimeForm(("ms",), "ms", numbers=True), ("ts",), ["1970-01-01 00:00:00.250"], [[250]]),
    ],
)  # fmt: skip
def test_forecasts_continue_the_table_as_it_is_written(tmp_path, form, names, times, expected):
    time = np.array(times, f"datetime64[{form.unit}]").astype(np.int64)
    outputs = [{"time": time, "mean": [[1]] * len(time), "quantiles": [[[1] * 3]] * len(time)}]
    sizes = {"context": CONTEXT, "horizon": HORIZON, "levels": LEVELS, "channels": ["load"]}
    content = json.loads(json.dumps(series_files.card(Reading(Columns(names, ("load",)), form=form), Grid(1), **sizes)))
    forecast_tables.write_answers(tmp_path / "a.jsonl", [{"series": ""}], outputs, content)
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [[row[name] for name in names] for row in rows] == expected


def test_rows_without_times_get_steps_and_no_dates(tmp_path):
    outputs = [{"time": [3600, 7200], "mean": [[1], [3]], "quantiles": [[[1] * 3], [[2] * 3]]}]
    content = card(Columns(target=("load",)))
    forecast_tables.write_answers(tmp_path / "a.csv", [{"series": ""}], outputs, content)
    assert pd.read_csv(tmp_path / "a.csv")["step"].tolist() == [1, 2]
    del content["columns"]["numbers"]  # a card of an earlier version
    forecast_tables.write_answers(tmp_path / "a.csv", [{"series": ""}], outputs, content)
    assert pd.read_csv(tmp_path / "a.csv")["time"].tolist() == ["1970-01-01 01:00:00", "1970-01-01 02:00:00"]


def test_an_hour_that_occurs_twice_is_decided_as_in_training_or_by_predict(tmp_path):
    """A history that begins in the repeated hour: only an option tells which of the two is meant."""
    history = pd.DataFrame({"hour": ["2022-10-30 02:00", "2022-10-30 03:00"], "load": [1, 2]})
    history.to_csv(tmp_path / "history.csv", index=False)
    times = {}
    for trained in ("", "earlier", "later"):
        form = TimeForm(("%Y-%m-%d %H:%M",), zone="Europe/Berlin", ambiguous=trained)
        sizes = {"context": 4, "horizon": 2, "levels": LEVELS, "channels": ["load"], "on_bad": "error"}
        made = series_files.card(Reading(Columns(("hour",), ("load",)), Categories(), form=form), Grid(3600), **sizes)
        for given in ("", "earlier", "later"):
            content = {"table": made, **({"ambiguous": given} if given else {})}
            if not given and not trained:
                with pytest.raises(ValueError, match="--ambiguous earlier or later"):
                    task.requests(tmp_path / "history.csv", content)
                continue
            (row,) = task.requests(tmp_path / "history.csv", content)
            times.setdefault(given or trained, set()).add(tuple(np.trim_zeros(row["time"]).tolist()))
    assert all(len(found) == 1 for found in times.values())
    (earlier,), (later,) = times["earlier"], times["later"]
    assert (earlier[-1], earlier[0]) == (later[-1], later[0] - 3600)


def test_a_series_without_a_name_can_be_named(tmp_path):
    (tmp_path / "sales.csv").write_text("sales\n" + "".join(f"{number}\n" for number in range(9)))
    reading = Reading(Columns((), ("sales",)), Categories())
    sizes = {"context": 4, "horizon": 2, "levels": [0.5], "channels": ["sales"], "dtype": "float64"}
    plain = series_files.card(reading, Grid(86400), **sizes)
    named = json.loads(json.dumps(plain | {"series_name": "shop"}))
    assert table_card.table_of({"table": named})["series_name"] == "shop"
    rows = series_files.read_requests(tmp_path / "sales.csv", named)
    assert [row["series"] for row in rows] == ["shop"]
    assert [row["series"] for row in series_files.read_requests(tmp_path / "sales.csv", plain)] == [""]
    output = {"mean": [[1.0], [2.0]], "quantiles": [[[1.0]], [[2.0]]], "time": [9, 10]}
    assert forecast_tables.shown(rows, [output], named)[1:] == (
        ["series", "step", "median"], [["shop", 1, "1"], ["shop", 2, "2"]],
    )  # fmt: skip
    (tmp_path / "shops.csv").write_text("shop,sales\n" + "".join(f"a,{number}\n" for number in range(9)))
    several = series_files.card(Reading(Columns((), ("sales",), ("shop",)), Categories()), Grid(86400), **sizes)
    with pytest.raises(ValueError, match=r"series_name.*left out, since the series have names: a"):
        series_files.read_requests(tmp_path / "shops.csv", several | {"series_name": "b"})
