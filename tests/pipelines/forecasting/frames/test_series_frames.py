"""Frames of series are read as a file of the same content is, whatever holds them in Python."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import pipelines
import tfmodels
from pipelines import runs
from pipelines.forecasting import series_files
from pipelines.forecasting.frames import forecast_tables
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times.time_form import TimeForm
from tfmodels import export
from tfmodels.export.graph.field import Field

CONTEXT, HORIZON, LEVELS = 4, 2, (0.5,)
FIELDS = {
    "values": Field("values", "float64", (None, CONTEXT, 1)),
    "time": Field("time", "int64", (None, CONTEXT)),
}
OUTPUTS = {name: Field(name, "float64", None) for name in ("mean", "quantiles", "time")}


def forecaster(columns=None, form=None, **table):
    """A model that answers the last value, and as its median the first."""
    columns = columns or Columns(("hour",), ("load",), ("site",))
    sizes = {"context": CONTEXT, "horizon": HORIZON, "levels": LEVELS, "channels": ["load"], "dtype": "float64"}
    reading = Reading(columns, Categories(), form=form or TimeForm(("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")))
    card = {"task": "forecasting", "columns": ["values"], "table": series_files.card(reading, Grid(3600), **sizes)}

    def call(endpoint, /, values, time):
        values, time = np.asarray(values), np.asarray(time)
        ahead = time[:, -1:] + 3600 * np.arange(1, HORIZON + 1)
        mean = np.repeat(values[:, -1:], HORIZON, axis=1)
        return {"mean": mean, "quantiles": np.repeat(values[:, :1], HORIZON, axis=1)[..., None], "time": ahead}

    signature = export.Signature(FIELDS, OUTPUTS)
    card = json.loads(json.dumps(card)) | {"on_bad": "error"} | table
    return pipelines.Predictor(card, {"serving_default": signature, "csv": signature}, call)


def loads(**changes):
    hours = pd.date_range("2024-03-01", periods=5, freq="h")
    frame = pd.DataFrame(
        {"hour": [*hours, *hours], "site": ["b"] * 5 + ["a"] * 5, "load": np.arange(10.0) / 3, "note": [[1]] * 10}
    )
    return frame.assign(**changes)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.set_index("hour"),
        lambda frame: frame.set_index(["site", "hour"]),
        lambda frame: frame.set_index(["site", "hour"]).rename_axis([None, None]),
        lambda frame: frame.set_index("hour").rename_axis(None),
        lambda frame: frame.set_index("hour", drop=False),
        lambda frame: frame.assign(hour=frame["hour"].astype(str)),
        lambda frame: frame.assign(hour=frame["hour"].astype("datetime64[ns]")),
        lambda frame: frame.assign(hour=frame["hour"].astype("timestamp[us][pyarrow]")),
        lambda frame: frame.assign(hour=frame["hour"].astype(object)),
        lambda frame: frame.assign(hour=pd.Series([one.to_datetime64() for one in frame["hour"]], dtype=object)),
        lambda frame: frame.assign(hour=frame["hour"].dt.to_period("h")),
        lambda frame: frame.assign(hour=frame["hour"].dt.to_period("h")).set_index("hour"),
        lambda frame: frame.assign(site=frame["site"].astype("category")),
        lambda frame: frame.assign(site=frame["site"].astype("string[pyarrow]")),
        lambda frame: frame.assign(load=frame["load"].astype("Float64")),
        lambda frame: frame.assign(load=frame["load"].astype(object)),
        lambda frame: frame.assign(load=[np.float64(one) for one in frame["load"]]),
        lambda frame: frame.assign(load=pd.arrays.SparseArray(frame["load"])),
        lambda frame: frame.set_index(pd.Index(range(100, 110))),
        lambda frame: frame.set_axis(list("abcdefghij")),
        lambda frame: frame.assign(**{"7": 1}).rename(columns={"7": 7}),
        lambda frame: pa.Table.from_pandas(frame),
    ],
)
def test_one_content_has_one_forecast(change):
    expected = forecaster().predict(loads())
    found = forecaster().predict(change(loads()))
    found = found.to_pandas() if isinstance(found, pa.Table) else found
    if found.index.names != [None] or found.index.nlevels > 1 or isinstance(found.index, pd.DatetimeIndex):
        names = ["site", "hour"][-found.index.nlevels :]
        found = found.rename_axis(names).reset_index()[list(expected)]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert [str(one) for one in expected["hour"]] == ["2024-03-01 05:00:00", "2024-03-01 06:00:00"] * 2
    assert expected["site"].tolist() == ["b", "b", "a", "a"]
    assert expected["load"].tolist() == [4 / 3, 4 / 3, 3, 3]


def test_what_was_the_index_is_the_index(tmp_path):
    found = forecaster().predict(loads().set_index(["site", "hour"]))
    assert list(found) == ["load", "load_q0.5"] and found.index.names == ["site", "hour"]
    of_one = forecaster(Columns(("hour",), ("load",)))
    series = loads()[:5].set_index("hour")["load"]
    for given in (series, series.rename(None), series.rename_axis(None)):
        answered = of_one.predict(given)
        assert isinstance(answered.index, pd.DatetimeIndex) and answered.index.name == given.index.name
        assert answered["load"].tolist() == [4 / 3] * 2


@pytest.mark.parametrize("kind", ["int64", "Int64", "category", "uint8[pyarrow]"])
def test_ids_keep_their_type(kind):
    frame = loads(site=np.repeat([7, 30], 5))
    found = forecaster().predict(frame.assign(site=frame["site"].astype(kind)))
    assert found["site"].tolist() == [7, 7, 30, 30]


def test_missing_values_of_any_kind_are_missing():
    for missing in (None, np.nan, pd.NA, Decimal("nan")):
        cells = loads()["load"].astype(object)
        cells[[3, 6]] = missing
        assert forecaster().predict(loads(load=cells))["load_q0.5"].iloc[0] == 1 / 3
    decimals = loads(load=[Decimal(number) / 4 for number in range(10)])
    assert forecaster().predict(decimals)["load"].tolist() == [1, 1, 2.25, 2.25]


def test_times_are_in_the_zone_of_the_series():
    berlin = TimeForm(("%Y-%m-%dT%H:%M:%S%z",), zone="Europe/Berlin", offsets=True)
    frame = loads(hour=loads()["hour"].dt.tz_localize("Europe/Berlin"))
    found = forecaster(form=berlin).predict(frame)["hour"]
    assert str(found.dt.tz) == "Europe/Berlin" and str(found[0]) == "2024-03-01 05:00:00+01:00"
    utc = forecaster(form=berlin).predict(frame.assign(hour=frame["hour"].dt.tz_convert("UTC")))
    assert utc["hour"].equals(found)
    local = TimeForm(("%Y-%m-%d %H:%M",), zone="Europe/Berlin")
    for given in (frame, loads()):
        assert str(forecaster(form=local).predict(given)["hour"][0]) == "2024-03-01 05:00:00"
    with pytest.raises(ValueError, match="dates without a time zone, as in training"):
        forecaster().predict(frame)


def test_wide_frames_become_long_ones():
    columns = Columns(("hour",), ("a", "b"), layout="columns")
    frame = loads().pivot(index="hour", columns="site", values="load")
    found = forecaster(columns).predict(frame)
    long = forecaster().predict(loads().sort_values(["site", "hour"], kind="stable"))
    assert found["series"].tolist() == long["site"].tolist() and found.index.tolist() == long["hour"].tolist()
    np.testing.assert_array_equal(found[["load", "load_q0.5"]], long[["load", "load_q0.5"]])


def test_dates_beside_times_of_a_day_keep_them():
    hours = [one.to_pydatetime() for one in loads()["hour"]]
    hours[0], hours[5] = hours[0].date(), hours[5].date()
    assert forecaster().predict(loads(hour=pd.Series(hours, dtype=object)))["load"].tolist() == [4 / 3, 4 / 3, 3, 3]


def test_several_columns_of_time_become_one_of_dates():
    form = TimeForm(("%Y-%m-%d\x1f%H",))
    hours = loads()["hour"]
    frame = loads(day=hours.dt.strftime("%Y-%m-%d"), hour=hours.dt.hour)
    found = forecaster(Columns(("day", "hour"), ("load",), ("site",)), form).predict(frame)
    assert list(found)[:2] == ["site", "time"] and str(found["time"][0]) == "2024-03-01 05:00:00"


def test_a_frame_and_a_file_of_parquet_have_the_same_forecasts(tmp_path):
    model = forecaster()
    loads().drop(columns="note").to_parquet(tmp_path / "loads.parquet", index=False)
    rows = series_files.read_requests(tmp_path / "loads.parquet", model.card["table"])
    card = model.card["table"]
    card["columns"]["time_form"]["formats"] = ["typed"]
    forecast_tables.write_answers(tmp_path / "out.parquet", rows, model.predict(rows), card)
    found = forecaster().predict(loads())
    pd.testing.assert_frame_equal(found, pd.read_parquet(tmp_path / "out.parquet"), check_dtype=False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (loads(load=["1"] * 4 + ["x"] * 6), r"numbers in column 'load'.*'x' in the frame, row 5"),
        (loads(hour=[None, *loads()["hour"][1:]]), r"timestamp in each row.*the frame, row 1"),
        (loads(site=[*["b"] * 5, None, *["a"] * 4]), "the frame, row 6"),
        (loads(load=True), "True"),
        (loads(load=[1j] * 10), r"texts, numbers.*'load'.*type complex"),
        (
            loads(load=[object()] * 10),
            r"texts, numbers.*column 'load'; leave it out.*of type object, row 1 \(index 0\)",
        ),
        (loads().drop(columns="load"), "hour, site, note"),
        (loads().drop(columns="hour"), "hour"),
        (loads().iloc[:0], "rows. Received: the frame without any"),
        (loads(load=np.nan), "history with values"),
        (pd.concat([loads(), loads()["load"]], axis=1), "2 columns 'load'"),
        (
            loads().set_axis(pd.MultiIndex.from_product([["a"], list(loads())]), axis=1),
            "one name each; join the levels",
        ),
        (loads()["load"].to_numpy(), "type ndarray"),
        (loads()["load"], "hour"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_frames_that_cannot_be_read_are_refused_by_row_and_remedy(data, message):
    with pytest.raises(ValueError, match=message) as refused:
        forecaster().predict(data)
    assert "parquet" not in str(refused.value) and "/tmp" not in str(refused.value)


def test_the_class_says_what_to_do_about_faults(capsys):
    model = tfmodels.Forecaster()
    model.run_, model._predictor = runs.Run(Path("load"), "forecasting", None), forecaster()
    faulty = loads(hour=[None, *loads()["hour"][1:]])
    with pytest.raises(ValueError, match="timestamp in each row"):
        model.predict(faulty)
    assert model.predict(faulty, on_bad="drop")["load"].tolist() == [4 / 3, 4 / 3, 3, 3]
    assert "1 times" in capsys.readouterr().err
    with pytest.raises(ValueError, match="on_bad"):
        model.predict(faulty, on_bad="dorp")


def test_other_endpoints_take_rows():
    with pytest.raises(ValueError, match=r"other endpoints take lists of rows.*endpoint='csv'"):
        forecaster().predict(loads(), "csv")
